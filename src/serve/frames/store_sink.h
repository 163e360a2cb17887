// The detection stage's frames on one box: all messages of a frame in one transaction of the embedded store, once.
#pragma once

#include <chrono>

#include "queue/store/queue_store.h"
#include "stage/detection/frame_sink.h"

namespace facepipe::serve {

// Stores all messages of a frame or, after an error, none. Of a frame that was stored lately nothing is stored again,
// and its number of faces is that of the one that was stored first. Thread-safe; the store outlives it.
class StoreSink final : public stage::FrameSink {
 public:
  // Both queues exist and are no FIFO queues. A frame is known for `window` after it was stored; 0: never.
  StoreSink(queue::QueueStore& store, std::string request_queue, std::string answer_queue, std::chrono::seconds window);
  [[nodiscard]] bool knows_frames() const override { return true; }
  [[nodiscard]] Result<std::optional<int>> find(const std::string& key) override;
  [[nodiscard]] Result<stage::StoredFrame> store(stage::DetectedFrame frame) override;

 private:
  queue::QueueStore& store_;
  const std::string request_queue_;
  const std::string answer_queue_;
  const std::chrono::seconds window_;
};

}  // namespace facepipe::serve
