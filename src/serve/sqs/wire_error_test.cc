#include "serve/sqs/wire_error.h"

#include <gtest/gtest.h>

#include "queue/queue_error.h"

namespace facepipe::serve::sqs {
namespace {

using queue::queue_error;
using queue::QueueErrorKind;

TEST(WireError, EveryKindHasBothNames) {
  for (int i = 1; i <= static_cast<int>(QueueErrorKind::kMalformedRequest); ++i) {
    const WireError error = wire_error(queue_error(static_cast<QueueErrorKind>(i), "text"));
    EXPECT_NE(error.json_type.find('#'), std::string_view::npos) << i;
    EXPECT_FALSE(error.query_code.empty()) << i;
    EXPECT_EQ(error.status, 400);
    EXPECT_TRUE(error.sender_fault);
    EXPECT_EQ(error.message, "text");
  }
}

TEST(WireError, MissingQueue) {
  const WireError error = wire_error(queue_error(QueueErrorKind::kQueueDoesNotExist, "no 'q'"));
  EXPECT_EQ(error.json_type, "com.amazonaws.sqs#QueueDoesNotExist");
  EXPECT_EQ(error.query_code, "AWS.SimpleQueueService.NonExistentQueue");
}

TEST(WireError, OurTroubleIsTheReceiversAndSaysNothingInside) {
  const WireError full = wire_error({ErrorCode::kExhausted, "queue store /var/secret: no space left"});
  EXPECT_EQ(full.status, 503);
  EXPECT_FALSE(full.sender_fault);
  EXPECT_EQ(full.query_code, "ServiceUnavailable");
  EXPECT_EQ(full.message.find("secret"), std::string::npos);
  const WireError damaged = wire_error({ErrorCode::kInvalidData, "queue store /var/secret: damaged"});
  EXPECT_EQ(damaged.status, 500);
  EXPECT_EQ(damaged.query_code, "InternalFailure");
  EXPECT_EQ(damaged.message.find("secret"), std::string::npos);
}

TEST(WireError, Signatures) {
  using aws::SignatureFault;
  const struct {
    SignatureFault fault;
    int status;
    const char* code;
  } cases[] = {{SignatureFault::kMissing, 403, "MissingAuthenticationToken"},
               {SignatureFault::kIncomplete, 400, "IncompleteSignature"},
               {SignatureFault::kUnknownKey, 403, "InvalidClientTokenId"},
               {SignatureFault::kMismatch, 403, "SignatureDoesNotMatch"},
               {SignatureFault::kExpired, 400, "RequestExpired"},
               {SignatureFault::kNotKnown, 503, "ServiceUnavailable"}};
  for (const auto& test : cases) {
    const WireError error = signature_error({test.fault, "text"});
    EXPECT_EQ(error.status, test.status) << test.code;
    EXPECT_EQ(error.query_code, test.code);
    EXPECT_TRUE(error.json_type.starts_with("com.amazon.coral.service#")) << test.code;
    EXPECT_EQ(error.message, "text");
    EXPECT_EQ(error.sender_fault, test.status != 503) << test.code;
  }
  EXPECT_EQ(signature_error({SignatureFault::kMismatch, "\x01"}).message, "The request is not signed as it must be.");
}

TEST(WireError, CharactersThatXmlCannotHoldDoNotComeBack) {
  const WireError error = wire_error(queue_error(QueueErrorKind::kInvalidAttributeName, "Unknown Attribute \x01\xff."));
  EXPECT_EQ(error.message, "The request contains characters that are not allowed.");
}

}  // namespace
}  // namespace facepipe::serve::sqs
