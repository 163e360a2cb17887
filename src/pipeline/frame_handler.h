// The first stage: a frame in, face messages out, an HTTP answer back.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/log.h"
#include "base/result.h"
#include "detect/detector.h"
#include "image/decode.h"
#include "queue/message_queue.h"
#include "recognize/recognizer.h"

namespace facepipe::pipeline {

enum class FaceSelection {
  kAll,
  kLargest,  // the one face that facenet-pytorch's MTCNN() chooses: one answer a frame, as the original's clients
             // expect
};
enum class CropStyle {
  kSource,   // a cut-out of the frame: any recogniser mode works
  kClassic,  // the original's 240x240 stretched crop, for a Python recogniser
};

struct FrameHandlerOptions {
  FaceSelection faces = FaceSelection::kAll;
  CropStyle crop = CropStyle::kSource;
  int jpeg_quality = 95;                      // of the crop, 4:4:4
  std::size_t max_message_bytes = 1'048'576;  // SQS's limit; a larger crop is encoded again smaller
  image::DecodeOptions decode;
  recognize::SourceCropOptions source_crop;
};

// A frame as it came over HTTP: from a Function URL event, API Gateway, or our own server.
struct FrameRequest {
  std::string body;          // decoded from base64 already where the transport encoded it
  std::string content_type;  // "image/..." makes it a raw picture; anything else is JSON
  std::string request_id;    // query string, for raw pictures
  std::string filename;      // query string, for raw pictures
  std::string group_id;      // camera, for fair queues; may be empty
  std::string trace_header;
};

struct FrameAnswer {
  int status = 200;
  std::string body;  // JSON
};

// Thread-safe. The detector, the queues and the logger outlive it.
class FrameHandler {
 public:
  // `answers` may be null: then a frame without a face gives no No-Face message (the original's behaviour).
  FrameHandler(const detect::Detector& detector, queue::MessageQueue& requests, queue::MessageQueue* answers,
               FrameHandlerOptions options, Logger& logger);
  // Every outcome is an answer of design table "Frame in" (docs/formats/messages.md). 200 = every face's message is
  // stored.
  [[nodiscard]] FrameAnswer handle(const FrameRequest& request) const;

 private:
  const detect::Detector& detector_;
  queue::MessageQueue& requests_;
  queue::MessageQueue* answers_;
  FrameHandlerOptions options_;
  Logger& logger_;
};

}  // namespace facepipe::pipeline
