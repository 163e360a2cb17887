// Subjects and their pictures. Tested by tests/e2e/test_compreface.py with its clients.
#include <algorithm>
#include <set>

#include "base/json_reader.h"
#include "gallery/gallery.h"
#include "gallery/names.h"
#include "serve/compreface/answers.h"
#include "serve/compreface/compreface_api.h"
#include "serve/compreface/image_id.h"

namespace facepipe::serve {
namespace {

using compreface::Code;
using compreface::failure;
using compreface::success;

constexpr double kDefaultPage = 20;
constexpr double kMaxPage = 500;
constexpr double kMaxPages = 1e9;

http::Response no_image() {
  return failure(404, Code::kNoImage, "No image with this id");
}

Result<std::string> subject_of(const http::Request& request) {
  FACEPIPE_ASSIGN(const JsonDocument json, JsonDocument::parse_object(request.body, {.context = "the body"}));
  const auto subject = json["subject"].text();
  return subject ? Result<std::string>(std::string(*subject))
                 : Error{ErrorCode::kInvalidArgument, subject.error().message};
}

}  // namespace

http::Response CompreFaceApi::add_face(Call& call) {
  const std::string subject = call.query("subject");
  if (subject.empty()) {
    return failure(400, Code::kBadValue, "Required parameter 'subject' is not present");
  }
  people::AddOptions options;
  options.min_confidence = static_cast<float>(std::min(call.number("det_prob_threshold").value_or(0), 1.0));
  const Upload upload = read_upload(call);
  if (upload.picture == nullptr) {
    return upload.refusal;
  }
  const people::PictureToAdd to_add{upload.picture->filename, upload.picture->encoded};
  const auto added = parts_.desk.add_pictures(subject, {&to_add, 1}, options, call.who, parts_.limit);
  if (!added) {
    return failure(added.error());
  }
  if (!added->person) {
    return failure(added->pictures.front());
  }
  static_cast<void>(forget(subject));
  JsonWriter json;
  json.begin_object().key("image_id").string(image_id(*added->pictures.front().picture));
  json.key("subject").string(subject).end_object();
  return success(std::move(json), 201);
}

http::Response CompreFaceApi::list_faces(Call& call) {
  const auto page = static_cast<std::size_t>(std::min(call.number("page").value_or(0), kMaxPages));
  const auto size = static_cast<std::size_t>(std::clamp(call.number("size").value_or(kDefaultPage), 1.0, kMaxPage));
  std::optional<gallery::PersonId> person;
  const std::string subject = call.query("subject");
  people::PeopleDesk::PictureRange range;
  if (!subject.empty()) {
    const auto found = parts_.desk.person_id(subject);
    if (!found && !is_empty_subject(subject)) {
      return failure(found.error());
    }
    person = found ? std::optional(*found) : std::nullopt;
  }
  if (subject.empty() || person) {
    auto found = parts_.desk.pictures_from(person, page * size, size);
    if (!found) {
      return failure(found.error());
    }
    range = *std::move(found);
  }
  JsonWriter json;
  json.begin_object().key("faces").begin_array();
  for (const people::PersonPicture& picture : range.pictures) {
    json.begin_object().key("image_id").string(image_id(picture.id)).key("subject").string(picture.name).end_object();
  }
  json.end_array().key("page_number").integer(static_cast<std::int64_t>(page));
  json.key("page_size").integer(static_cast<std::int64_t>(size));
  json.key("total_pages").integer(static_cast<std::int64_t>((range.total + size - 1) / size));
  json.key("total_elements").integer(static_cast<std::int64_t>(range.total)).end_object();
  return success(std::move(json));
}

// A subject without its pictures is a name.
http::Response CompreFaceApi::delete_faces_of(Call& call) {
  const std::string subject = call.query("subject");
  std::vector<std::string> names = {subject};
  if (subject.empty()) {
    const auto everybody = parts_.desk.names();
    if (!everybody) {
      return failure(everybody.error());
    }
    names = *everybody;
  }
  std::size_t deleted = 0;
  for (const std::string& name : names) {
    const auto person = parts_.desk.person(name);
    if (!person && is_empty_subject(name)) {
      continue;
    }
    const auto removed = person ? parts_.desk.remove(person->id, call.who) : Result<people::Changed>(person.error());
    if (!removed) {
      return failure(removed.error());
    }
    deleted += person->pictures;
    remember(name);
  }
  JsonWriter json;
  json.begin_object().key("deleted").integer(static_cast<std::int64_t>(deleted)).end_object();
  return success(std::move(json));
}

Result<CompreFaceApi::Removed> CompreFaceApi::remove_image(const std::string& id, const std::string& who) {
  const auto picture = parse_image_id(id);
  if (!picture) {
    return Error{ErrorCode::kNotFound, "No image with this id"};
  }
  FACEPIPE_ASSIGN(const people::PersonPicture found, parts_.desk.picture(*picture));
  FACEPIPE_TRY(parts_.desk.remove_picture(*picture, who));
  if (!parts_.desk.person_id(found.name)) {  // it was the last one
    remember(found.name);
  }
  return Removed{image_id(*picture), found.name};
}

http::Response CompreFaceApi::delete_face(Call& call) {
  const auto removed = remove_image(call.path.front(), call.who);
  if (!removed) {
    return removed.error().code == ErrorCode::kNotFound ? no_image() : failure(removed.error());
  }
  JsonWriter json;
  json.begin_object().key("image_id").string(removed->image_id).key("subject").string(removed->subject).end_object();
  return success(std::move(json));
}

// Those of a list that are there.
http::Response CompreFaceApi::delete_faces(Call& call) {
  constexpr std::size_t kMost = 10'000;
  const auto document = JsonDocument::parse(call.request.body, {.context = "the body", .max_structure = kMost * 2});
  std::vector<std::string> ids;
  const Status read = document ? document->root().each_item([&](const JsonValue& item) -> Status {
    FACEPIPE_ASSIGN(const std::string_view id, item.string("an image id"));
    ids.emplace_back(id);
    return {};
  })
                               : Status(document.error());
  if (!read) {
    return failure(400, Code::kBadValue, read.error().message);
  }
  JsonWriter json;
  json.begin_array();
  for (const std::string& id : ids) {
    const auto removed = remove_image(id, call.who);
    if (!removed && removed.error().code != ErrorCode::kNotFound) {
      return failure(removed.error());
    }
    if (removed) {
      json.begin_object().key("image_id").string(removed->image_id).key("subject").string(removed->subject);
      json.end_object();
    }
  }
  json.end_array();
  return success(std::move(json));
}

http::Response CompreFaceApi::picture_of(std::string_view id) const {
  const auto picture = parse_image_id(id);
  const auto known = picture ? parts_.desk.picture(*picture) : Result<people::PersonPicture>(Error{});
  const auto crop = known && known->kept ? parts_.desk.picture_crop(*picture) : Result<faces::Crop>(Error{});
  return crop ? http::make_response(200, crop->media_type, std::string(as_text(crop->picture))) : no_image();
}

http::Response CompreFaceApi::face_picture(Call& call) {
  return picture_of(call.path.front());
}

// The largest face of a picture against one that is kept.
http::Response CompreFaceApi::verify_face(Call& call) {
  const auto id = parse_image_id(call.path.front());
  const auto known = id ? parts_.desk.picture(*id) : Result<people::PersonPicture>(Error{});
  const auto crop = known && known->kept ? parts_.desk.picture_crop(*id) : Result<faces::Crop>(Error{});
  if (!crop) {
    return no_image();
  }
  const Upload upload = read_upload(call);
  if (upload.picture == nullptr) {
    return upload.refusal;
  }
  const auto compared = parts_.looker.compare(upload.picture->encoded, crop->picture, parts_.limit);
  if (!compared) {
    return compared.error().code == ErrorCode::kNotFound ? compreface::no_face() : failure(compared.error());
  }
  JsonWriter json;
  json.begin_object().key("result").begin_array().begin_object();
  compreface::write_box(json, compared->first.face);
  json.key("subject").string(known->name).key("similarity");
  json.number(look::likeness(compared->distance, compared->threshold, compared->same));
  json.end_object().end_array().end_object();
  return success(std::move(json));
}

http::Response CompreFaceApi::static_picture(Call& call) {
  return picture_of(call.path.back());
}

http::Response CompreFaceApi::list_subjects(Call&) {
  const auto people = parts_.desk.names();
  if (!people) {
    return failure(people.error());
  }
  std::set<std::string> names(people->begin(), people->end());
  for (const std::string& name : empty_subjects()) {
    names.insert(name);
  }
  JsonWriter json;
  json.begin_object().key("subjects").begin_array();
  for (const std::string& name : names) {
    json.string(name);
  }
  json.end_array().end_object();
  return success(std::move(json));
}

http::Response CompreFaceApi::add_subject(Call& call) {
  const auto subject = subject_of(call.request);
  if (!subject) {
    return failure(400, Code::kBadValue, subject.error().message);
  }
  if (const Status named = gallery::check_new_name(*subject); !named) {
    return failure(400, Code::kBadValue, named.error().message);
  }
  if (parts_.desk.person_id(*subject) || is_empty_subject(*subject)) {
    return failure(400, Code::kSubjectExists, "Subject already exists");
  }
  if (!remember(*subject)) {
    return failure(400, Code::kBadValue, "there are too many subjects without pictures");
  }
  JsonWriter json;
  json.begin_object().key("subject").string(*subject).end_object();
  return success(std::move(json), 201);
}

// To a name that somebody has: the two are one from now on.
http::Response CompreFaceApi::rename_subject(Call& call) {
  const std::string& from = call.path.front();
  const auto to = subject_of(call.request);
  if (!to) {
    return failure(400, Code::kBadValue, to.error().message);
  }
  const auto person = parts_.desk.person_id(from);
  const auto other = parts_.desk.person_id(*to);
  if (person) {
    const auto renamed = other && *other != *person ? parts_.desk.merge(*person, *other, call.who)
                                                    : parts_.desk.rename(*person, *to, call.who);
    if (!renamed) {
      return failure(renamed.error());
    }
    static_cast<void>(forget(*to));
  } else if (const Status named = gallery::check_new_name(*to); !named) {
    return failure(400, Code::kBadValue, named.error().message);
  } else if (!forget(from)) {
    return failure(404, Code::kNoSubject, "Subject not found");
  } else if (!other) {
    remember(*to);
  }
  JsonWriter json;
  json.begin_object().key("updated").boolean(true).end_object();
  return success(std::move(json));
}

http::Response CompreFaceApi::delete_subject(Call& call) {
  const std::string& name = call.path.front();
  const auto person = parts_.desk.person_id(name);
  if (person) {
    if (const auto removed = parts_.desk.remove(*person, call.who); !removed) {
      return failure(removed.error());
    }
  }
  const bool was_empty = forget(name);
  if (!person && !was_empty) {
    return failure(404, Code::kNoSubject, "Subject not found");
  }
  JsonWriter json;
  json.begin_object().key("subject").string(name).end_object();
  return success(std::move(json));
}

http::Response CompreFaceApi::delete_subjects(Call& call) {
  const auto people = parts_.desk.names();
  if (!people) {
    return failure(people.error());
  }
  std::size_t deleted = 0;
  for (const std::string& name : *people) {
    const auto person = parts_.desk.person_id(name);
    if (!person) {
      continue;  // gone meanwhile
    }
    if (const auto removed = parts_.desk.remove(*person, call.who); !removed) {
      return failure(removed.error());
    }
    ++deleted;
  }
  for (const std::string& name : empty_subjects()) {
    deleted += forget(name) ? 1U : 0U;
  }
  JsonWriter json;
  json.begin_object().key("deleted").integer(static_cast<std::int64_t>(deleted)).end_object();
  return success(std::move(json));
}

}  // namespace facepipe::serve
