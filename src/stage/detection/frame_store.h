// The port that stores a frame's messages whole and once. A detection stage without one sends message by message.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "queue/message.h"

namespace facepipe::stage {

// A frame on its way to the queues.
struct FrameToStore {
  std::string key;                                // frame_key()
  std::vector<queue::OutgoingMessage> faces;      // for the request queue
  std::optional<queue::OutgoingMessage> no_face;  // for the response queue; then `faces` is empty
};

// Thread-safe.
class FrameStore {
 public:
  virtual ~FrameStore() = default;
  // How many faces the frame of that key has, if it was stored lately; nullopt: it is new.
  [[nodiscard]] virtual Result<std::optional<int>> find(const std::string& key) = 0;
  // Stores all messages or, after an error, none. Of a frame that was stored lately nothing is stored again. Returns
  // the number of faces: of the one that was stored first.
  [[nodiscard]] virtual Result<int> store(FrameToStore frame) = 0;
};

// Names a frame by its request id and its picture (as it was sent, encoded): the rule "Duplicates" of
// docs/formats/messages.md.
[[nodiscard]] std::string frame_key(const std::string& request_id, ByteView picture);

}  // namespace facepipe::stage
