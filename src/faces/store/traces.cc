// Tested by face_store_erase_test.cc
#include "faces/store/traces.h"

#include <algorithm>
#include <cstring>

#include "base/json_writer.h"

namespace facepipe::faces {
namespace {

constexpr std::size_t kLeast = 16;
constexpr std::size_t kTail = 64;

template <typename Number>
Number number_at(const std::byte* bytes) {
  Number number{};
  std::memcpy(&number, bytes, sizeof(number));
  return number;
}

}  // namespace

void Traces::add_name(const std::string& name) {
  if (!name.empty() && names_.insert(name).second) {
    const std::string quoted = json_quote(name);
    const std::string twice = json_quote(quoted);
    forms_.push_back(quoted);
    forms_.push_back(twice.substr(1, twice.size() - 2));
  }
}

void Traces::add_content(ByteView stored) {
  const ByteView end = stored.last(std::min(stored.size(), kTail));
  if (end.size() < kLeast || std::ranges::all_of(end, [&](std::byte byte) { return byte == end.front(); })) {
    return;
  }
  starts_.set(number_at<std::uint16_t>(end.data()));
  contents_[number_at<std::uint64_t>(end.data())].push_back(to_bytes(end));
}

void Traces::add(const Traces& other) {
  for (const std::string& name : other.names_) {
    add_name(name);
  }
  ids_.insert(other.ids_.begin(), other.ids_.end());
  for (const auto& [head, contents] : other.contents_) {
    auto& mine = contents_[head];
    mine.insert(mine.end(), contents.begin(), contents.end());
  }
  starts_ |= other.starts_;
}

bool Traces::are_in(std::string_view json) const {
  const auto is_in = [&](const std::string& text) { return json.find(text) != std::string_view::npos; };
  return std::ranges::any_of(forms_, is_in) || std::ranges::any_of(ids_, is_in);
}

Result<bool> Traces::are_in_file(const sqlite::Database& database) const {
  std::size_t longest = kTail;
  for (const std::string& form : forms_) {
    longest = std::max(longest, form.size());
  }
  bool found = false;
  FACEPIPE_TRY(database.read_file(longest, [&](ByteView block) {
    const std::string_view text = as_text(block);
    found = found || std::ranges::any_of(forms_, [&](const std::string& form) { return text.find(form) != text.npos; });
    if (contents_.empty()) {
      return;
    }
    for (std::size_t at = 0; !found && at + kHead <= block.size(); ++at) {
      const std::byte* here = block.data() + at;
      if (!starts_.test(number_at<std::uint16_t>(here))) {
        continue;
      }
      const auto known = contents_.find(number_at<std::uint64_t>(here));
      found = known != contents_.end() && std::ranges::any_of(known->second, [&](const Bytes& content) {
                return content.size() <= block.size() - at && std::memcmp(here, content.data(), content.size()) == 0;
              });
    }
  }));
  return found;
}

}  // namespace facepipe::faces
