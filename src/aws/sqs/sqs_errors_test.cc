#include <gtest/gtest.h>

#include "aws/sqs/sqs_protocol.h"
#include "base/retry.h"
#include "queue/queue_error.h"

namespace facepipe::aws {
namespace {

using queue::queue_error_kind;
using queue::QueueErrorKind;

Error answered(int status, const std::string& body, http::Headers headers = {}) {
  return error_of({status, std::move(headers), body}, "SendMessage");
}

TEST(SqsErrors, KindsOfBothProtocols) {
  const Error gone = answered(400, R"({"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"gone"})");
  EXPECT_EQ(queue_error_kind(gone), QueueErrorKind::kQueueDoesNotExist);
  EXPECT_EQ(gone.code, ErrorCode::kNotFound);
  EXPECT_EQ(gone.message, "QueueDoesNotExist: SendMessage: SQS answered 400 (QueueDoesNotExist): gone");
  EXPECT_EQ(queue_error_kind(answered(400, R"({"__type":"AWS.SimpleQueueService.NonExistentQueue"})")),
            QueueErrorKind::kQueueDoesNotExist);
  EXPECT_EQ(queue_error_kind(answered(400, R"({"__type":"com.amazon.coral.service#InvalidParameterValueException"})")),
            QueueErrorKind::kInvalidParameter);
  EXPECT_EQ(queue_error_kind(answered(400, "<ErrorResponse><Error><Code>ReceiptHandleIsInvalid</Code>")),
            QueueErrorKind::kReceiptHandleIsInvalid);
  EXPECT_EQ(queue_error_kind(answered(400, R"({"__type":"Strange"})",
                                      {{"x-amzn-query-error", "AWS.SimpleQueueService.EmptyBatchRequest;Sender"}})),
            QueueErrorKind::kEmptyBatchRequest);
}

TEST(SqsErrors, CodesThatAreNoKind) {
  EXPECT_EQ(answered(403, R"({"__type":"AccessDeniedException"})").code, ErrorCode::kPermission);
  EXPECT_EQ(answered(400, R"({"__type":"com.amazon.coral.service#InvalidSignatureException"})").code,
            ErrorCode::kPermission);
  EXPECT_EQ(answered(400, R"({"__type":"ThrottlingException"})").code, ErrorCode::kUnavailable);
  EXPECT_EQ(answered(403, "").code, ErrorCode::kPermission);
  EXPECT_EQ(answered(429, "").code, ErrorCode::kUnavailable);
  EXPECT_EQ(answered(503, "").message, "SendMessage: SQS answered 503 (no error code)");
  EXPECT_EQ(answered(418, "[]").code, ErrorCode::kInvalidArgument);
}

// Of a queue that is encrypted with a key of KMS: an operator mends it, whatever message it was said of.
TEST(SqsErrors, TroubleWithAKeySaysNothingOfTheMessage) {
  for (const char* name :
       {"AccessDenied", "Disabled", "InvalidKeyUsage", "InvalidState", "NotFound", "OptInRequired"}) {
    const std::string modern = "com.amazonaws.sqs#Kms" + std::string(name);
    const std::string legacy = "KMS." + std::string(name) + "Exception";
    EXPECT_EQ(answered(400, R"({"__type":")" + modern + "\"}").code, ErrorCode::kPermission) << name;
    EXPECT_EQ(answered(400, R"({"__type":")" + modern + "\"}", {{"x-amzn-query-error", legacy + ";Sender"}}).code,
              ErrorCode::kPermission)
        << name;
    EXPECT_EQ(sqs_error(legacy, 400, "").code, ErrorCode::kPermission) << name;
  }
  EXPECT_EQ(sqs_error("KMS.ThrottlingException", 400, "").code, ErrorCode::kUnavailable);
  EXPECT_EQ(answered(400, R"({"__type":"com.amazonaws.sqs#KmsThrottled"})").code, ErrorCode::kUnavailable);
}

TEST(SqsErrors, AKindWithAServersStatusIsTriedAgain) {
  const Error error = answered(500, R"({"__type":"com.amazonaws.sqs#InvalidMessageContents"})");
  EXPECT_EQ(error.code, ErrorCode::kUnavailable);
  EXPECT_TRUE(is_retriable(error));
}

TEST(SqsErrors, TheRequestThatShouldHaveBeenSignedIsNotRepeated) {
  const Error error = answered(
      403, R"({"__type":"InvalidSignatureException","message":"The signature does not match.\n\nThe Canonical )"
           R"(String should have been\n'POST\nx-amz-security-token:SESSIONTOKEN'"})");
  EXPECT_EQ(error.message, "SendMessage: SQS answered 403 (InvalidSignatureException): The signature does not match.");
}

TEST(SqsErrors, BatchEntriesHaveKindsToo) {
  const auto entries = parse_batch(R"({"Failed":[{"Id":"0","Code":"InvalidParameterValue","SenderFault":true,)"
                                   R"("Message":"DelaySeconds"}]})",
                                   1);
  ASSERT_TRUE(entries);
  ASSERT_TRUE(entries->front().error);
  EXPECT_EQ(queue_error_kind(*entries->front().error), QueueErrorKind::kInvalidParameter);
  EXPECT_EQ(entries->front().error->message, "InvalidParameter: InvalidParameterValue: DelaySeconds");
}

}  // namespace
}  // namespace facepipe::aws
