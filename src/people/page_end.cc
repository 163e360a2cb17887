// Tested by page_end_test.cc.
#include "people/page_end.h"

#include <span>
#include <string>

#include "base/id.h"
#include "base/text.h"

namespace facepipe::people {

faces::Cursor PageEnd::text(std::string_view list) const {
  std::string text = std::string(list) + std::to_string(place);
  for (const std::uint64_t id : std::span(shown).last(std::min(shown.size(), kShown))) {
    text += ":" + id_text(id);
  }
  return text;
}

Result<PageEnd> PageEnd::read(const faces::PageRequest& page, std::string_view list) {
  if (page.limit < 1 || page.limit > faces::kMaxPage) {
    return Error{ErrorCode::kInvalidArgument,
                 "expected a limit of 1 to " + std::to_string(faces::kMaxPage) + ", got " + std::to_string(page.limit)};
  }
  PageEnd end;
  if (page.after.empty()) {
    return end;
  }
  const Error other{ErrorCode::kInvalidArgument, "this cursor is not of this list"};
  std::string_view text = page.after;
  if (!text.starts_with(list)) {
    return other;
  }
  text.remove_prefix(list.size());
  const auto part = [&text] {
    const std::string_view first = text.substr(0, text.find(':'));
    text.remove_prefix(std::min(text.size(), first.size() + 1));
    return first;
  };
  const auto place = parse_number<std::size_t>(part());
  if (!place) {
    return other;
  }
  end.place = *place;
  while (!text.empty()) {
    const auto id = parse_id(part());
    if (!id || end.shown.size() == kShown) {
      return other;
    }
    end.shown.push_back(*id);
  }
  return end;
}

}  // namespace facepipe::people
