#include "serve/sqs/message_codec.h"

#include <gtest/gtest.h>

#include "queue/queue_error.h"
#include "serve/sqs/protocol.h"

namespace facepipe::serve::sqs {
namespace {

using queue::QueueErrorKind;

const QueueAddresses kAddresses{"http://localhost", "000000000000", "us-east-1"};

Result<queue::OutgoingMessage> decode(std::string_view json) {
  const auto node = parse_json(json);
  EXPECT_TRUE(node);
  return outgoing_message(*node);
}

QueueErrorKind kind_of(std::string_view json) {
  const auto message = decode(json);
  return message ? QueueErrorKind::kNone : queue::queue_error_kind(message.error());
}

// The expected digests are computed with Python's hashlib from the documented layout, by hand and apart from this code:
// md5(be32(len(name)) name be32(len(type)) type kind be32(len(value)) value ...).
TEST(AttributesMd5, DocumentedLayout) {
  EXPECT_EQ(attributes_md5({}), "");
  EXPECT_EQ(attributes_md5({{"a", {"String", "v"}}}), "a18cbb58171ebf4ce88d9fb787f9210b");
  EXPECT_EQ(attributes_md5({{"text", {"String.label", "\xe2\x82\xac"}},
                            {"number", {"Number", "42"}},
                            {"bytes", {"Binary", std::string("\0\xff", 2)}}}),
            "3d1882ab096b1ab4c77136d8e8fecb6f");
}

TEST(OutgoingMessage, EveryParameter) {
  const auto message = decode(
      R"({"MessageBody":"b","DelaySeconds":7,"MessageGroupId":"g","MessageDeduplicationId":"d",)"
      R"("MessageAttributes":{"t":{"DataType":"String","StringValue":"v"},"b":{"DataType":"Binary","BinaryValue":"AP8="}},)"
      R"("MessageSystemAttributes":{"AWSTraceHeader":{"DataType":"String","StringValue":"Root=1"}}})");
  ASSERT_TRUE(message) << message.error().message;
  EXPECT_EQ(message->body, "b");
  EXPECT_EQ(message->delay, std::chrono::seconds(7));
  EXPECT_EQ(message->group_id, "g");
  EXPECT_EQ(message->deduplication_id, "d");
  EXPECT_EQ(message->trace_header, "Root=1");
  EXPECT_EQ(message->attributes,
            (queue::MessageAttributes{{"b", {"Binary", std::string("\0\xff", 2)}}, {"t", {"String", "v"}}}));
}

TEST(OutgoingMessage, Errors) {
  EXPECT_EQ(kind_of("{}"), QueueErrorKind::kMissingParameter);
  EXPECT_EQ(kind_of(R"({"MessageBody":5})"), QueueErrorKind::kMalformedRequest);
  EXPECT_EQ(kind_of(R"({"MessageBody":"b","DelaySeconds":"soon"})"), QueueErrorKind::kMalformedRequest);
  EXPECT_EQ(kind_of(R"({"MessageBody":"b","MessageAttributes":[]})"), QueueErrorKind::kMalformedRequest);
  EXPECT_EQ(kind_of(R"({"MessageBody":"b","MessageAttributes":{"a":{}}})"), QueueErrorKind::kInvalidParameter);
  EXPECT_EQ(kind_of(R"({"MessageBody":"b","MessageAttributes":{"a":{"DataType":"String","BinaryValue":"AA=="}}})"),
            QueueErrorKind::kInvalidParameter);
  EXPECT_EQ(kind_of(R"({"MessageBody":"b","MessageAttributes":{"a":{"DataType":"Binary","StringValue":"x"}}})"),
            QueueErrorKind::kInvalidParameter);
  EXPECT_EQ(kind_of(R"({"MessageBody":"b","MessageAttributes":{"a":{"DataType":"Binary","BinaryValue":"!"}}})"),
            QueueErrorKind::kInvalidParameter);
  EXPECT_EQ(kind_of(R"({"MessageBody":"b","MessageSystemAttributes":{"X":{"DataType":"String","StringValue":"x"}}})"),
            QueueErrorKind::kInvalidParameter);
}

queue::ReceivedMessage received() {
  queue::ReceivedMessage message;
  message.message_id = "id";
  message.receipt_handle = "handle";
  message.body = "b";
  message.attributes = {
      {"camera.name", {"String", "door"}}, {"camera.id", {"Number", "1"}}, {"raw", {"Binary", "\x01"}}};
  message.receive_count = 2;
  message.sent_at = Clock::TimePoint(std::chrono::milliseconds(1'000));
  message.first_received_at = Clock::TimePoint(std::chrono::milliseconds(2'000));
  message.group_id = "g";
  message.dead_letter_source = "work";
  return message;
}

std::string encode(const ReceiveSelection& selection) {
  return json_response(received_node({received()}, selection, kAddresses), "").body;
}

TEST(ReceivedNode, WithoutASelectionOnlyTheMessage) {
  EXPECT_EQ(encode({}), R"({"Messages":[{"MessageId":"id","ReceiptHandle":"handle",)"
                        R"("MD5OfBody":"92eb5ffee6ae2fec3ad71c777531578f","Body":"b"}]})");
  EXPECT_EQ(json_response(received_node({}, {}, kAddresses), "").body, "{}");
}

TEST(ReceivedNode, SystemAttributes) {
  const std::string all = encode({{"All"}, {}});
  EXPECT_NE(all.find(R"("Attributes":{"SenderId":"000000000000","SentTimestamp":"1000","ApproximateReceiveCount":"2",)"
                     R"("ApproximateFirstReceiveTimestamp":"2000","MessageGroupId":"g",)"
                     R"("DeadLetterQueueSourceArn":"arn:aws:sqs:us-east-1:000000000000:work"})"),
            std::string::npos)
      << all;
  const std::string one = encode({{"SentTimestamp"}, {}});
  EXPECT_NE(one.find(R"("Attributes":{"SentTimestamp":"1000"})"), std::string::npos) << one;
}

TEST(ReceivedNode, MessageAttributesByNamePrefixOrAll) {
  for (const char* all : {"All", ".*"}) {
    EXPECT_NE(encode({{}, {all}}).find(R"("raw":{"BinaryValue":"AQ==","DataType":"Binary"})"), std::string::npos);
  }
  const std::string prefix = encode({{}, {"camera.*"}});
  EXPECT_NE(prefix.find(R"("camera.id":{"StringValue":"1","DataType":"Number"})"), std::string::npos) << prefix;
  EXPECT_EQ(prefix.find("raw"), std::string::npos);
  // The digest is of what is returned, so that a client can check it.
  const std::string one = encode({{}, {"raw"}});
  EXPECT_NE(one.find("\"MD5OfMessageAttributes\":\"" + attributes_md5({{"raw", {"Binary", "\x01"}}}) + "\""),
            std::string::npos)
      << one;
  EXPECT_EQ(encode({{}, {"absent"}}).find("MD5OfMessageAttributes"), std::string::npos);
}

TEST(ReceiveSelection, UnknownSystemAttribute) {
  const auto node = parse_json(R"({"AttributeNames":["Colour"]})");
  const auto selection = receive_selection(*node);
  ASSERT_FALSE(selection);
  EXPECT_EQ(queue::queue_error_kind(selection.error()), QueueErrorKind::kInvalidAttributeName);
}

}  // namespace
}  // namespace facepipe::serve::sqs
