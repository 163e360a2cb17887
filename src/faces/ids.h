// Ids of what is kept: made, written and read.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/id.h"
#include "faces/records.h"

namespace facepipe::faces {

// The first 64 bits of the SHA-256 of a face message's body, big-endian: the same whenever the message comes again, so
// that its face is kept once.
[[nodiscard]] FaceId face_id_of(std::string_view message_body);
// 32 random hexadecimal characters.
[[nodiscard]] std::string random_event_key();

// As id_text and parse_id (base/id.h), of an id that is a kind of its own.
template <typename Id>
[[nodiscard]] std::string to_text(Id id) {
  return id_text(static_cast<std::uint64_t>(id));
}
template <typename Id>
[[nodiscard]] std::optional<Id> parse(std::string_view text) {
  const auto id = parse_id(text);
  return id ? std::optional(Id{*id}) : std::nullopt;
}

}  // namespace facepipe::faces
