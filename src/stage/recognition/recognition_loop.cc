// Tested by recognition_loop_test.cc, recognition_loop_fifo_test.cc and recognition_loop_stop_test.cc on queues in
// memory, and by the end-to-end tests.
#include "stage/recognition/recognition_loop.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/clock.h"

namespace facepipe::stage {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

// A source that says this to the first call is a mistake of whoever started the worker.
bool is_setup_error(ErrorCode code) {
  return code == ErrorCode::kNotFound || code == ErrorCode::kPermission || code == ErrorCode::kInvalidArgument;
}

HeartbeatOptions heartbeat_options(const LoopOptions& options) {
  return {options.visibility, options.heartbeat.value_or(milliseconds(options.visibility) / 3)};
}

// A poll no longer than the loop may be idle.
seconds receive_wait(const LoopOptions& options) {
  if (!options.max_idle) {
    return options.wait;
  }
  return std::min(options.wait, std::max(seconds{1}, std::chrono::ceil<seconds>(*options.max_idle)));
}

// Of received messages or completions.
template <typename Items>
std::vector<std::string> handles_of(const Items& items) {
  std::vector<std::string> handles;
  handles.reserve(items.size());
  for (const auto& item : items) {
    handles.push_back(item.receipt_handle);
  }
  return handles;
}

}  // namespace

RecognitionLoop::RecognitionLoop(FaceWork& work, FaceStage stage, const LoopOptions& options, Counters& counters,
                                 Logger& logger)
    : work_(work),
      stage_(std::move(stage)),
      options_(options),
      counters_(counters),
      logger_(logger),
      source_("source", logger),
      answers_("answers", logger),
      recent_(options.recent),
      thread_count_(std::clamp(options.threads, 1, 256)),
      heartbeat_(work, heartbeat_options(options), counters, logger),
      running_(thread_count_),
      last_busy_(steady_clock::now()) {
  threads_.reserve(static_cast<std::size_t>(thread_count_));
  for (int i = 0; i < thread_count_; ++i) {
    threads_.emplace_back([this] {
      run();
      const std::lock_guard lock(mutex_);
      --running_;
      changed_.notify_all();
    });
  }
}

RecognitionLoop::~RecognitionLoop() {
  request_stop();
  threads_.clear();  // joins
}

void RecognitionLoop::request_stop() {
  end_with({});
}

bool RecognitionLoop::stop(milliseconds limit) {
  request_stop();
  {
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, limit, [this] { return ended(); })) {
      return true;
    }
  }
  abandoned_.request_stop();
  give_back(heartbeat_.remove_all());
  return false;
}

Status RecognitionLoop::outcome() const {
  const std::lock_guard lock(mutex_);
  return outcome_;
}

void RecognitionLoop::end_with(const Status& outcome) {
  const std::lock_guard lock(mutex_);
  if (outcome_ && !stopping_) {
    outcome_ = outcome;
  }
  stopping_ = true;
  changed_.notify_all();
}

bool RecognitionLoop::pause(int attempt) {
  const milliseconds delay = retry_delay(options_.retry, attempt, options_.uniform());
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, delay, [this] { return stopping_.load(); });
}

void RecognitionLoop::run() {
  int failures = 0;   // in a row
  bool idle = false;  // this thread is one of idle_
  while (!stopping_) {
    auto received = work_.receive(
        {.max_messages = options_.batch, .wait = receive_wait(options_), .visibility_timeout = options_.visibility});
    const bool brought = received && !received->empty();
    const bool all_idle = count_idle(idle, !brought && is_past_idle_time());
    if (!received) {
      if (!after_failure(received.error(), ++failures, all_idle)) {
        return;
      }
      continue;
    }
    failures = 0;
    reached_ = true;
    source_.succeeded();
    if (brought) {
      handle(*received);
      last_busy_ = steady_clock::now();
    } else if (all_idle) {
      request_stop();
    }
  }
}

bool RecognitionLoop::is_past_idle_time() const {
  return options_.max_idle && steady_clock::now() - last_busy_.load() >= *options_.max_idle;
}

// A thread that has messages, or whose receive may bring some that were there before the others looked, is not idle:
// only when the last receive of every thread brought nothing is the queue empty.
bool RecognitionLoop::count_idle(bool& counted, bool idle) {
  if (counted != idle) {
    idle_ += idle ? 1 : -1;
    counted = idle;
  }
  return idle && idle_ == thread_count_;
}

bool RecognitionLoop::after_failure(const Error& error, int attempt, bool all_idle) {
  ++counters_.receive_errors;
  source_.failed(error);
  if ((!reached_ && is_setup_error(error.code)) || all_idle) {
    end_with(error.with_context("source queue"));
    return false;
  }
  return pause(attempt);
}

