// The first stage: a frame in, face messages out, an HTTP answer back.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "detect/detector.h"
#include "image/decode.h"
#include "pipeline/face_encoder.h"
#include "pipeline/frame_reader.h"
#include "pipeline/frame_store.h"
#include "pipeline/messages.h"
#include "queue/message_queue.h"
#include "recognize/probe.h"

namespace facepipe::pipeline {

enum class FaceSelection {
  kAll,
  kLargest,  // the one face that facenet-pytorch's MTCNN() chooses: one answer a frame, as the original's clients
             // expect
};

struct FrameHandlerOptions {
  FaceSelection faces = FaceSelection::kAll;
  CropStyle crop = CropStyle::kSource;
  int jpeg_quality = 95;                      // of the crop, 4:4:4
  std::size_t max_message_bytes = 1'048'576;  // SQS's limit, of a message and of a batch; a larger crop is encoded
                                              // again smaller
  bool fifo_requests = false;  // the queue of faces is FIFO: messages have a group and an id of their own
  bool fifo_answers = false;   // the same of the queue of answers
  image::DecodeOptions decode;
  recognize::SourceCropOptions source_crop;
};

struct FrameAnswer {
  int status = 200;
  std::string body;  // JSON
};

// Thread-safe. The detector, the queues, the store and the logger outlive it.
class FrameHandler {
 public:
  // `answers` may be null: then a frame without a face gives no No-Face message (the original's behaviour).
  FrameHandler(const detect::Detector& detector, queue::MessageQueue& requests, queue::MessageQueue* answers,
               const FrameHandlerOptions& options, Logger& logger);
  // Frames are stored by `store` from now on, whole and once, in place of the two queues. Before the first frame.
  void set_store(FrameStore* store) { store_ = store; }
  // The same with any detector; `detect` is called from every thread that handles frames.
  FrameHandler(recognize::DetectFunction detect, queue::MessageQueue& requests, queue::MessageQueue* answers,
               const FrameHandlerOptions& options, Logger& logger);

  // Every outcome is an answer of the table "Frame in" of docs/formats/messages.md. 200 = every face's message is
  // stored (or the frame has no face). 502 = some may be stored and others not: the client may send the frame again
  // under its request id; with a store none is, and a frame that was stored lately gets its 200 without being worked
  // on. 503 = no space to store it. One log record a frame, "frame": request id, status, size, number of faces, error.
  [[nodiscard]] FrameAnswer handle(const FrameRequest& request) const;

 private:
  // What the log record tells.
  struct Record {
    std::string request_id;
    int width = 0;
    int height = 0;
    std::size_t faces = 0;
    bool duplicate = false;
    std::string error;
  };
  [[nodiscard]] Result<FrameAnswer> handle_frame(const FrameRequest& request, Record& record) const;
  [[nodiscard]] Result<std::vector<queue::OutgoingMessage>> face_messages(const FrameHead& head,
                                                                          image::RgbView frame) const;
  [[nodiscard]] Result<FrameAnswer> detect_and_store(const FrameHead& head, const std::string& key,
                                                     Record& record) const;
  [[nodiscard]] FrameAnswer accepted(int faces) const;
  [[nodiscard]] FrameAnswer not_stored(const Error& error, Record& record) const;
  [[nodiscard]] FrameAnswer store_whole(FrameToStore frame, Record& record) const;
  [[nodiscard]] queue::OutgoingMessage no_face_message(const FrameHead& head) const;
  [[nodiscard]] FrameAnswer answer_no_face(const FrameHead& head, Record& record) const;
  [[nodiscard]] FrameAnswer enqueue(std::span<const queue::OutgoingMessage> messages, Record& record) const;

  recognize::DetectFunction detect_;
  queue::MessageQueue& requests_;
  queue::MessageQueue* answers_;
  FrameStore* store_ = nullptr;
  FrameHandlerOptions options_;
  Logger& logger_;
};

}  // namespace facepipe::pipeline
