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

Result<stage::StoredFrame> StoreSink::store(stage::DetectedFrame frame) {
  const queue::Once once{frame.key, window_, static_cast<int>(frame.faces.size())};
  const bool no_face = frame.faces.empty();
  const std::vector<queue::OutgoingMessage> messages = no_face
                                                           ? std::vector{stage::no_face_message(frame.info, {}, false)}
                                                           : stage::face_messages(std::move(frame), false);
  FACEPIPE_ASSIGN(const queue::StoredOnce stored,
                  store_.send_once(no_face ? answer_queue_ : request_queue_, once, messages));
  return stage::StoredFrame{stored.value, stored.earlier};
}

}  // namespace facepipe::serve
