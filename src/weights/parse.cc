#include "weights/parse.h"

#include <simdjson.h>

namespace facepipe::weights {

std::string quote(std::string_view text) {
  constexpr std::size_t kMaxQuoted = 100;
  std::string result = "'";
  for (const char c : text.substr(0, kMaxQuoted)) {
    result += c >= ' ' && c <= '~' ? c : '?';
  }
  result += text.size() > kMaxQuoted ? "...'" : "'";
  return result;
}

bool is_utf8(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

Status check_name(std::string_view name) {
  if (name.empty() || name.size() > kMaxNameBytes) {
    return invalid_data("a tensor's name of " + std::to_string(name.size()) + " bytes, expected 1 to " +
                        std::to_string(kMaxNameBytes));
  }
  if (name == "__metadata__") {
    return invalid_data("a tensor is named '__metadata__', which is reserved");
  }
  return {};
}

Status check_file_size(ByteView file, const ReadLimits& limits) {
  if (file.size() > limits.max_file_bytes) {
    return too_large("a weights file of " + std::to_string(file.size()) + " bytes, at most " +
                     std::to_string(limits.max_file_bytes) + " are read");
  }
  return {};
}

Result<ByteView> slice(ByteView bytes, std::uint64_t offset, std::uint64_t size, std::string_view what) {
  if (offset > bytes.size() || size > bytes.size() - offset) {
    return invalid_data(std::string(what) + " at byte " + std::to_string(offset) + ", " + std::to_string(size) +
                        " bytes, is outside the file of " + std::to_string(bytes.size()) + " bytes");
  }
  return bytes.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(size));
}

std::string_view ByteReader::line() {
  const std::string_view rest = as_text(bytes_.subspan(position_));
  const std::size_t length = rest.find('\n');
  if (length == std::string_view::npos) {
    overrun_ = true;
    return {};
  }
  position_ += length + 1;
  return rest.substr(0, length);
}

}  // namespace facepipe::weights
