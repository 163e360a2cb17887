// The first stage: a frame in, its faces' messages to a sink, a typed outcome back.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/memory_budget.h"
#include "base/result.h"
#include "base/work_limit.h"
#include "detect/detector.h"
#include "image/decode.h"
#include "recognize/probe.h"
#include "stage/detection/face_encoder.h"
#include "stage/detection/frame.h"
#include "stage/detection/frame_sink.h"
#include "stage/detection/frame_watcher.h"

namespace facepipe::stage {

enum class FaceSelection {
  kAll,
  kLargest,  // the one face that facenet-pytorch's MTCNN() chooses: one answer a frame, as the original's clients
             // expect
};

struct DetectionOptions {
  FaceSelection faces = FaceSelection::kAll;
  CropStyle crop = CropStyle::kSource;
  int jpeg_quality = 95;                      // of the crop, 4:4:4
  std::size_t max_message_bytes = 1'048'576;  // SQS's limit; a larger crop is encoded again smaller
  std::size_t max_faces = 100;  // of one frame, the largest; the rest is left out, and the outcome says so
  image::DecodeOptions decode;
  recognize::SourceCropOptions source_crop;
  // Each face's message tells camera, time and size of its frame. Off where only the message's bytes show that a face
  // came twice: of one frame they differ with the time of its arrival.
  bool tell_frame = false;
  FrameWatcher* watcher = nullptr;  // null: nobody; else outlives the stage
  // For decoding, detecting and cropping of one frame, named "--frame-timeout" in the error; 0: as long as it takes.
  std::chrono::milliseconds timeout{0};
  // What the work on all frames takes its share of; null: no bound. A frame waits for its share so long.
  WorkMemory* memory = nullptr;
  std::chrono::milliseconds memory_patience{5'000};
};

struct FrameOutcome {
  enum class Kind {
    kFailed,     // nothing is stored; `error` says why
    kNotStored,  // `error` is the sink's, which says what is stored then
    kAccepted,   // the messages of `faces` are stored
    kNoFace,     // there is none, and the sink has been told
    kDuplicate,  // it was stored lately, with `faces` (perhaps none), and is not stored again
  };
  Kind kind = Kind::kFailed;
  Error error{ErrorCode::kInternal, ""};
  int width = 0;  // of the picture, as far as it could be read
  int height = 0;
  int faces = 0;            // of kNotStored: those found
  int left_out = 0;         // found, but past DetectionOptions::max_faces
  bool incomplete = false;  // Detection::complete is false

  [[nodiscard]] bool ok() const { return kind != Kind::kFailed && kind != Kind::kNotStored; }
};

// Thread-safe. Detector, sink and memory outlive it.
class DetectionStage {
 public:
  DetectionStage(const detect::Detector& detector, FrameSink& sink, const DetectionOptions& options)
      : detector_(detector), sink_(sink), options_(options) {}

  // Decodes and detects, unless the sink knows the frame. Errors: kUnavailable when `limit` was asked to stop, kTimeout
  // past the time-out or what `limit` allows, kExhausted without memory now, kTooLarge for what could never fit,
  // kInternal for what no caller can mend; others tell what is wrong with the picture. No exception leaves it.
  [[nodiscard]] FrameOutcome handle(const EncodedFrame& frame, const WorkLimit& limit = {}) const;
  // The same from the pixels on.
  [[nodiscard]] FrameOutcome handle(DecodedFrame frame) const;

  // Admits a picture by its header to the memory, and decodes it; its time runs from then on. Sets the size in
  // `outcome` as soon as it is known.
  [[nodiscard]] Result<DecodedFrame> decode(const EncodedFrame& frame, const WorkLimit& limit,
                                            FrameOutcome& outcome) const;

  [[nodiscard]] const DetectionOptions& options() const { return options_; }

 private:
  [[nodiscard]] Result<bool> is_known(const std::string& key, FrameOutcome& outcome) const;
  [[nodiscard]] Status detect_and_store(DecodedFrame& frame, FrameOutcome& outcome) const;
  [[nodiscard]] Result<std::vector<detect::Face>> find_faces(const DecodedFrame& frame, FrameOutcome& outcome) const;
  [[nodiscard]] Result<std::vector<std::string>> message_bodies(DecodedFrame& frame, FrameOutcome& outcome) const;

  const detect::Detector& detector_;
  FrameSink& sink_;
  DetectionOptions options_;
};

}  // namespace facepipe::stage
