// Tested by queue_pair_test.cc.
#include "stage/recognition/queue_pair.h"

#include <utility>

#include "queue/message.h"
#include "queue/queue_error.h"
#include "queue/validation.h"
#include "wire/send.h"

namespace facepipe::stage {
namespace {

// An answer that no queue would take. Everything else (away, throttled, no such queue, no permission) can be mended;
// what nobody can read as a response of the queue's says nothing of the answer.
bool is_the_answers_fault(const Error& error) {
  const bool unreadable_response =
      error.code == ErrorCode::kInvalidData && queue::queue_error_kind(error) == queue::QueueErrorKind::kNone;
  return !unreadable_response && (error.code == ErrorCode::kInvalidArgument || error.code == ErrorCode::kInvalidData ||
                                  error.code == ErrorCode::kTooLarge || error.code == ErrorCode::kUnsupported);
}

}  // namespace

std::vector<CompletionResult> send_answers(queue::MessageQueue& answers, std::span<const Completion> completions,
                                           std::size_t max_batch_bytes) {
  std::vector<CompletionResult> results(completions.size());
  std::vector<queue::OutgoingMessage> messages;
  std::vector<std::size_t> indexes;
  for (std::size_t i = 0; i < completions.size(); ++i) {
    if (completions[i].answer) {
      messages.push_back(*completions[i].answer);
      indexes.push_back(i);
    }
  }
  const std::vector<Status> sent = wire::send_each(answers, messages, max_batch_bytes);
  for (std::size_t i = 0; i < indexes.size(); ++i) {
    if (!sent[i]) {
      const Error& error = sent[i].error();
      results[indexes[i]] = {is_the_answers_fault(error) ? Settled::kRefused : Settled::kAway, error};
    }
  }
  return results;
}

Status QueuePair::put_back(const queue::ReceivedMessage& message, std::chrono::seconds delay,
                           const std::string& reason) {
  if (options_.dead_letters == nullptr || message.receive_count < options_.max_receives) {
    return requests_.change_visibility(message.receipt_handle, delay);
  }
  const Status moved = move_to_dead_letters(message, reason);
  if (moved) {
    return {};
  }
  if (options_.not_moved) {
    options_.not_moved(moved.error());
  }
  return requests_.change_visibility(message.receipt_handle, delay);
}

Status QueuePair::move_to_dead_letters(const queue::ReceivedMessage& message, const std::string& reason) {
  queue::OutgoingMessage letter = queue::as_sent(message);
  const auto add = [&](std::string_view name, queue::MessageAttribute attribute) {
    const std::string key(name);  // one that was a letter before may still have what was said then
    if (letter.attributes.contains(key) || letter.attributes.size() < queue::kMaxMessageAttributes) {
      letter.attributes[key] = std::move(attribute);
    }
  };
  add(queue::kReasonAttribute, {"String", queue::reason_text(reason)});
  add(queue::kReceiveCountAttribute, {"Number", std::to_string(message.receive_count)});
  FACEPIPE_TRY(options_.dead_letters->send(letter));
  return requests_.remove(message.receipt_handle)
      .with_context("it is among the dead letters and could not be removed from its queue");
}

std::vector<CompletionResult> QueuePair::complete(std::span<const Completion> completions) {
  std::vector<CompletionResult> results = send_answers(answers_, completions, options_.max_batch_bytes);
  remove_done(completions, results);
  return results;
}

void QueuePair::remove_done(std::span<const Completion> completions, std::vector<CompletionResult>& results) {
  std::vector<std::string> handles;
  std::vector<std::size_t> indexes;
  for (std::size_t i = 0; i < completions.size(); ++i) {
    if (results[i].settled == Settled::kDone) {
      handles.push_back(completions[i].receipt_handle);
      indexes.push_back(i);
    }
  }
  if (handles.empty()) {
    return;
  }
  const auto removed = requests_.remove_batch(handles);
  for (std::size_t i = 0; i < indexes.size(); ++i) {
    Status status = removed ? (*removed)[i] : Status(removed.error());
    if (removed && !status) {
      status = requests_.remove(handles[i]);
    }
    if (!status) {
      results[indexes[i]] = {Settled::kAnswered, status.error()};
    }
  }
}

}  // namespace facepipe::stage
