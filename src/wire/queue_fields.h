// What a sender says that travels beside a message's body: checked before any work is done for it, and brought into the
// form that a queue takes, so that a queue never refuses a frame for them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace facepipe::wire {

// Longest name of a camera, in bytes.
inline constexpr std::size_t kMaxCameraBytes = 256;

// A camera is named as its user likes ("front door", "Tür"): at most kMaxCameraBytes of UTF-8 without control
// characters; empty is no camera and fine. kInvalidData naming the limit.
[[nodiscard]] Status check_camera(std::string_view camera);

// The message group of a camera, for any bytes: at most 128 printable ASCII characters, different names in different
// groups. A name of letters, digits and punctuation (but '%') of that length is itself; in others every other byte
// becomes %XX; what is too long then is "sha256-" and the name's digest. Empty for an empty name.
[[nodiscard]] std::string camera_group(std::string_view camera);

// `group` where a queue takes it as a message group; else the digest of `instead`.
[[nodiscard]] std::string group_or_digest(std::string_view group, std::string_view instead);

// The tracing header if it is one ("Root=1-...;Parent=...": KEY=VALUE pairs of printable ASCII, 256 bytes at most),
// else nothing: it is the infrastructure's, so a bad one costs the trace and not the frame.
[[nodiscard]] std::string usable_trace_header(std::string_view trace_header);

}  // namespace facepipe::wire
