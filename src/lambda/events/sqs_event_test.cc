#include "lambda/events/sqs_event.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "base/hash.h"
#include "lambda/events/test_fixture.h"

namespace facepipe::lambda {
namespace {

using std::chrono::milliseconds;
using testing::fixture;
using ::testing::StartsWith;

Error batch_error(std::string_view json) {
  auto records = parse_sqs_event(json);
  EXPECT_FALSE(records.has_value());
  return records ? Error{} : records.error();
}

TEST(SqsEvent, ReadsEveryFieldOfARecord) {
  const auto records = parse_sqs_event(fixture("sqs_batch"));
  ASSERT_TRUE(records.has_value()) << records.error().message;
  ASSERT_EQ(records->size(), 5U);
  const SqsRecord& first = (*records)[0];
  EXPECT_EQ(first.message_id, "19dd0b57-b21e-4ac1-bd88-01bbb068cb00");
  EXPECT_EQ(first.receipt_handle, "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a00");
  EXPECT_THAT(first.body, StartsWith(R"({"request_id": "sqs-0", "face": "iVBORw0KGgo)"));
  EXPECT_EQ(first.body_md5, md5_hex(as_bytes(first.body)));
  EXPECT_EQ(first.receive_count, 1);
  EXPECT_EQ(first.sent_at.time_since_epoch(), milliseconds{1'795'502'400'000});
  EXPECT_EQ(first.first_received_at.time_since_epoch(), milliseconds{1'795'502'400'100});
  EXPECT_EQ(first.sender_id, "AROAEXAMPLE:face-detection");
  EXPECT_EQ(first.group_id, "cam-7");
  EXPECT_EQ(first.deduplication_id, "d-0");
  EXPECT_EQ(first.sequence_number, "18849496460467696128");
  EXPECT_EQ(first.trace_header, "Root=1-6a1f0c3e-5d2b9e7f10c4a8b6d3e2f901;Parent=53995c3f42cd8ad8;Sampled=1");
  EXPECT_EQ(first.event_source_arn, "arn:aws:sqs:eu-west-1:123456789012:face-requests");
  EXPECT_EQ(first.aws_region, "eu-west-1");
  ASSERT_EQ(first.message_attributes.size(), 3U);
  EXPECT_EQ(first.message_attributes.at("camera").data_type, "String");
  EXPECT_EQ(first.message_attributes.at("camera").string_value, "cam-7");
  EXPECT_EQ(first.message_attributes.at("weight").data_type, "Number.kg");
  EXPECT_EQ(first.message_attributes.at("weight").string_value, "12.5");
  EXPECT_EQ(first.message_attributes.at("key").data_type, "Binary");
  EXPECT_EQ(as_text(first.message_attributes.at("key").binary_value), std::string_view("\x00\x01\x02\xFF", 4));
}

TEST(SqsEvent, KeepsTheOrderAndTheOtherRecordsDefaults) {
  const auto records = parse_sqs_event(fixture("sqs_batch"));
  ASSERT_TRUE(records.has_value());
  EXPECT_EQ((*records)[2].body, "not JSON at all");
  EXPECT_EQ((*records)[2].receive_count, 3);
  EXPECT_EQ((*records)[2].trace_header, "");
  EXPECT_EQ((*records)[2].group_id, "");
  EXPECT_TRUE((*records)[2].message_attributes.empty());
  EXPECT_EQ((*records)[4].message_id, "19dd0b57-b21e-4ac1-bd88-01bbb068cb04");
}

TEST(SqsEvent, AnEmptyBatchIsFine) {
  const auto records = parse_sqs_event(fixture("sqs_empty"));
  ASSERT_TRUE(records.has_value());
  EXPECT_TRUE(records->empty());
}

TEST(SqsEvent, ARecordNeedsLittle) {
  const auto records = parse_sqs_event(R"({"Records":[{"eventSource":"aws:sqs","messageId":"m","attributes":null}]})");
  ASSERT_TRUE(records.has_value()) << records.error().message;
  EXPECT_EQ((*records)[0].body, "");
  EXPECT_EQ((*records)[0].receive_count, 0);
  EXPECT_EQ((*records)[0].sent_at.time_since_epoch(), milliseconds{0});
}

TEST(SqsEvent, RefusesOtherEventsByName) {
  EXPECT_EQ(batch_error("[]").message, "event: expected a JSON object, got an array");
  EXPECT_EQ(batch_error("{}").message, "event: expected a batch of SQS messages in \"Records\"");
  EXPECT_EQ(batch_error(R"({"Records":{}})").message, "event: expected a batch of SQS messages in \"Records\"");
  EXPECT_EQ(batch_error(R"({"Records":[7]})").message, "Records[0]: expected an object, got a number");
  EXPECT_EQ(batch_error(fixture("s3_put")).message, R"(Records[0].eventSource: expected "aws:sqs", got "aws:s3")");
  EXPECT_EQ(batch_error(R"({"Records":[{}]})").message, R"(Records[0].eventSource: expected "aws:sqs", got nothing)");
}

TEST(SqsEvent, RefusesARecordThatCannotBeNamed) {
  const std::string good = R"({"eventSource":"aws:sqs","messageId":"m"})";
  const auto batch = [&](const std::string& fields) {
    return R"({"Records":[)" + good + R"(,{"eventSource":"aws:sqs")" + fields + "}]}";
  };
  EXPECT_EQ(batch_error(batch("")).message, "Records[1].messageId: expected a string, got nothing");
  EXPECT_EQ(batch_error(batch(R"(,"messageId":5)")).message, "Records[1].messageId: expected a string, got a number");
  const std::string named = R"(,"messageId":"n")";
  EXPECT_EQ(batch_error(batch(named + R"(,"body":{})")).message, "Records[1].body: expected a string, got an object");
  EXPECT_EQ(batch_error(batch(named + R"(,"attributes":{"ApproximateReceiveCount":"many"})")).message,
            "Records[1].attributes.ApproximateReceiveCount: expected a number of 0 to 2147483647");
  EXPECT_EQ(batch_error(batch(named + R"(,"attributes":{"ApproximateReceiveCount":"2147483648"})")).code,
            ErrorCode::kInvalidData);
  EXPECT_EQ(batch_error(batch(named + R"(,"messageAttributes":{"a":"b"})")).message,
            "Records[1].messageAttributes.a: expected an object, got a string");
  EXPECT_THAT(batch_error(batch(named + R"(,"messageAttributes":{"a":{"binaryValue":"*"}})")).message,
              StartsWith("Records[1].messageAttributes.a.binaryValue: "));
}

TEST(BatchResponse, NamesTheFailedMessages) {
  EXPECT_EQ(batch_response({}), R"({"batchItemFailures":[]})");
  const std::array<std::string, 2> failed = {"m-1", "m\"2"};
  EXPECT_EQ(batch_response(failed), R"({"batchItemFailures":[{"itemIdentifier":"m-1"},{"itemIdentifier":"m\"2"}]})");
}

}  // namespace
}  // namespace facepipe::lambda
