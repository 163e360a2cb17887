// Tested by settle_test.cc.
#include "stage/recognition/settle.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "base/work_limit.h"
#include "wire/messages.h"
#include "wire/send.h"

namespace facepipe::stage {
namespace {

constexpr int kLongestDelaySeconds = 60;

std::string why_again(bool blocked, const FaceOutcome* outcome) {
  if (blocked) {
    return "follows a message of its group that failed";
  }
  if (outcome == nullptr || !outcome->error) {
    return "the batch that it was in failed as a whole";
  }
  return reason_of(*outcome->error);
}

}  // namespace

std::chrono::seconds retry_delay(int receive_count) {
  return std::chrono::seconds{std::min(1 << std::clamp(receive_count, 1, 6), kLongestDelaySeconds)};
}

std::string reason_of(const Error& error) {
  return std::string(to_string(error.code)) + ": " + error.message;
}

Plan plan_batch(std::span<const queue::ReceivedMessage> messages, std::span<const FaceOutcome> outcomes,
                bool fifo_answers) {
  Plan plan;
  std::set<std::string> failed_groups;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const queue::ReceivedMessage& message = messages[i];
    const bool ordered = message.sequence_number.has_value();
    const bool blocked = ordered && failed_groups.contains(message.group_id);
    if (blocked || i >= outcomes.size() || !outcomes[i].answer) {
      if (ordered) {
        failed_groups.insert(message.group_id);
      }
      const FaceOutcome* const outcome = i < outcomes.size() ? &outcomes[i] : nullptr;
      const bool unavailable =
          !blocked && outcome != nullptr && outcome->error && outcome->error->code == ErrorCode::kUnavailable;
      plan.again.push_back({i, why_again(blocked, outcome), blocked, unavailable});
      continue;
    }
    const wire::Answer& answer = *outcomes[i].answer;
    plan.completions.push_back(
        {message.receipt_handle,
         wire::answer_message(answer, {fifo_answers, message.group_id, message.trace_header, message.body}), i,
         answer.result == wire::kErrorResult});
  }
  return plan;
}

Plan recognize_batch(std::span<const queue::ReceivedMessage> messages, const FaceStage& stage,
                     const std::stop_token& stop, bool fifo_answers, Logger& logger) {
  if (messages.empty()) {
    return {};
  }
  std::vector<std::string_view> bodies;
  bodies.reserve(messages.size());
  for (const queue::ReceivedMessage& message : messages) {
    bodies.emplace_back(message.body);
  }
  const auto outcomes = guarded([&]() -> Result<std::vector<FaceOutcome>> { return stage(bodies, stop); });
  if (!outcomes) {
    logger.error("batch_failed", {{"error", std::string_view(outcomes.error().message)}});
  }
  return plan_batch(messages, outcomes ? std::span(*outcomes) : std::span<const FaceOutcome>(), fifo_answers);
}

}  // namespace facepipe::stage
