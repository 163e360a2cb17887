#include "queue/validation.h"

#include <gtest/gtest.h>

#include "queue/queue_error.h"

namespace facepipe::queue {
namespace {

QueueErrorKind kind(const Status& status) {
  return status ? QueueErrorKind::kNone : queue_error_kind(status.error());
}

OutgoingMessage with_attribute(const std::string& name, const std::string& type, const std::string& value) {
  OutgoingMessage message;
  message.body = "b";
  message.attributes[name] = {type, value};
  return message;
}

TEST(MessageText, EdgesOfTheAllowedRanges) {
  EXPECT_TRUE(is_message_text("\t\n\r ~\x7f"));
  EXPECT_TRUE(is_message_text("\xed\x9f\xbf"));      // U+D7FF
  EXPECT_TRUE(is_message_text("\xee\x80\x80"));      // U+E000
  EXPECT_TRUE(is_message_text("\xef\xbf\xbd"));      // U+FFFD
  EXPECT_TRUE(is_message_text("\xf0\x90\x80\x80"));  // U+10000
  EXPECT_TRUE(is_message_text("\xf4\x8f\xbf\xbf"));  // U+10FFFF
  EXPECT_FALSE(is_message_text(std::string_view("\0", 1)));
  EXPECT_FALSE(is_message_text("\x01"));
  EXPECT_FALSE(is_message_text("a\x0b"));
  EXPECT_FALSE(is_message_text("\x1f"));
  EXPECT_FALSE(is_message_text("\xef\xbf\xbe"));      // U+FFFE
  EXPECT_FALSE(is_message_text("\xef\xbf\xbf"));      // U+FFFF
  EXPECT_FALSE(is_message_text("\xed\xa0\x80"));      // U+D800, a surrogate
  EXPECT_FALSE(is_message_text("\xf4\x90\x80\x80"));  // U+110000
}

TEST(MessageText, MalformedUtf8) {
  EXPECT_FALSE(is_message_text("\x80"));
  EXPECT_FALSE(is_message_text("\xc1\x81"));          // overlong 'A'
  EXPECT_FALSE(is_message_text("\xe0\x80\x81"));      // overlong
  EXPECT_FALSE(is_message_text("\xf0\x80\x80\x81"));  // overlong
  EXPECT_FALSE(is_message_text("\xe2\x82"));          // cut short
  EXPECT_FALSE(is_message_text("\xe2\x28\xa1"));
  EXPECT_FALSE(is_message_text("\xff"));
}

TEST(ValidateMessage, Body) {
  OutgoingMessage message;
  EXPECT_EQ(kind(validate_message(message)), QueueErrorKind::kMissingParameter);
  message.body = std::string(kMaxMessageBytes, 'x');
  EXPECT_TRUE(validate_message(message));
  message.body += 'x';
  EXPECT_EQ(kind(validate_message(message)), QueueErrorKind::kMessageTooLong);
  message.body = "\x02";
  EXPECT_EQ(kind(validate_message(message)), QueueErrorKind::kInvalidMessageContents);
}

TEST(ValidateMessage, AttributesCountTowardsTheSize) {
  OutgoingMessage message = with_attribute("name", "String", "value");
  EXPECT_EQ(message_bytes(message), 1U + 4 + 6 + 5);
  message.body = std::string(kMaxMessageBytes - 15, 'x');
  EXPECT_TRUE(validate_message(message));
  message.body += 'x';
  EXPECT_EQ(kind(validate_message(message)), QueueErrorKind::kMessageTooLong);
}

TEST(ValidateMessage, AttributeNames) {
  for (const char* name : {"a", "A.b_c-9", "Awsome", "amazonia"}) {
    EXPECT_TRUE(validate_message(with_attribute(name, "String", "v"))) << name;
  }
  EXPECT_TRUE(validate_message(with_attribute(std::string(256, 'n'), "String", "v")));
  for (const std::string& name :
       {std::string(), std::string(".a"), std::string("a."), std::string("a..b"), std::string("a b"),
        std::string("AWS.x"), std::string("aws.x"), std::string("Amazon.x"), std::string(257, 'n')}) {
    EXPECT_EQ(kind(validate_message(with_attribute(name, "String", "v"))), QueueErrorKind::kInvalidParameter) << name;
  }
}

TEST(ValidateMessage, AttributeTypesAndValues) {
  EXPECT_TRUE(validate_message(with_attribute("a", "Number.float", "-1.5e+3")));
  EXPECT_TRUE(validate_message(with_attribute("a", "Binary.png", std::string("\0\xff", 2))));
  for (const char* type : {"", "Text", "String.", "string", "Strings"}) {
    EXPECT_EQ(kind(validate_message(with_attribute("a", type, "v"))), QueueErrorKind::kInvalidParameter) << type;
  }
  EXPECT_EQ(kind(validate_message(with_attribute("a", "String", ""))), QueueErrorKind::kInvalidParameter);
  EXPECT_EQ(kind(validate_message(with_attribute("a", "String", "\x01"))), QueueErrorKind::kInvalidMessageContents);
}

TEST(ValidateMessage, Numbers) {
  for (const std::string& number : {std::string("0"), std::string("+7"), std::string(".5"), std::string("1."),
                                    std::string("1E9"), std::string(38, '9')}) {
    EXPECT_TRUE(validate_message(with_attribute("a", "Number", number))) << number;
  }
  for (const std::string& number :
       {std::string("x"), std::string("1x"), std::string("-"), std::string("."), std::string("1e"), std::string("1e+"),
        std::string("1.2.3"), std::string("1e9999"), std::string(39, '9')}) {
    EXPECT_EQ(kind(validate_message(with_attribute("a", "Number", number))), QueueErrorKind::kInvalidParameter)
        << number;
  }
}

TEST(ValidateMessage, AtMostTenAttributes) {
  OutgoingMessage message;
  message.body = "b";
  for (int i = 0; i < 10; ++i) {
    message.attributes["a" + std::to_string(i)] = {"String", "v"};
  }
  EXPECT_TRUE(validate_message(message));
  message.attributes["b"] = {"String", "v"};
  EXPECT_EQ(kind(validate_message(message)), QueueErrorKind::kInvalidParameter);
}

TEST(ValidateMessage, DelayGroupAndTrace) {
  OutgoingMessage message;
  message.body = "b";
  message.delay = std::chrono::seconds(900);
  EXPECT_TRUE(validate_message(message));
  message.delay = std::chrono::seconds(901);
  EXPECT_EQ(kind(validate_message(message)), QueueErrorKind::kInvalidParameter);
  message.delay = std::chrono::seconds(-1);
  EXPECT_EQ(kind(validate_message(message)), QueueErrorKind::kInvalidParameter);
  message.delay.reset();
  message.group_id = std::string(128, '~');
  EXPECT_TRUE(validate_message(message));
  message.group_id = std::string(129, 'g');
  EXPECT_EQ(kind(validate_message(message)), QueueErrorKind::kInvalidParameter);
  message.group_id = "a b";
  EXPECT_EQ(kind(validate_message(message)), QueueErrorKind::kInvalidParameter);
  message.group_id.clear();
  message.trace_header = std::string(257, 't');
  EXPECT_EQ(kind(validate_message(message)), QueueErrorKind::kInvalidParameter);
}

TEST(ValidateQueueName, LettersAndSuffix) {
  EXPECT_TRUE(validate_queue_name("Faces-1_x", false));
  EXPECT_TRUE(validate_queue_name(std::string(80, 'q'), false));
  EXPECT_TRUE(validate_queue_name("q.fifo", true));
  for (const std::string& name : {std::string(), std::string(81, 'q'), std::string("a.b"), std::string("a/b"),
                                  std::string(".fifo"), std::string("q.fifo")}) {
    EXPECT_EQ(kind(validate_queue_name(name, false)), QueueErrorKind::kInvalidParameter) << name;
  }
  EXPECT_EQ(kind(validate_queue_name("q", true)), QueueErrorKind::kInvalidParameter);
}

TEST(ValidateQueueAttributes, Ranges) {
  using Change = void (*)(QueueAttributes&);
  const QueueAttributes defaults;
  EXPECT_TRUE(validate_queue_attributes(defaults));
  const std::vector<Change> bad = {
      [](QueueAttributes& a) { a.visibility_timeout = std::chrono::seconds(43'201); },
      [](QueueAttributes& a) { a.visibility_timeout = std::chrono::seconds(-1); },
      [](QueueAttributes& a) { a.delay = std::chrono::seconds(901); },
      [](QueueAttributes& a) { a.receive_wait = std::chrono::seconds(21); },
      [](QueueAttributes& a) { a.retention = std::chrono::seconds(59); },
      [](QueueAttributes& a) { a.retention = std::chrono::seconds(1'209'601); },
      [](QueueAttributes& a) { a.maximum_message_bytes = 1023; },
      [](QueueAttributes& a) { a.maximum_message_bytes = 1'048'577; },
      [](QueueAttributes& a) { a.max_receive_count = 1; },
      [](QueueAttributes& a) { a.dead_letter_queue = "d"; },
      [](QueueAttributes& a) { a.dead_letter_queue = "d", a.max_receive_count = 1001; },
  };
  for (std::size_t i = 0; i < bad.size(); ++i) {
    QueueAttributes attributes;
    bad[i](attributes);
    EXPECT_EQ(kind(validate_queue_attributes(attributes)), QueueErrorKind::kInvalidAttributeValue) << i;
  }
  QueueAttributes attributes;
  attributes.content_based_deduplication = true;
  EXPECT_EQ(kind(validate_queue_attributes(attributes)), QueueErrorKind::kInvalidAttributeName);
}

TEST(ValidateReceive, Ranges) {
  EXPECT_TRUE(validate_receive({10, std::chrono::seconds(20), std::chrono::seconds(43'200)}));
  EXPECT_EQ(kind(validate_receive({0, {}, {}})), QueueErrorKind::kInvalidParameter);
  EXPECT_EQ(kind(validate_receive({11, {}, {}})), QueueErrorKind::kInvalidParameter);
  EXPECT_EQ(kind(validate_receive({1, std::chrono::seconds(21), {}})), QueueErrorKind::kInvalidParameter);
  EXPECT_EQ(kind(validate_receive({1, std::chrono::seconds(0), std::chrono::seconds(43'201)})),
            QueueErrorKind::kInvalidParameter);
}

TEST(ValidateBatchSize, OneToTen) {
  EXPECT_EQ(kind(validate_batch_size(0)), QueueErrorKind::kEmptyBatchRequest);
  EXPECT_TRUE(validate_batch_size(1));
  EXPECT_TRUE(validate_batch_size(10));
  EXPECT_EQ(kind(validate_batch_size(11)), QueueErrorKind::kTooManyEntriesInBatchRequest);
}

TEST(Validation, ATextForAnyReader) {
  EXPECT_EQ(to_message_text("plain \xc3\xbc"), "plain \xc3\xbc");
  EXPECT_EQ(to_message_text(std::string("\0a\x1b", 3)),
            "\xef\xbf\xbd"
            "a\xef\xbf\xbd");
  EXPECT_TRUE(is_message_text(to_message_text("\xc3\xed\xa0\x80\xff")));
}

TEST(Validation, ReasonsAreCutAndCleaned) {
  EXPECT_EQ(reason_text("a\nb\tc"), "a\nb\tc");
  EXPECT_EQ(reason_text(std::string("a\0b\x01\xff", 5)), "a?b??");
  EXPECT_EQ(reason_text("na\xc3\xafve \xf0\x9f\x98\x80"), "na\xc3\xafve \xf0\x9f\x98\x80");
  EXPECT_EQ(reason_text(std::string(5'000, 'x')).size(), kMaxReasonBytes);
  EXPECT_EQ(reason_text(std::string(999, 'x') + "\xc3\xaf").size(), 999U) << "no half character";
  EXPECT_EQ(reason_text(""), "");
}

TEST(Validation, AnAttributesTypeIsText) {
  OutgoingMessage message;
  message.body = "b";
  message.attributes["a"] = {"String.\xc3\xbc", "v"};
  EXPECT_TRUE(validate_message(message));
  for (const char* type : {"String.\x01", "Number.\xff", "Binary.\xef\xbf\xbe"}) {
    message.attributes["a"] = {type, "1"};
    EXPECT_FALSE(validate_message(message)) << type;
  }
}

}  // namespace
}  // namespace facepipe::queue
