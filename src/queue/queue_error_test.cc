#include "queue/queue_error.h"

#include <gtest/gtest.h>

namespace facepipe::queue {
namespace {

TEST(QueueError, KeepsKindAndText) {
  const Error error = queue_error(QueueErrorKind::kQueueDoesNotExist, "no queue 'a: b'");
  EXPECT_EQ(error.code, ErrorCode::kNotFound);
  EXPECT_EQ(error.message, "QueueDoesNotExist: no queue 'a: b'");
  EXPECT_EQ(queue_error_kind(error), QueueErrorKind::kQueueDoesNotExist);
  EXPECT_EQ(queue_error_text(error), "no queue 'a: b'");
}

TEST(QueueError, EveryKindComesBack) {
  for (int i = 1; i <= static_cast<int>(QueueErrorKind::kMalformedRequest); ++i) {
    const auto kind = static_cast<QueueErrorKind>(i);
    EXPECT_NE(to_string(kind), "None");
    EXPECT_EQ(queue_error_kind(queue_error(kind, "x")), kind) << i;
  }
}

TEST(QueueError, OtherErrorsHaveNoKind) {
  const Error disk{ErrorCode::kExhausted, "queue store: no space"};
  EXPECT_EQ(queue_error_kind(disk), QueueErrorKind::kNone);
  EXPECT_EQ(queue_error_text(disk), "queue store: no space");
  // A text that looks like a kind's does not make one.
  EXPECT_EQ(queue_error_kind({ErrorCode::kInternal, "QueueDoesNotExist: x"}), QueueErrorKind::kNone);
  EXPECT_EQ(queue_error_kind({ErrorCode::kNotFound, "QueueDoesNotExist: x"}), QueueErrorKind::kNone);
  EXPECT_EQ(queue_error_kind({ErrorCode::kNotFound, "x", {&disk, 1}}), QueueErrorKind::kNone)
      << "another module's detail";
}

TEST(QueueError, ContextKeepsTheKind) {
  const Error error = queue_error(QueueErrorKind::kMissingParameter, "x").with_context("send");
  EXPECT_EQ(queue_error_kind(error), QueueErrorKind::kMissingParameter);
  EXPECT_EQ(error.message, "send: MissingParameter: x");
  EXPECT_EQ(queue_error_text(error), error.message);
}

}  // namespace
}  // namespace facepipe::queue
