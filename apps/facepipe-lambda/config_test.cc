#include "config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace facepipe::lambda_app {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::vector<std::string> kDetectionEnvironment = {"_HANDLER=face-detection",
                                                        "SQS_REQUEST_QUEUE_URL=https://sqs.example/1/requests"};
const std::vector<std::string> kRecognitionEnvironment = {"_HANDLER=face-recognition",
                                                          "SQS_RESPONSE_QUEUE_URL=https://sqs.example/1/answers"};

Result<Config> read(std::vector<std::string> variables, const std::vector<std::string>& more = {}) {
  variables.insert(variables.end(), more.begin(), more.end());
  std::vector<const char*> block;
  for (const std::string& variable : variables) {
    block.push_back(variable.c_str());
  }
  block.push_back(nullptr);
  return read_config(block.data());
}

std::string error_of(const Result<Config>& config) {
  EXPECT_FALSE(config.has_value());
  if (config) {
    return "(none)";
  }
  EXPECT_EQ(config.error().code, ErrorCode::kInvalidArgument);
  return config.error().message;
}

TEST(Config, Defaults) {
  const auto config = read(kDetectionEnvironment);
  ASSERT_TRUE(config.has_value()) << config.error().message;
  EXPECT_EQ(config->stage, Stage::kDetection);
  EXPECT_EQ(config->region, "");
  EXPECT_EQ(config->request_queue_url, "https://sqs.example/1/requests");
  EXPECT_EQ(config->response_queue_url, "");
  EXPECT_EQ(config->sqs_endpoint, "");
  EXPECT_EQ(config->model, "resnetV1.pt");
  EXPECT_EQ(config->gallery, "resnetV1_video_weights.pt");
  EXPECT_FALSE(config->pack.has_value());
  EXPECT_EQ(config->faces, stage::FaceSelection::kAll);
  EXPECT_EQ(config->crop, stage::CropStyle::kSource);
  EXPECT_TRUE(config->apply_exif_orientation);
  EXPECT_EQ(config->min_face_px, 20);
  EXPECT_EQ(config->gallery_refresh_s, 300);
  EXPECT_EQ(config->threads, 0);
  EXPECT_EQ(config->log_level, LogLevel::kInfo);
  EXPECT_TRUE(config->metrics);
}

TEST(Config, EverySetting) {
  const auto config = read(kRecognitionEnvironment, {"REGION=eu-west-1",
                                                     "AWS_REGION=us-east-1",
                                                     "AWS_ENDPOINT_URL=http://127.0.0.1:1",
                                                     "MODEL_PATH=/m/a.pt",
                                                     "MODEL_WT_PATH=/m/b.pt",
                                                     "FACEPIPE_PACK=/p",
                                                     "FACEPIPE_GALLERY=/g",
                                                     "FACEPIPE_FACES=largest",
                                                     "FACEPIPE_CROP=classic",
                                                     "FACEPIPE_EXIF=ignore",
                                                     "FACEPIPE_MIN_FACE_PX=40",
                                                     "FACEPIPE_THREADS=3",
                                                     "FACEPIPE_GALLERY_REFRESH_S=60",
                                                     "AWS_ENDPOINT_URL_S3=http://127.0.0.1:2",
                                                     "FACEPIPE_LOG_LEVEL=debug",
                                                     "FACEPIPE_METRICS=off",
                                                     "AWS_LAMBDA_FUNCTION_NAME=face",
                                                     "FACEPIPE_MAX_FACES=7",
                                                     "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=1769",
                                                     "PATH=/bin"});
  ASSERT_TRUE(config.has_value()) << config.error().message;
  EXPECT_EQ(config->stage, Stage::kRecognition);
  EXPECT_EQ(config->region, "eu-west-1");
  EXPECT_EQ(config->response_queue_url, "https://sqs.example/1/answers");
  EXPECT_EQ(config->sqs_endpoint, "http://127.0.0.1:1");
  EXPECT_EQ(config->model, "/m/a.pt");
  EXPECT_EQ(config->s3_endpoint, "http://127.0.0.1:2");
  EXPECT_EQ(config->gallery, "/g");
  EXPECT_EQ(config->gallery_refresh_s, 60);
  EXPECT_EQ(config->pack, "/p");
  EXPECT_EQ(config->faces, stage::FaceSelection::kLargest);
  EXPECT_EQ(config->crop, stage::CropStyle::kClassic);
  EXPECT_FALSE(config->apply_exif_orientation);
  EXPECT_EQ(config->min_face_px, 40);
  EXPECT_EQ(config->threads, 3);
  EXPECT_EQ(config->max_faces, 7);
  EXPECT_EQ(config->memory_mib, 1769);
  EXPECT_EQ(config->log_level, LogLevel::kDebug);
  EXPECT_FALSE(config->metrics);
  EXPECT_EQ(config->function_name, "face");
}

TEST(Config, TheOriginalsVariablesStandBehindOurs) {
  const auto config = read(kRecognitionEnvironment,
                           {"AWS_DEFAULT_REGION=ap-south-1", "MODEL_WT_PATH=/m/b.pt", "AWS_ENDPOINT_URL_SQS=http://s:1",
                            "AWS_ENDPOINT_URL=http://all:1", "FACEPIPE_GALLERY="});
  ASSERT_TRUE(config.has_value()) << config.error().message;
  EXPECT_EQ(config->region, "ap-south-1");
  EXPECT_EQ(config->gallery, "/m/b.pt");
  EXPECT_EQ(config->sqs_endpoint, "http://s:1");
}

