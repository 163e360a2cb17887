// Tested by recognition_test.cc.
#include "recognition.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "aws/events/sqs_event.h"

namespace facepipe::lambda_app {
namespace {

using std::chrono::milliseconds;

// One batch on its way through.
class Batch {
 public:
  Batch(const lambda::Invocation& invocation, std::span<const aws::SqsRecord> records, queue::MessageQueue& answers,
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

  [[nodiscard]] std::vector<std::string> failed() const {
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < records_.size(); ++i) {
      if (!done_[i]) {
        ids.push_back(records_[i].message_id);
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

  void run_some(const FaceStage& stage, std::size_t begin, std::size_t count) {
    std::vector<std::string_view> bodies;
    for (const aws::SqsRecord& record : records_.subspan(begin, count)) {
      bodies.emplace_back(record.body);
    }
    const std::vector<pipeline::FaceOutcome> outcomes = stage(bodies);
    std::vector<queue::OutgoingMessage> messages;
    std::vector<Pending> pending;
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < count && i < outcomes.size(); ++i) {
      const aws::SqsRecord& record = records_[begin + i];
      if (!outcomes[i].answer) {
        log_failure(record, outcomes[i].error ? outcomes[i].error->message : std::string("no answer"));
        continue;
      }
      queue::OutgoingMessage message;
      message.body = pipeline::to_json(*outcomes[i].answer);
      message.trace_header = record.trace_header.empty() ? invocation_.trace_id : record.trace_header;
      if (messages.size() == queue::kMaxBatch ||
          (!messages.empty() && bytes + message.body.size() > options_.max_batch_bytes)) {
        send(messages, pending);
        messages.clear();
        pending.clear();
        bytes = 0;
      }
      bytes += message.body.size();
      messages.push_back(std::move(message));
      pending.push_back({begin + i, outcomes[i].answer->result == pipeline::kErrorResult});
    }
    if (!messages.empty()) {
      send(messages, pending);
    }
  }

  void send(std::span<const queue::OutgoingMessage> messages, std::span<const Pending> pending) {
    const auto sent = answers_.send_batch(messages);
    for (std::size_t i = 0; i < pending.size(); ++i) {
      const aws::SqsRecord& record = records_[pending[i].record];
      if (!sent) {
        log_failure(record, sent.error().message);
      } else if (!(*sent)[i]) {
        log_failure(record, (*sent)[i].error().message);
      } else {
        done_[pending[i].record] = true;
        ++answered_;
        error_answers_ += pending[i].is_error ? 1 : 0;
      }
    }
  }

  void log_failure(const aws::SqsRecord& record, std::string_view why) {
    logger_.warning("record_failed", {{"requestId", std::string_view(invocation_.request_id)},
                                      {"messageId", std::string_view(record.message_id)},
                                      {"receiveCount", static_cast<std::int64_t>(record.receive_count)},
                                      {"error", why}});
  }

  const lambda::Invocation& invocation_;
  std::span<const aws::SqsRecord> records_;
  queue::MessageQueue& answers_;
  Logger& logger_;
  const RecognitionOptions& options_;
  std::vector<bool> done_;
  int answered_ = 0;
  int error_answers_ = 0;
};

}  // namespace

lambda::Handler make_recognition_handler(FaceStage stage, queue::MessageQueue& answers, const Clock& clock,
                                         FunctionMetrics& metrics, Logger& logger, const RecognitionOptions& options) {
  return [stage = std::move(stage), &answers, &clock, &metrics, &logger,
          options](const lambda::Invocation& invocation) -> Result<std::string> {
    const Clock::TimePoint began = clock.now();
    FACEPIPE_ASSIGN(const std::vector<aws::SqsRecord> records, aws::parse_sqs_event(invocation.payload));
    Batch batch(invocation, records, answers, logger, options);
    batch.run(stage, clock);
    const std::vector<std::string> failed = batch.failed();
    const std::array<lambda::Metric, 4> counts = {{
        {"Records", static_cast<double>(records.size()), "Count"},
        {"Answers", static_cast<double>(batch.answered()), "Count"},
        {"ErrorAnswers", static_cast<double>(batch.error_answers()), "Count"},
        {"ItemFailures", static_cast<double>(failed.size()), "Count"},
    }};
    metrics.write(invocation, began, counts);
    return aws::batch_response(failed);
  };
}

}  // namespace facepipe::lambda_app
