// Tested by store_sink_test.cc, and end to end by tests/fault.
#include "serve/frames/store_sink.h"

#include <utility>

namespace facepipe::serve {

StoreSink::StoreSink(queue::QueueStore& store, std::string request_queue, std::string answer_queue,
                     std::chrono::seconds window)
    : store_(store),
      request_queue_(std::move(request_queue)),
      answer_queue_(std::move(answer_queue)),
      window_(window) {}

Result<std::optional<int>> StoreSink::find(const std::string& key) {
  return store_.find_frame(key);
}

Result<int> StoreSink::store(stage::DetectedFrame frame) {
  queue::QueueStore::FrameMessages messages;
  messages.key = frame.key;
  messages.window = window_;
  if (frame.faces.empty()) {
    messages.queue = answer_queue_;
    messages.messages.push_back(stage::no_face_message(frame.info, false));
  } else {
    messages.queue = request_queue_;
    messages.faces = static_cast<int>(frame.faces.size());
    messages.messages = stage::face_messages(std::move(frame), false);
  }
  return store_.send_frame(messages);
}

}  // namespace facepipe::serve
