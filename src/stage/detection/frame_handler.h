// The first stage: a frame in, face messages out, an HTTP answer back.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "base/work_limit.h"
#include "base/work_memory.h"
#include "detect/detector.h"
#include "image/decode.h"
#include "queue/message_queue.h"
#include "recognize/probe.h"
#include "stage/detection/face_encoder.h"
#include "stage/detection/frame_memory.h"
#include "stage/detection/frame_reader.h"
#include "stage/detection/frame_store.h"
#include "wire/messages.h"

namespace facepipe::stage {

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
  bool fifo_requests = false;   // the queue of faces is FIFO: messages have a group and an id of their own
  bool fifo_answers = false;    // the same of the queue of answers
  std::size_t max_faces = 100;  // of one frame, the largest; the rest is left out, and the answer says so
  image::DecodeOptions decode;
  recognize::SourceCropOptions source_crop;
  // For decoding, detecting and cropping of one frame, named "--frame-timeout" in the error; 0: as long as it takes.
  std::chrono::milliseconds timeout{0};
  // What the work on all frames takes its share of; null: no bound. A frame waits for its share so long.
  WorkMemory* memory = nullptr;
  std::chrono::milliseconds memory_patience{5'000};
};

struct FrameAnswer {
  int status = 200;
  std::string body;         // JSON
  int retry_after_s = 0;    // with 503: when to send the frame again
  int faces_left_out = 0;   // found, but past FrameHandlerOptions::max_faces
  bool incomplete = false;  // Detection::complete is false
};

// Thread-safe. The detector, the queues, the store and the logger outlive it.
class FrameHandler {
 public:
  // `answers` may be null: then a frame without a face gives no No-Face message (the original's behaviour).
  FrameHandler(const detect::Detector& detector, queue::MessageQueue& requests, queue::MessageQueue* answers,
               const FrameHandlerOptions& options, Logger& logger);
  // Frames are stored by `store` from now on, whole and once, in place of the two queues. Before the first frame.
  void set_store(FrameStore* store) { store_ = store; }

  // Every outcome is an answer of the table "Frame in" of docs/formats/messages.md. 200 = every face's message is
  // stored (or the frame has no face). 502 = some may be stored and others not: the client may send the frame again
  // under its request id; with a store none is, and a frame that was stored lately gets its 200 without being worked
  // on. 503 = no space to store it, no memory for it now, or `limit` was asked to stop; 504 = it took longer than the
  // time-out or `limit` allows. One log record a frame, "frame": request id, status, size, number of faces, error.
  // By value: the body of a JSON frame is freed as soon as its picture is decoded from base64.
  [[nodiscard]] FrameAnswer handle(FrameRequest request, const WorkLimit& limit = {}) const;

 private:
  // What the log record tells.
  struct Record {
    std::string request_id;
    int width = 0;
    int height = 0;
    std::size_t faces = 0;
    std::size_t left_out = 0;
    bool incomplete = false;
    bool duplicate = false;
    std::string error;
  };
  using Messages = std::vector<queue::OutgoingMessage>;
  [[nodiscard]] Result<FrameAnswer> handle_frame(FrameRequest& request, const WorkLimit& limit, Record& record) const;
  [[nodiscard]] Result<std::vector<detect::Face>> find_faces(image::RgbView frame, const WorkLimit& limit,
                                                             Record& record) const;
  [[nodiscard]] Result<Messages> face_messages(const FrameHead& head, image::RgbView frame, const WorkLimit& limit,
                                               FrameMemory& memory, Record& record) const;
  [[nodiscard]] Result<Messages> detect(const FrameHead& head, const WorkLimit& limit, FrameMemory& memory,
                                        Record& record) const;
  [[nodiscard]] Result<FrameAnswer> detect_and_store(const FrameHead& head, const std::string& key,
                                                     const WorkLimit& limit, Record& record) const;
  [[nodiscard]] FrameAnswer accepted(int faces, const Record& record) const;
  [[nodiscard]] FrameAnswer not_stored(const Error& error, Record& record) const;
  [[nodiscard]] FrameAnswer store_whole(FrameToStore frame, Record& record) const;
  [[nodiscard]] queue::OutgoingMessage no_face_message(const FrameHead& head) const;
  [[nodiscard]] FrameAnswer answer_no_face(const FrameHead& head, Record& record) const;
  [[nodiscard]] FrameAnswer enqueue(std::span<const queue::OutgoingMessage> messages, Record& record) const;

  const detect::Detector& detector_;
  queue::MessageQueue& requests_;
  queue::MessageQueue* answers_;
  FrameStore* store_ = nullptr;
  FrameHandlerOptions options_;
  Logger& logger_;
};

}  // namespace facepipe::stage
