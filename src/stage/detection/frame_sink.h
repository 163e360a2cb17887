// Where the detection stage's frames go: the port, and its kinds that send to queues.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "queue/message_queue.h"
#include "stage/detection/frame.h"

namespace facepipe::stage {

// What the sink has of a frame.
struct StoredFrame {
  int faces = 0;
  bool earlier = false;  // it was stored before, perhaps a moment ago by another call: nothing was stored by this one
};

// Thread-safe.
class FrameSink {
 public:
  virtual ~FrameSink() = default;
  // Whether it tells frames apart by their keys; otherwise none is made.
  [[nodiscard]] virtual bool knows_frames() const = 0;
  // How many faces the frame of that key has, if it was stored lately; nullopt: it is new, or this sink forgets.
  [[nodiscard]] virtual Result<std::optional<int>> find(const std::string& key) = 0;
  // Takes the messages of a frame, or what is to be said of one without a face. After an error the frame may come
  // again; each kind says what is stored then.
  [[nodiscard]] virtual Result<StoredFrame> store(DetectedFrame frame) = 0;
};

// The messages of a frame's faces as a queue takes them: in the camera's group. For a FIFO queue the faces of a camera
// are in order, and each has an id of its own, so that a frame which is sent again within the queue's five minutes is
// not there twice.
[[nodiscard]] std::vector<queue::OutgoingMessage> face_messages(DetectedFrame frame, bool fifo);
// The answer to a frame without a face. `key`: the frame's, for a FIFO queue.
[[nodiscard]] queue::OutgoingMessage no_face_message(const FrameInfo& frame, std::string_view key, bool fifo);

// Message by message to the request queue. Of a frame without a face nobody is told, as in the Python original. After
// an error some messages may be stored and others not. The queue outlives it.
class QueueSink : public FrameSink {
 public:
  explicit QueueSink(queue::MessageQueue& requests, bool fifo = false, std::size_t max_batch_bytes = 1'048'576)
      : requests_(requests), fifo_(fifo), max_batch_bytes_(max_batch_bytes) {}
  [[nodiscard]] bool knows_frames() const override { return fifo_; }
  [[nodiscard]] Result<std::optional<int>> find(const std::string&) override { return std::optional<int>(); }
  [[nodiscard]] Result<StoredFrame> store(DetectedFrame frame) override;

 private:
  queue::MessageQueue& requests_;
  const bool fifo_;
  const std::size_t max_batch_bytes_;
};

// The same, with a No-Face answer on the answer queue for a frame without a face.
class AnsweringQueueSink final : public QueueSink {
 public:
  AnsweringQueueSink(queue::MessageQueue& requests, bool fifo_requests, queue::MessageQueue& answers, bool fifo_answers)
      : QueueSink(requests, fifo_requests), answers_(answers), fifo_answers_(fifo_answers) {}
  [[nodiscard]] bool knows_frames() const override { return fifo_answers_ || QueueSink::knows_frames(); }
  [[nodiscard]] Result<StoredFrame> store(DetectedFrame frame) override;

 private:
  queue::MessageQueue& answers_;
  const bool fifo_answers_;
};

}  // namespace facepipe::stage