void RecognitionLoop::handle(Messages& messages) {
  counters_.received += static_cast<std::int64_t>(messages.size());
  const std::vector<std::string> handles = handles_of(messages);
  if (stopping_) {
    give_back(handles);
    return;
  }
  heartbeat_.add(handles);
  logger_.log(LogLevel::kDebug, "received", {{"messages", static_cast<std::int64_t>(handles.size())}});
  // What was sent twice often comes in one batch: the second is looked at when the first is answered, or has failed.
  for (remove_duplicates(messages); !messages.empty() && !abandoned_.stop_requested(); remove_duplicates(messages)) {
    const Messages different = take_one_of_each(messages);
    const Plan plan = recognize_batch(different, stage_, abandoned_.get_token(), options_.fifo_answers, logger_);
    if (!abandoned_.stop_requested()) {
      settle(different, plan);
    }
  }
  for (const std::string& handle : handles) {
    heartbeat_.remove(handle);
  }
}

void RecognitionLoop::remove_duplicates(Messages& messages) {
  const auto first = std::stable_partition(messages.begin(), messages.end(),
                                           [this](const auto& message) { return !recent_.is_duplicate(message); });
  std::vector<Completion> completions;
  for (auto duplicate = first; duplicate != messages.end(); ++duplicate) {
    completions.push_back({duplicate->receipt_handle, std::nullopt});
  }
  messages.erase(first, messages.end());
  if (completions.empty()) {
    return;
  }
  for (const CompletionResult& result : work_.complete(completions)) {
    if (result.error) {  // it comes again, and is a duplicate then too
      log_settlement("duplicate_not_removed", result);
    } else {
      ++counters_.duplicates;
    }
  }
}

// The first of the messages of each content, taken out in their order; of a FIFO queue all, whose order must stay.
RecognitionLoop::Messages RecognitionLoop::take_one_of_each(Messages& messages) {
  Messages taken;
  Messages left;
  for (queue::ReceivedMessage& message : messages) {
    const bool again = !message.sequence_number && std::any_of(taken.begin(), taken.end(), [&](const auto& other) {
      return other.body == message.body;
    });
    (again ? left : taken).push_back(std::move(message));
  }
  messages = std::move(left);
  return taken;
}

void RecognitionLoop::settle(const Messages& messages, const Plan& plan) {
  std::vector<std::string> not_begun;
  for (const Plan::Again& again : plan.again) {
    if (stopping_ && again.unavailable) {  // the stop ended a wait, for the gallery: nothing of the message failed
      not_begun.push_back(messages[again.message].receipt_handle);
    } else {
      retry_later(messages[again.message], again.reason, again.blocked);
    }
  }
  give_back(not_begun);
  std::vector<Completion> open = plan.completions;
  for (int attempt = 1; !open.empty(); ++attempt) {
    const std::vector<CompletionResult> results = work_.complete(open);
    std::vector<Completion> away;
    std::optional<Error> error;
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (results[i].settled == Settled::kAway) {
        error = results[i].error;
        away.push_back(std::move(open[i]));
      } else {
        note_settled(messages[open[i].message], results[i], open[i].is_error);
      }
    }
    open = std::move(away);
    if (!error) {
      answers_.succeeded();
      return;
    }
    answers_.failed(*error);
    if (!pause(attempt)) {
      break;
    }
  }
  if (!abandoned_.stop_requested()) {
    give_back(handles_of(open));
  }
}

void RecognitionLoop::note_settled(const queue::ReceivedMessage& message, const CompletionResult& result,
                                   bool is_error) {
  switch (result.settled) {
    case Settled::kAnswered:
      ++counters_.not_removed;
      log_settlement("message_not_removed", result);
      [[fallthrough]];
    case Settled::kDone:
      recent_.add(message);
      ++counters_.answers;
      counters_.answer_errors += is_error ? 1 : 0;
      if (options_.answered) {
        options_.answered(system_clock().now() - message.sent_at);
      }
      return;
    case Settled::kRefused:
      log_settlement("answer_refused", result);
      retry_later(message, reason_of(*result.error));
      return;
    case Settled::kGone:
      log_settlement("message_gone", result);
      return;
    case Settled::kAway:
      return;  // settle() tries it again
  }
}

void RecognitionLoop::log_settlement(std::string_view event, const CompletionResult& result) {
  logger_.warning(event, {{"code", to_string(result.error->code)}, {"error", std::string_view(result.error->message)}});
}

// What is blocked has not failed: its receipts do not take it to the dead letters.
void RecognitionLoop::retry_later(const queue::ReceivedMessage& message, const std::string& reason, bool blocked) {
  ++counters_.retries;
  heartbeat_.remove(message.receipt_handle);
  const auto delay = retry_delay(message.receive_count);
  const Status put_back =
      blocked ? work_.change_visibility(message.receipt_handle, delay) : work_.put_back(message, delay, reason);
  if (!put_back && is_retriable(put_back.error())) {
    source_.failed(put_back.error());  // it comes back by itself when its time-out ends
  }
}

void RecognitionLoop::give_back(std::span<const std::string> receipt_handles) {
  for (const std::string& handle : receipt_handles) {
    heartbeat_.remove(handle);
  }
  for (const std::string& handle : receipt_handles) {
    const Status changed = work_.change_visibility(handle, seconds{0});
    if (changed) {
      ++counters_.given_back;
    } else if (is_retriable(changed.error())) {
      source_.failed(changed.error());
      return;  // the others come back by themselves when their time-out ends
    }
  }
}

}  // namespace facepipe::stage
