// The detection stage's frames on one box: all messages of a frame in one transaction of the embedded store, once.
#pragma once

#include <chrono>
#include <string>

#include "queue/store/queue_store.h"
#include "stage/detection/frame_store.h"

namespace facepipe::serve {

// Thread-safe; the store outlives it.
class EmbeddedFrameStore final : public stage::FrameStore {
 public:
  // Both queues exist. A frame is known for `window` after it was stored; 0: never.
  EmbeddedFrameStore(queue::QueueStore& store, std::string request_queue, std::string answer_queue,
                     std::chrono::seconds window);
  Result<std::optional<int>> find(const std::string& key) override;
  Result<int> store(stage::FrameToStore frame) override;

 private:
  queue::QueueStore& store_;
  const std::string request_queue_;
  const std::string answer_queue_;
  const std::chrono::seconds window_;
};

}  // namespace facepipe::serve
