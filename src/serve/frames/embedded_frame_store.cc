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
  return store_.find_frame(key);
}

Result<int> EmbeddedFrameStore::store(stage::FrameToStore frame) {
  queue::QueueStore::FrameMessages messages;
  messages.key = std::move(frame.key);
  messages.window = window_;
  if (frame.no_face) {
    messages.queue = answer_queue_;
    messages.messages.push_back(*std::move(frame.no_face));
  } else {
    messages.queue = request_queue_;
    messages.faces = static_cast<int>(frame.faces.size());
    messages.messages = std::move(frame.faces);
  }
  return store_.send_frame(messages);
}

}  // namespace facepipe::serve
