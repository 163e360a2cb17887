// Tested by queue_fields_test.cc.
#include "wire/queue_fields.h"

#include <algorithm>

#include "base/hash.h"
#include "base/hex.h"
#include "base/text.h"
#include "queue/validation.h"

namespace facepipe::wire {
namespace {

constexpr std::size_t kMaxTraceHeaderBytes = 256;

bool is_group_character(char c) {
  return c > ' ' && c < '\x7f';
}

bool is_control(char c) {
  return (c >= 0 && c < ' ') || c == '\x7f';
}

// "Root=1-5759e988-bd862e3fe1be46a994272793"
bool is_trace_pair(std::string_view pair) {
  const std::size_t equals = pair.find('=');
  return equals != std::string_view::npos && equals > 0 && equals + 1 < pair.size() &&
         std::all_of(pair.begin(), pair.end(), is_group_character);
}

}  // namespace

Status check_camera(std::string_view camera) {
  if (camera.size() > kMaxCameraBytes) {
    return Error{ErrorCode::kInvalidData, "camera has " + std::to_string(camera.size()) + " bytes; expected at most " +
                                              std::to_string(kMaxCameraBytes)};
  }
  if (std::any_of(camera.begin(), camera.end(), is_control)) {
    return Error{ErrorCode::kInvalidData, "camera: expected text without control characters"};
  }
  if (!is_utf8(camera)) {
    return Error{ErrorCode::kInvalidData, "camera: expected UTF-8"};
  }
  return {};
}

std::string camera_group(std::string_view camera) {
  // What does not fit is longer still when encoded.
  const std::string group = percent_encode(camera.substr(0, queue::kMaxIdLength + 1),
                                           [](char c) { return is_group_character(c) && c != '%'; });
  return group.size() <= queue::kMaxIdLength ? group : "sha256-" + sha256_hex(as_bytes(camera));
}

std::string group_or_digest(std::string_view group, std::string_view instead) {
  const bool usable = !group.empty() && group.size() <= queue::kMaxIdLength &&
                      std::all_of(group.begin(), group.end(), is_group_character);
  return usable ? std::string(group) : sha256_hex(as_bytes(instead));
}

std::string usable_trace_header(std::string_view trace_header) {
  if (trace_header.size() > kMaxTraceHeaderBytes) {
    return {};
  }
  for (std::string_view pair : split(trace_header, ';')) {
    while (pair.starts_with(' ')) {
      pair.remove_prefix(1);
    }
    while (pair.ends_with(' ')) {
      pair.remove_suffix(1);
    }
    if (!pair.empty() && !is_trace_pair(pair)) {
      return {};
    }
  }
  return trace_header.find('=') == std::string_view::npos ? std::string() : std::string(trace_header);
}

}  // namespace facepipe::wire
