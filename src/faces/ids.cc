// Tested by ids_test.cc.
#include "faces/ids.h"

#include "base/bytes.h"
#include "base/hash.h"

namespace facepipe::faces {

FaceId face_id_of(std::string_view message_body) {
  constexpr std::size_t kDigits = 16;
  Sha256 hash;
  hash.update(as_bytes(message_body));
  return FaceId{parse_id(hash.hex().substr(0, kDigits)).value()};
}

std::string random_event_key() {
  return id_text(random_id()) + id_text(random_id());
}

}  // namespace facepipe::faces
