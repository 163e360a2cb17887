// Names and forms: SQS API reference, SetQueueAttributes and GetQueueAttributes. Tested by queue_settings_test.cc
#include "serve/sqs/queue_settings.h"

#include <algorithm>
#include <array>

#include "base/json_writer.h"
#include "base/text.h"
#include "queue/queue_error.h"
#include "serve/sqs/protocol.h"

namespace facepipe::serve::sqs {
namespace {

using queue::queue_error;
using queue::QueueAttributes;
using queue::QueueErrorKind;
using std::chrono::seconds;

Error invalid_value(std::string_view name, std::string_view expected) {
  return queue_error(QueueErrorKind::kInvalidAttributeValue, "Invalid value for the parameter " + std::string(name) +
                                                                 ": expected " + std::string(expected) + ".");
}

Result<std::int64_t> to_integer(std::string_view name, std::string_view text) {
  const auto number = parse_number<std::int64_t>(text);
  return number ? Result<std::int64_t>(*number) : invalid_value(name, "an integer");
}

Result<bool> to_truth(std::string_view name, std::string_view text) {
  if (text != "true" && text != "false") {
    return invalid_value(name, "true or false");
  }
  return text == "true";
}

// {"deadLetterTargetArn":"arn:...","maxReceiveCount":5}; the count may be a text. An empty text: no policy.
Status apply_redrive_policy(QueueAttributes& attributes, const std::string& text, const QueueAddresses& addresses) {
  attributes.dead_letter_queue.clear();
  attributes.max_receive_count = 0;
  if (text.empty()) {
    return {};
  }
  const Result<Node> policy = parse_json(text);
  if (!policy) {
    return invalid_value("RedrivePolicy", "a JSON object");
  }
  const Result<std::string> arn = required_text(*policy, "deadLetterTargetArn");
  const Result<std::optional<std::int64_t>> count = optional_integer(*policy, "maxReceiveCount");
  if (!arn || !count || !count->has_value()) {
    return invalid_value("RedrivePolicy", "the members deadLetterTargetArn and maxReceiveCount");
  }
  if (**count < 1 || **count > 1000) {
    return invalid_value("RedrivePolicy", "maxReceiveCount from 1 to 1000");
  }
  FACEPIPE_ASSIGN(attributes.dead_letter_queue, addresses.queue_of_arn(*arn));
  attributes.max_receive_count = static_cast<int>(**count);
  return {};
}

// Attributes that say how a queue of Amazon's is run. Their values that ask for nothing are taken.
Status check_unsupported(const std::string& name, const std::string& text) {
  struct Row {
    std::string_view name;
    std::string_view harmless;
  };
  static constexpr std::array kRows{
      Row{"Policy", ""},
      Row{"KmsMasterKeyId", ""},
      Row{"KmsDataKeyReusePeriodSeconds", "300"},
      Row{"SqsManagedSseEnabled", "false"},
      Row{"RedriveAllowPolicy", ""},
      Row{"DeduplicationScope", "queue"},
      Row{"FifoThroughputLimit", "perQueue"},
  };
  for (const Row& row : kRows) {
    if (row.name == name) {
      if (row.harmless == text) {
        return {};
      }
      return queue_error(QueueErrorKind::kUnsupportedOperation,
                         "This server does not have the attribute " + name + ".");
    }
  }
  return queue_error(QueueErrorKind::kInvalidAttributeName,
                     "Unknown Attribute " + (name.size() <= 64 ? name : std::string("(name too long)")) + ".");
}

Status apply(QueueAttributes& attributes, const std::string& name, const std::string& text,
             const QueueAddresses& addresses) {
  struct Duration {
    std::string_view name;
    seconds QueueAttributes::* member;
  };
  static constexpr std::array kDurations{
      Duration{"VisibilityTimeout", &QueueAttributes::visibility_timeout},
      Duration{"DelaySeconds", &QueueAttributes::delay},
      Duration{"ReceiveMessageWaitTimeSeconds", &QueueAttributes::receive_wait},
      Duration{"MessageRetentionPeriod", &QueueAttributes::retention},
  };
  for (const Duration& duration : kDurations) {
    if (duration.name == name) {
      FACEPIPE_ASSIGN(const std::int64_t value, to_integer(name, text));
      attributes.*duration.member = seconds(value);
      return {};
    }
  }
  if (name == "MaximumMessageSize") {
    FACEPIPE_ASSIGN(attributes.maximum_message_bytes, to_integer(name, text));
  } else if (name == "RedrivePolicy") {
    FACEPIPE_TRY(apply_redrive_policy(attributes, text, addresses));
  } else if (name == "FifoQueue") {
    FACEPIPE_ASSIGN(attributes.fifo, to_truth(name, text));
  } else if (name == "ContentBasedDeduplication") {
    FACEPIPE_ASSIGN(attributes.content_based_deduplication, to_truth(name, text));
  } else {
    FACEPIPE_TRY(check_unsupported(name, text));
  }
  return {};
}

std::string redrive_policy(const QueueAttributes& attributes, const QueueAddresses& addresses) {
  JsonWriter writer;
  writer.begin_object().key("deadLetterTargetArn").string(addresses.arn(attributes.dead_letter_queue));
  writer.key("maxReceiveCount").integer(attributes.max_receive_count).end_object();
  return std::move(writer).text();
}

std::string epoch_seconds(Clock::TimePoint time) {
  return std::to_string(std::chrono::floor<seconds>(time).time_since_epoch().count());
}

using Member = std::pair<std::string, std::string>;

std::vector<Member> all_attributes(const std::string& queue, const QueueAttributes& attributes,
                                   const queue::QueueStatistics& statistics, const QueueAddresses& addresses) {
  std::vector<Member> all{
      {"QueueArn", addresses.arn(queue)},
      {"ApproximateNumberOfMessages", std::to_string(statistics.visible)},
      {"ApproximateNumberOfMessagesNotVisible", std::to_string(statistics.in_flight)},
      {"ApproximateNumberOfMessagesDelayed", std::to_string(statistics.delayed)},
      {"CreatedTimestamp", epoch_seconds(statistics.created_at)},
      {"LastModifiedTimestamp", epoch_seconds(statistics.modified_at)},
      {"VisibilityTimeout", std::to_string(attributes.visibility_timeout.count())},
      {"MaximumMessageSize", std::to_string(attributes.maximum_message_bytes)},
      {"MessageRetentionPeriod", std::to_string(attributes.retention.count())},
      {"DelaySeconds", std::to_string(attributes.delay.count())},
      {"ReceiveMessageWaitTimeSeconds", std::to_string(attributes.receive_wait.count())},
      {"SqsManagedSseEnabled", "false"},
  };
  if (!attributes.dead_letter_queue.empty()) {
    all.emplace_back("RedrivePolicy", redrive_policy(attributes, addresses));
  }
  if (attributes.fifo) {
    all.emplace_back("FifoQueue", "true");
    all.emplace_back("ContentBasedDeduplication", attributes.content_based_deduplication ? "true" : "false");
    all.emplace_back("DeduplicationScope", "queue");
    all.emplace_back("FifoThroughputLimit", "perQueue");
  }
  return all;
}

bool is_attribute_name(std::string_view name) {
  static constexpr std::array<std::string_view, 22> kNames{"All",
                                                           "Policy",
                                                           "VisibilityTimeout",
                                                           "MaximumMessageSize",
                                                           "MessageRetentionPeriod",
                                                           "ApproximateNumberOfMessages",
                                                           "ApproximateNumberOfMessagesNotVisible",
                                                           "CreatedTimestamp",
                                                           "LastModifiedTimestamp",
                                                           "QueueArn",
                                                           "ApproximateNumberOfMessagesDelayed",
                                                           "DelaySeconds",
                                                           "ReceiveMessageWaitTimeSeconds",
                                                           "RedrivePolicy",
                                                           "FifoQueue",
                                                           "ContentBasedDeduplication",
                                                           "KmsMasterKeyId",
                                                           "KmsDataKeyReusePeriodSeconds",
                                                           "DeduplicationScope",
                                                           "FifoThroughputLimit",
                                                           "RedriveAllowPolicy",
                                                           "SqsManagedSseEnabled"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

}  // namespace

Result<QueueAttributes> with_attributes(const QueueAttributes& base, const AttributeTexts& texts,
                                        const QueueAddresses& addresses) {
  QueueAttributes attributes = base;
  for (const auto& [name, text] : texts) {
    FACEPIPE_TRY(apply(attributes, name, text, addresses));
  }
  if (!attributes.fifo) {
    // Even with the value that a standard queue has: so SQS does it.
    for (const char* name : {"FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"}) {
      if (texts.contains(name)) {
        return queue_error(QueueErrorKind::kInvalidAttributeName,
                           "Unknown Attribute " + std::string(name) + ": only FIFO queues have it.");
      }
    }
  }
  return attributes;
}

Result<Node> attribute_node(const std::string& queue, const QueueAttributes& attributes,
                            const queue::QueueStatistics& statistics, std::span<const std::string> names,
                            const QueueAddresses& addresses) {
  for (const std::string& name : names) {
    if (!is_attribute_name(name)) {
      return queue_error(QueueErrorKind::kInvalidAttributeName,
                         "Unknown Attribute " + (name.size() <= 64 ? name : std::string("(name too long)")) + ".");
    }
  }
  const auto wanted = [&](const std::string& name) {
    return std::any_of(names.begin(), names.end(),
                       [&](const std::string& asked) { return asked == "All" || asked == name; });
  };
  Node node{Node::Object()};
  for (auto& [name, value] : all_attributes(queue, attributes, statistics, addresses)) {
    if (wanted(name)) {
      node.add(name, std::move(value));
    }
  }
  return node;
}

}  // namespace facepipe::serve::sqs
