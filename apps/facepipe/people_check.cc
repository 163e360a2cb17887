// Tested by tests/e2e/test_decision.py.
#include "people_check.h"

#include <cmath>
#include <string>
#include <string_view>
#include <utility>

#include "base/json_writer.h"
#include "output.h"
#include "recognize/gallery_check.h"

namespace facepipe::app {
namespace {

using recognize::Doubt;
using recognize::DoubtfulPicture;

std::string sentence_of(const DoubtfulPicture& picture, const gallery::Gallery& gallery) {
  const std::string other = picture.other_person ? gallery.people()[*picture.other_person].name : "";
  switch (picture.doubt) {
    case Doubt::kDouble:
      return other.empty() ? "is there already" : "is a picture of " + other + " as well";
    case Doubt::kResembles:
      return "resembles " + other + " more than the person's other pictures";
    case Doubt::kDisagrees:
      return "is unlike all of the person's other pictures";
  }
  return "";
}

void print_json(const DoubtfulPicture& picture, const gallery::Gallery& gallery) {
  JsonWriter json;
  json.begin_object().key("name").string(gallery.people()[picture.person].name);
  json.key("picture")
      .integer(static_cast<std::int64_t>(picture.number))
      .key("doubt")
      .string(recognize::to_string(picture.doubt));
  if (std::isfinite(picture.own_distance)) {
    json.key("own_distance").number(picture.own_distance);
  }
  if (picture.other_person) {
    json.key("other").string(gallery.people()[*picture.other_person].name);
    json.key("other_distance").number(picture.other_distance);
  }
  json.end_object();
  print_line(std::move(json).text());
}

}  // namespace

Result<int> print_doubts(const gallery::Gallery& gallery, const std::optional<recognize::NamingRule>& rule, bool json) {
  FACEPIPE_ASSIGN(const auto doubtful, recognize::check_gallery(gallery, rule));
  for (const DoubtfulPicture& picture : doubtful) {
    if (json) {
      print_json(picture, gallery);
    } else {
      print_line(gallery.people()[picture.person].name + ", picture " + std::to_string(picture.number) + ": " +
                 sentence_of(picture, gallery));
    }
  }
  if (!json) {
    print_line(std::to_string(doubtful.size()) + " of " + std::to_string(gallery.embedding_count()) +
               " pictures are doubtful");
  }
  return doubtful.empty() ? kExitSuccess : kExitFailure;
}

}  // namespace facepipe::app
