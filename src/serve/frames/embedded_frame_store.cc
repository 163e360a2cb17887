// Tested by embedded_frame_store_test.cc, and end to end by tests/fault.
#include "serve/frames/embedded_frame_store.h"

#include <utility>

namespace facepipe::serve {

EmbeddedFrameStore::EmbeddedFrameStore(queue::QueueStore& store, std::string request_queue, std::string answer_queue,
                                       std::chrono::seconds window)
    : store_(store),
      request_queue_(std::move(request_queue)),
      answer_queue_(std::move(answer_queue)),
      window_(window) {}

Result<std::optional<int>> EmbeddedFrameStore::find(const std::string& key) {
  return store_.find_once(key);
}

Result<int> EmbeddedFrameStore::store(stage::FrameToStore frame) {
  const queue::Once once{std::move(frame.key), window_, static_cast<int>(frame.faces.size())};
  if (frame.no_face) {
    return store_.send_once(answer_queue_, once, std::span(&*frame.no_face, 1));
  }
  return store_.send_once(request_queue_, once, frame.faces);
}

}  // namespace facepipe::serve
