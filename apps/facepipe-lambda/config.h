// The function's settings, read once from the environment. docs/formats/lambda.md has the table.
#pragma once

#include <filesystem>

#include "aws/signing/credentials.h"
#include "base/log.h"
#include "base/result.h"
#include "stage/detection/detection_stage.h"

namespace facepipe::lambda_app {

enum class Stage { kDetection, kRecognition };

struct Config {
  Stage stage = Stage::kDetection;
  std::string region;              // REGION, else AWS_REGION, else AWS_DEFAULT_REGION
  std::string request_queue_url;   // SQS_REQUEST_QUEUE_URL: detection cannot do without
  std::string response_queue_url;  // SQS_RESPONSE_QUEUE_URL: recognition cannot do without; on detection it turns
                                   // No-Face messages on
  std::string sqs_endpoint;        // AWS_ENDPOINT_URL_SQS, else AWS_ENDPOINT_URL; empty: the queue URL's own
  std::string s3_endpoint;         // AWS_ENDPOINT_URL_S3, else AWS_ENDPOINT_URL; empty: Amazon's own
  std::optional<aws::Credentials> credentials;  // AWS_ACCESS_KEY_ID and its fellows; absent: queues are used unsigned
  std::filesystem::path model = "resnetV1.pt";  // MODEL_PATH, the original's default
  std::filesystem::path gallery = "resnetV1_video_weights.pt";  // FACEPIPE_GALLERY, else MODEL_WT_PATH: a file or s3://
  int gallery_refresh_s = 300;                // FACEPIPE_GALLERY_REFRESH_S: 0..86400; 0: an object of S3 is read once
  std::optional<std::filesystem::path> pack;  // FACEPIPE_PACK; absent: find_pack
  stage::FaceSelection faces = stage::FaceSelection::kAll;  // FACEPIPE_FACES: largest, all
  stage::CropStyle crop = stage::CropStyle::kSource;        // FACEPIPE_CROP: source, classic
  bool apply_exif_orientation = true;                       // FACEPIPE_EXIF: apply, ignore
  int min_face_px = 20;                                     // FACEPIPE_MIN_FACE_PX: 12..1000
  int max_faces = 100;                                      // FACEPIPE_MAX_FACES: 1..100000
  int memory_mib = 0;                    // AWS_LAMBDA_FUNCTION_MEMORY_SIZE; 0: not known, then no bound
  int threads = 0;                       // FACEPIPE_THREADS: 1..64; 0: one a core
  LogLevel log_level = LogLevel::kInfo;  // FACEPIPE_LOG_LEVEL: debug, info, warning, error
  bool metrics = true;                   // FACEPIPE_METRICS: emf, off
  std::string function_name;             // AWS_LAMBDA_FUNCTION_NAME
};

// `environ_block`: as the C library's environ, ended by a null pointer. A variable set to nothing counts as not set.
// kInvalidArgument names the variable and what was expected: an unknown FACEPIPE_ name (a misspelt setting must not be
// silently without effect), a bad value, an unknown handler, a queue URL that the stage needs and has not.
[[nodiscard]] Result<Config> read_config(const char* const* environ_block);

}  // namespace facepipe::lambda_app
