// Tested by store_sink_test.cc, and end to end by tests/fault.
#include "serve/frames/store_sink.h"

namespace facepipe::serve {

StoreSink::StoreSink(queue::QueueStore& store, std::string request_queue, std::string answer_queue,
                     std::chrono::seconds window)
    : store_(store),
      request_queue_(std::move(request_queue)),
      answer_queue_(std::move(answer_queue)),
      window_(window) {}

Result<std::optional<int>> StoreSink::find(const std::string& key) {
  return store_.find_once(key);
}

Result<int> StoreSink::store(stage::DetectedFrame frame) {
  const queue::Once once{frame.key, window_, static_cast<int>(frame.faces.size())};
  if (frame.faces.empty()) {
    const queue::OutgoingMessage answer = stage::no_face_message(frame.info, {}, false);
    return store_.send_once(answer_queue_, once, {&answer, 1});
  }
  return store_.send_once(request_queue_, once, stage::face_messages(std::move(frame), false));
}

}  // namespace facepipe::serve
