// Tested by face_store_test.cc
#include "faces/store/cursor.h"

#include "base/hash.h"
#include "base/id.h"

namespace facepipe::faces {
namespace {

constexpr std::size_t kPart = 16;  // of id_text

std::uint64_t digest(const Question& question) {
  Xxh64 hash;
  hash.update(as_bytes(question.text()));
  return hash.digest();
}

}  // namespace

Cursor to_cursor(const Question& question, const Place& place) {
  return id_text(digest(question)) + id_text(static_cast<std::uint64_t>(place.key)) +
         id_text(static_cast<std::uint64_t>(place.seq));
}

Result<std::optional<Place>> parse_cursor(const Question& question, const Cursor& cursor) {
  if (cursor.empty()) {
    return std::optional<Place>();
  }
  const std::string_view text = cursor;
  if (text.size() == 3 * kPart) {
    const auto of = parse_id(text.substr(0, kPart));
    const auto key = parse_id(text.substr(kPart, kPart));
    const auto seq = parse_id(text.substr(2 * kPart));
    if (of && key && seq) {
      if (*of != digest(question)) {
        return Error{ErrorCode::kInvalidArgument, "expected a cursor of this question, got another question's"};
      }
      return std::optional(Place{static_cast<std::int64_t>(*key), static_cast<std::int64_t>(*seq)});
    }
  }
  return Error{ErrorCode::kInvalidArgument, "expected a cursor that a page gave, got another text"};
}

Status check_limit(std::size_t limit) {
  if (limit < 1 || limit > kMaxPage) {
    return Error{ErrorCode::kInvalidArgument,
                 "expected a page of 1 to " + std::to_string(kMaxPage) + " records, got " + std::to_string(limit)};
  }
  return {};
}

}  // namespace facepipe::faces
