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
  // The name alone does not make a kind: the code must be the kind's own.
  EXPECT_EQ(queue_error_kind({ErrorCode::kInternal, "QueueDoesNotExist: x"}), QueueErrorKind::kNone);
  EXPECT_EQ(queue_error_kind({ErrorCode::kNotFound, "QueueDoesNotExist"}), QueueErrorKind::kNone);
}

TEST(QueueError, ContextHidesTheKind) {
  EXPECT_EQ(queue_error_kind(queue_error(QueueErrorKind::kMissingParameter, "x").with_context("send")),
            QueueErrorKind::kNone);
}

}  // namespace
}  // namespace facepipe::queue