TEST(Config, Credentials) {
  EXPECT_FALSE(read(kDetectionEnvironment, {"AWS_ACCESS_KEY_ID=", "AWS_SECRET_ACCESS_KEY="})->credentials.has_value());
  const auto config = read(kDetectionEnvironment, {"AWS_ACCESS_KEY_ID=AKID", "AWS_SECRET_ACCESS_KEY=s"});
  ASSERT_TRUE(config.has_value());
  ASSERT_TRUE(config->credentials.has_value());
  EXPECT_EQ(config->credentials->access_key_id, "AKID");
  EXPECT_THAT(error_of(read(kDetectionEnvironment, {"AWS_ACCESS_KEY_ID=AKID"})), HasSubstr("AWS_SECRET_ACCESS_KEY"));
}

TEST(Config, HandlerNames) {
  const std::vector<std::string> queues = {"SQS_REQUEST_QUEUE_URL=http://q/1", "SQS_RESPONSE_QUEUE_URL=http://q/2"};
  const auto original_detection = read(queues, {"_HANDLER=fd_lambda.lambda_handler"});
  ASSERT_TRUE(original_detection.has_value());
  EXPECT_EQ(original_detection->stage, Stage::kDetection);
  EXPECT_EQ(original_detection->faces, stage::FaceSelection::kLargest);
  EXPECT_EQ(original_detection->response_queue_url, "http://q/2");
  const auto original_recognition = read(queues, {"_HANDLER=fr_lambda.lambda_handler"});
  ASSERT_TRUE(original_recognition.has_value());
  EXPECT_EQ(original_recognition->stage, Stage::kRecognition);
  const auto all = read(queues, {"_HANDLER=fd_lambda.lambda_handler", "FACEPIPE_FACES=all"});
  ASSERT_TRUE(all.has_value());
  EXPECT_EQ(all->faces, stage::FaceSelection::kAll);
  EXPECT_EQ(error_of(read(queues, {"_HANDLER=main.handler"})),
            "_HANDLER (the image's CMD): expected fd_lambda.lambda_handler, fr_lambda.lambda_handler, face-detection, "
            "face-recognition, got \"main.handler\"");
  EXPECT_THAT(error_of(read(queues)), HasSubstr("got nothing"));
}

TEST(Config, TheStageNeedsItsQueue) {
  EXPECT_EQ(error_of(read({"_HANDLER=face-detection", "SQS_RESPONSE_QUEUE_URL=http://q/2"})),
            "SQS_REQUEST_QUEUE_URL: expected a queue URL (https://...), got nothing");
  EXPECT_EQ(error_of(read({"_HANDLER=face-recognition", "SQS_REQUEST_QUEUE_URL=http://q/1"})),
            "SQS_RESPONSE_QUEUE_URL: expected a queue URL (https://...), got nothing");
  EXPECT_EQ(error_of(read(kDetectionEnvironment, {"SQS_RESPONSE_QUEUE_URL=face-answers"})),
            "SQS_RESPONSE_QUEUE_URL: expected a queue URL (https://...), got \"face-answers\"");
}

TEST(Config, UnknownAndBadSettingsAreNamed) {
  EXPECT_THAT(error_of(read(kDetectionEnvironment, {"FACEPIPE_GALERY=/g"})),
              StartsWith("FACEPIPE_GALERY: no such setting; known are FACEPIPE_PACK, FACEPIPE_GALLERY, "));
  EXPECT_EQ(error_of(read(kDetectionEnvironment, {"FACEPIPE_FACES=some"})),
            "FACEPIPE_FACES: expected largest, all, got \"some\"");
  EXPECT_EQ(error_of(read(kDetectionEnvironment, {"FACEPIPE_CROP=tight"})),
            "FACEPIPE_CROP: expected source, classic, got \"tight\"");
  EXPECT_EQ(error_of(read(kDetectionEnvironment, {"FACEPIPE_EXIF=yes"})),
            "FACEPIPE_EXIF: expected apply, ignore, got \"yes\"");
  EXPECT_EQ(error_of(read(kDetectionEnvironment, {"FACEPIPE_LOG_LEVEL=loud"})),
            "FACEPIPE_LOG_LEVEL: expected debug, info, warning, error, got \"loud\"");
  EXPECT_EQ(error_of(read(kDetectionEnvironment, {"FACEPIPE_METRICS=on"})),
            "FACEPIPE_METRICS: expected emf, off, got \"on\"");
  for (const char* bad : {"0", "65", "two", "2x", "99999999999"}) {
    EXPECT_EQ(error_of(read(kDetectionEnvironment, {std::string("FACEPIPE_THREADS=") + bad})),
              "FACEPIPE_THREADS: expected 1 to 64, got \"" + std::string(bad) + "\"");
  }
  EXPECT_EQ(error_of(read(kDetectionEnvironment, {"FACEPIPE_MIN_FACE_PX=11"})),
            "FACEPIPE_MIN_FACE_PX: expected 12 to 1000, got \"11\"");
}

}  // namespace
}  // namespace facepipe::lambda_app
