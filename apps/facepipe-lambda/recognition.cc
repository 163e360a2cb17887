// Tested by recognition_test.cc.
#include "recognition.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <utility>

#include "lambda/events/sqs_event.h"
#include "wire/send.h"

namespace facepipe::lambda_app {
namespace {

using std::chrono::milliseconds;

// One batch on its way through.
class Batch {
 public:
  Batch(const lambda::Invocation& invocation, std::span<const lambda::SqsRecord> records, queue::MessageQueue& answers,
        Logger& logger, const RecognitionOptions& options)
      : invocation_(invocation),
        records_(records),
        answers_(answers),
        logger_(logger),
        options_(options),
        done_(records.size(), false) {}

  void run(const FaceStage& stage, const Clock& clock) {
    milliseconds longest{0};  // of this batch: what the next run may take
    for (std::size_t begin = 0; begin < records_.size(); begin += options_.records_per_run) {
      const Clock::TimePoint began = clock.now();
      if (invocation_.remaining(began) < options_.reserve + longest) {
        logger_.warning("deadline_near", {{"requestId", std::string_view(invocation_.request_id)},
                                          {"unfinished", static_cast<std::int64_t>(records_.size() - begin)}});
        return;
      }
      const std::size_t count = std::min(options_.records_per_run, records_.size() - begin);
      run_some(stage, begin, count);
      longest = std::max(longest, clock.now() - began);
    }
  }

  // In the order of the batch. On a FIFO queue what follows a failed record of its group is among them, even if its
  // answer is sent: handed back together they come again in their order.
  [[nodiscard]] std::vector<std::string> failed() const {
    std::vector<std::string> ids;
    std::set<std::string> groups;
    for (std::size_t i = 0; i < records_.size(); ++i) {
      const bool follows = is_fifo(records_[i]) && groups.contains(records_[i].group_id);
      if (follows || !done_[i]) {
        ids.push_back(records_[i].message_id);
        groups.insert(records_[i].group_id);
      }
    }
    return ids;
  }
  [[nodiscard]] int answered() const { return answered_; }
  [[nodiscard]] int error_answers() const { return error_answers_; }

 private:
  struct Pending {
    std::size_t record;
    bool is_error;
  };

  static bool is_fifo(const lambda::SqsRecord& record) {
    return record.event_source_arn.ends_with(".fifo") || !record.sequence_number.empty();
  }
  // Its group has failed already: answering it would overtake the failed record.
  [[nodiscard]] bool is_blocked(const lambda::SqsRecord& record) const {
    return is_fifo(record) && failed_groups_.contains(record.group_id);
  }

  void run_some(const FaceStage& stage, std::size_t begin, std::size_t count) {
    std::vector<std::string_view> bodies;
    std::vector<std::size_t> begun;  // their records
    for (std::size_t i = begin; i < begin + count; ++i) {
      if (!is_blocked(records_[i])) {
        bodies.emplace_back(records_[i].body);
        begun.push_back(i);
      }
    }
    if (bodies.empty()) {
      return;
    }
    const std::vector<stage::FaceOutcome> outcomes = stage(bodies);
    std::vector<queue::OutgoingMessage> messages;
    std::vector<Pending> pending;
    for (std::size_t i = 0; i < begun.size() && i < outcomes.size(); ++i) {
      const lambda::SqsRecord& record = records_[begun[i]];
      if (is_blocked(record)) {
        continue;
      }
      if (!outcomes[i].answer) {
        fail(record, outcomes[i].error ? outcomes[i].error->message : std::string("no answer"));
        continue;
      }
      const wire::Answer& answer = *outcomes[i].answer;
      messages.push_back(
          wire::answer_message(answer, {options_.fifo_answers, record.group_id,
                                        record.trace_header.empty() ? invocation_.trace_id : record.trace_header}));
      pending.push_back({begun[i], answer.result == wire::kErrorResult});
    }
    send(messages, pending);
  }

  void send(std::span<const queue::OutgoingMessage> messages, std::span<const Pending> pending) {
    const std::vector<Status> sent = wire::send_each(answers_, messages, options_.max_batch_bytes);
    for (std::size_t i = 0; i < pending.size(); ++i) {
      if (!sent[i]) {
        fail(records_[pending[i].record], sent[i].error().message);
        continue;
      }
      done_[pending[i].record] = true;
      ++answered_;
      error_answers_ += pending[i].is_error ? 1 : 0;
    }
  }

  void fail(const lambda::SqsRecord& record, std::string_view why) {
    failed_groups_.insert(record.group_id);
    logger_.warning("record_failed", {{"requestId", std::string_view(invocation_.request_id)},
                                      {"messageId", std::string_view(record.message_id)},
                                      {"receiveCount", static_cast<std::int64_t>(record.receive_count)},
                                      {"error", why}});
  }

  const lambda::Invocation& invocation_;
  std::span<const lambda::SqsRecord> records_;
  queue::MessageQueue& answers_;
  Logger& logger_;
  const RecognitionOptions& options_;
  std::vector<bool> done_;
  std::set<std::string> failed_groups_;
  int answered_ = 0;
  int error_answers_ = 0;
};

}  // namespace

lambda::Handler make_recognition_handler(FaceStage stage, queue::MessageQueue& answers, const Clock& clock,
                                         FunctionMetrics& metrics, Logger& logger, const RecognitionOptions& options) {
  return [stage = std::move(stage), &answers, &clock, &metrics, &logger,
          options](const lambda::Invocation& invocation) -> Result<std::string> {
    const Clock::TimePoint began = clock.now();
    FACEPIPE_ASSIGN(const std::vector<lambda::SqsRecord> records, lambda::parse_sqs_event(invocation.payload));
    Batch batch(invocation, records, answers, logger, options);
    batch.run(stage, clock);
    const std::vector<std::string> failed = batch.failed();
    const std::array<metrics::Metric, 4> counts = {{
        {"Records", static_cast<double>(records.size()), "Count"},
        {"Answers", static_cast<double>(batch.answered()), "Count"},
        {"ErrorAnswers", static_cast<double>(batch.error_answers()), "Count"},
        {"ItemFailures", static_cast<double>(failed.size()), "Count"},
    }};
    metrics.write(invocation, began, counts);
    return lambda::batch_response(failed);
  };
}

}  // namespace facepipe::lambda_app
