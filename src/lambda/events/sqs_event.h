// A batch of queue messages as the event source mapping hands it to a function, and the answer that says which failed.
// Source: AWS Lambda Developer Guide, "Using Lambda with Amazon SQS".
#pragma once

#include <map>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"

namespace facepipe::lambda {

struct SqsEventAttribute {
  std::string data_type;     // "String", "Number" or "Binary", with an optional ".label"
  std::string string_value;  // of String and Number
  Bytes binary_value;        // of Binary
};

struct SqsRecord {
  std::string message_id;  // never empty
  std::string receipt_handle;
  std::string body;
  std::string body_md5;   // lower-case hex, as the service computed it
  int receive_count = 0;  // ApproximateReceiveCount, this receipt included; 0 if absent
  Clock::TimePoint sent_at;
  Clock::TimePoint first_received_at;
  std::string sender_id;
  std::string group_id;          // MessageGroupId
  std::string deduplication_id;  // MessageDeduplicationId
  std::string sequence_number;
  std::string trace_header;  // AWSTraceHeader
  std::map<std::string, SqsEventAttribute> message_attributes;
  std::string event_source_arn;  // the queue
  std::string aws_region;
};

// kInvalidData ("Records[3].messageId: expected a string, got nothing") when the event is not from SQS, or a record
// cannot be named: then nothing can be said about single records and the whole batch has to come again. No payload is
// quoted. An empty batch is fine.
[[nodiscard]] Result<std::vector<SqsRecord>> parse_sqs_event(std::string_view json);

// {"batchItemFailures":[{"itemIdentifier":"<messageId>"},...]}: those stay on the queue, the rest is deleted. An empty
// list: all is done. Needs ReportBatchItemFailures on the mapping.
[[nodiscard]] std::string batch_response(std::span<const std::string> failed_message_ids);

}  // namespace facepipe::lambda
