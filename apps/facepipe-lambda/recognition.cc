// Tested by recognition_test.cc.
#include "recognition.h"

#include <algorithm>
#include <array>
#include <set>

#include "lambda/events/sqs_event.h"
#include "queue/validation.h"
#include "stage/recognition/settle.h"

namespace facepipe::lambda_app {
namespace {

using std::chrono::milliseconds;

// A record as the stage's message. What came from a FIFO queue has a sequence number.
queue::ReceivedMessage to_message(lambda::SqsRecord record, const std::string& trace_id) {
  queue::ReceivedMessage message;
  message.message_id = std::move(record.message_id);
  message.receipt_handle = std::move(record.receipt_handle);
  message.body = std::move(record.body);
  message.receive_count = record.receive_count;
  message.group_id = std::move(record.group_id);
  message.trace_header = record.trace_header.empty() ? trace_id : record.trace_header;
  if (queue::is_fifo_name(record.event_source_arn) || !record.sequence_number.empty()) {
    message.sequence_number = std::move(record.sequence_number);
  }
  return message;
}

// One batch on its way through.
class Batch {
 public:
  Batch(const lambda::Invocation& invocation, std::vector<lambda::SqsRecord> records, queue::MessageQueue& answers,
        Logger& logger, const RecognitionOptions& options)
      : invocation_(invocation), answers_(answers), logger_(logger), options_(options), done_(records.size(), false) {
    for (lambda::SqsRecord& record : records) {
      messages_.push_back(to_message(std::move(record), invocation.trace_id));
    }
  }

  void run(const stage::FaceStage& stage, const Clock& clock) {
    milliseconds longest{0};  // of this batch: what the next run may take
    for (std::size_t begin = 0; begin < messages_.size(); begin += options_.records_per_run) {
      const Clock::TimePoint began = clock.now();
      if (invocation_.remaining(began) < options_.reserve + longest) {
        logger_.warning("deadline_near", {{"requestId", std::string_view(invocation_.request_id)},
                                          {"unfinished", static_cast<std::int64_t>(messages_.size() - begin)}});
        return;
      }
      run_some(stage, begin, std::min(begin + options_.records_per_run, messages_.size()));
      longest = std::max(longest, clock.now() - began);
    }
  }

  // In the order of the batch. On a FIFO queue what follows a failed record of its group is among them, even if its
  // answer is sent: handed back together they come again in their order.
  [[nodiscard]] std::vector<std::string> failed() const {
    std::vector<std::string> ids;
    std::set<std::string> groups;
    for (std::size_t i = 0; i < messages_.size(); ++i) {
      if (!done_[i] || is_of(groups, messages_[i])) {
        ids.push_back(messages_[i].message_id);
        groups.insert(messages_[i].group_id);
      }
    }
    return ids;
  }
  [[nodiscard]] int answered() const { return answered_; }
  [[nodiscard]] int error_answers() const { return error_answers_; }

 private:
  static bool is_of(const std::set<std::string>& groups, const queue::ReceivedMessage& message) {
    return message.sequence_number && groups.contains(message.group_id);
  }

  // A record whose group has failed already is not begun: answering it would overtake the failed one.
  void run_some(const stage::FaceStage& stage, std::size_t begin, std::size_t end) {
    std::vector<std::size_t> begun;
    std::vector<queue::ReceivedMessage> messages;
    for (std::size_t i = begin; i < end; ++i) {
      if (!is_of(failed_groups_, messages_[i])) {
        begun.push_back(i);
        messages.push_back(messages_[i]);
      }
    }
    const stage::Plan plan = stage::recognize_batch(messages, stage, {}, options_.fifo_answers, logger_);
    for (const stage::Plan::Again& again : plan.again) {
      fail(messages[again.message], again.reason);
    }
    const auto results = stage::send_answers(answers_, plan.completions, options_.max_batch_bytes);
    for (std::size_t i = 0; i < results.size(); ++i) {
      const stage::Completion& sent = plan.completions[i];
      if (results[i].error) {
        fail(messages[sent.message], stage::reason_of(*results[i].error));
        continue;
      }
      done_[begun[sent.message]] = true;
      ++answered_;
      error_answers_ += sent.is_error ? 1 : 0;
    }
  }

  void fail(const queue::ReceivedMessage& message, std::string_view why) {
    failed_groups_.insert(message.group_id);
    logger_.warning("record_failed", {{"requestId", std::string_view(invocation_.request_id)},
                                      {"messageId", std::string_view(message.message_id)},
                                      {"receiveCount", static_cast<std::int64_t>(message.receive_count)},
                                      {"error", why}});
  }

  const lambda::Invocation& invocation_;
  queue::MessageQueue& answers_;
  Logger& logger_;
  const RecognitionOptions& options_;
  std::vector<queue::ReceivedMessage> messages_;
  std::vector<bool> done_;
  std::set<std::string> failed_groups_;
  int answered_ = 0;
  int error_answers_ = 0;
};

}  // namespace

lambda::Handler make_recognition_handler(stage::FaceStage stage, queue::MessageQueue& answers, const Clock& clock,
                                         FunctionMetrics& metrics, Logger& logger, const RecognitionOptions& options) {
  return [stage = std::move(stage), &answers, &clock, &metrics, &logger,
          options](const lambda::Invocation& invocation) -> Result<std::string> {
    const Clock::TimePoint began = clock.now();
    FACEPIPE_ASSIGN(std::vector<lambda::SqsRecord> records, lambda::parse_sqs_event(invocation.payload));
    const auto count = static_cast<double>(records.size());
    Batch batch(invocation, std::move(records), answers, logger, options);
    batch.run(stage, clock);
    const std::vector<std::string> failed = batch.failed();
    const std::array<metrics::Metric, 4> counts = {{
        {"Records", count, "Count"},
        {"Answers", static_cast<double>(batch.answered()), "Count"},
        {"ErrorAnswers", static_cast<double>(batch.error_answers()), "Count"},
        {"ItemFailures", static_cast<double>(failed.size()), "Count"},
    }};
    metrics.write(invocation, began, counts);
    return lambda::batch_response(failed);
  };
}

}  // namespace facepipe::lambda_app
