// Loads what the two stages work with; every error names the file and the variable that it came from.
#pragma once

#include <filesystem>
#include <memory>

#include "aws/sqs/sqs_queue.h"
#include "base/clock.h"
#include "base/result.h"
#include "config.h"
#include "detect/detector.h"
#include "stage/recognition/recognition_model.h"

namespace facepipe::lambda_app {

// FACEPIPE_PACK; else MODEL_PATH itself where that is a folder; else MODEL_PATH with the extension .pack
// (resnetV1.pack, which the image's build makes of resnetV1.pt); else the folder `pack` beside MODEL_PATH. kNotFound
// names all of them.
[[nodiscard]] Result<std::filesystem::path> find_pack(const Config& config);

[[nodiscard]] Result<std::unique_ptr<const detect::Detector>> load_detector(const Config& config);

[[nodiscard]] Result<stage::RecognitionModel> load_recognition_model(const Config& config);

// --- The functions' queues.
// The SQS queue of a URL, signed where the configuration has credentials: the environment's alone, which Lambda sets,
// so that no start waits for another source. Nothing is sent yet: a queue that does not exist shows at the first
// message. Errors name `variable`, where the URL came from. The clock outlives the queue.
[[nodiscard]] Result<aws::OpenedQueue> open_queue(std::string_view variable, const std::string& url,
                                                  const Config& config, const Clock& clock);

// The region to sign for: the configured one, else the one in a queue URL of AWS
// (https://sqs.REGION.amazonaws.com/...). kInvalidArgument when there is neither.
[[nodiscard]] Result<std::string> signing_region(const std::string& queue_url, const std::string& configured);

}  // namespace facepipe::lambda_app
