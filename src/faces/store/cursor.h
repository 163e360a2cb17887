// Cursors: where a page ended, as text that names the question it is of.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "faces/face_store.h"

namespace facepipe::faces {

// A question as text: what is asked, and every part of the filter. Equal questions, equal texts.
class Question {
 public:
  explicit Question(std::string_view what) : text_(what) {}
  template <typename Value>
  Question& with(const std::optional<Value>& part) {
    if (!part) {
      return add("-");
    }
    if constexpr (std::is_convertible_v<Value, std::string_view>) {
      return add(std::to_string(std::string_view(*part).size()) + ":" + std::string(*part));
    } else if constexpr (std::is_same_v<Value, Clock::TimePoint>) {
      return add(std::to_string(part->time_since_epoch().count()));
    } else {
      return add(std::to_string(static_cast<std::uint64_t>(*part)));
    }
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  Question& add(const std::string& part) {
    text_ += "," + part;
    return *this;
  }
  std::string text_;
};

// The last row of a page: what the rows are sorted by, and the row's number within that.
struct Place {
  std::int64_t key = 0;
  std::int64_t seq = 0;
};

[[nodiscard]] Cursor to_cursor(const Question& question, const Place& place);
// Nothing for an empty cursor. kInvalidArgument: no cursor, or another question's.
[[nodiscard]] Result<std::optional<Place>> parse_cursor(const Question& question, const Cursor& cursor);
// kInvalidArgument: out of 1..kMaxPage.
[[nodiscard]] Status check_limit(std::size_t limit);

}  // namespace facepipe::faces
