// The recognition stage's loop: receives face messages, has them recognised, settles each with its answer.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string_view>
#include <thread>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "base/retry.h"
#include "stage/recognition/counters.h"
#include "stage/recognition/face_handler.h"
#include "stage/recognition/face_work.h"
#include "stage/recognition/heartbeat.h"
#include "stage/recognition/queue_state.h"
#include "stage/recognition/recent_answers.h"
#include "stage/recognition/settle.h"

namespace facepipe::stage {

struct LoopOptions {
  int threads = 1;                      // batches worked on at once, 1..256
  int batch = 10;                       // messages of a receive, 1..10
  std::chrono::seconds wait{5};         // long poll, 0..20 s: the bound on noticing a stop
  std::chrono::seconds visibility{60};  // of a received message; a third of it is the pause between heartbeats
  std::optional<std::chrono::milliseconds> heartbeat;  // that pause, if not a third
  bool fifo_answers = false;                           // the response queue is a FIFO queue
  RecentAnswersOptions recent;
  // Absent: works until it is stopped. Otherwise ends when nothing came, and nothing was worked on, for this long; 0:
  // at the first receive that brings nothing. A queue that cannot be reached for as long ends it too, with its error.
  std::optional<std::chrono::milliseconds> max_idle;
  RetryPolicy retry{// the pauses while a queue is away; max_attempts is not looked at
                    .max_attempts = 0,
                    .base = std::chrono::milliseconds{500},
                    .cap = std::chrono::milliseconds{30'000}};
  // Called for each message that was answered, with the time since it was sent; from any thread. May be empty.
  std::function<void(std::chrono::milliseconds)> answered = {};
  std::function<double()> uniform = real_retry_environment().uniform;  // in [0, 1]; thread-safe
};

// Works from construction until stop(), idleness or a source that refuses it at the very first: no such queue, no
// permission (a queue that worked before is waited for instead). At least once: a message is removed only after its
// answer was stored. While the response queue is away the batch is kept hidden and its answers are tried again, so an
// outage does not use up receipts. Everything passed by reference outlives it.
class RecognitionLoop {
 public:
  // `stage` is called from every thread at once.
  RecognitionLoop(FaceWork& work, FaceStage stage, const LoopOptions& options, Counters& counters, Logger& logger);
  RecognitionLoop(const RecognitionLoop&) = delete;
  RecognitionLoop& operator=(const RecognitionLoop&) = delete;
  ~RecognitionLoop();  // stop() without a limit

  // Receives no more; returns at once. Idempotent.
  void request_stop();
  // Nothing is worked on any more and nothing will be.
  [[nodiscard]] bool ended() const { return running_ == 0; }
  // request_stop(), then waits for what is in work. True: all of it was settled, and messages that a last receive
  // brought are back on the queue. False: `limit` passed first; the stage was told to stop, the messages still in work
  // were put back on the queue (as far as that can be reached), and their answers, should they come yet, are dropped.
  [[nodiscard]] bool stop(std::chrono::milliseconds limit);
  // Why it ended by itself, if that was an error.
  [[nodiscard]] Status outcome() const;

 private:
  using Messages = std::vector<queue::ReceivedMessage>;

  void run();
  [[nodiscard]] bool is_past_idle_time() const;
  // Enters or takes back that the calling thread is idle; true if all threads are.
  [[nodiscard]] bool count_idle(bool& counted, bool idle);
  // False: time to end.
  [[nodiscard]] bool after_failure(const Error& error, int attempt, bool all_idle);
  void handle(Messages& messages);
  void remove_duplicates(Messages& messages);
  [[nodiscard]] static Messages take_one_of_each(Messages& messages);
  void settle(const Messages& messages, const Plan& plan);
  void note_settled(const queue::ReceivedMessage& message, const CompletionResult& result, bool is_error);
  void log_settlement(std::string_view event, const CompletionResult& result);
  void retry_later(const queue::ReceivedMessage& message, const std::string& reason, bool blocked = false);
  void give_back(std::span<const std::string> receipt_handles);
  // False: a stop was requested meanwhile.
  [[nodiscard]] bool pause(int attempt);
  void end_with(const Status& outcome);

  FaceWork& work_;
  const FaceStage stage_;
  const LoopOptions options_;
  Counters& counters_;
  Logger& logger_;
  QueueState source_;
  QueueState answers_;
  RecentAnswers recent_;
  const int thread_count_;
  Heartbeat heartbeat_;

  std::atomic<int> running_;  // threads that have not ended
  std::atomic<bool> stopping_ = false;
  std::stop_source abandoned_;         // what is in work was put back: its answers are dropped
  std::atomic<bool> reached_ = false;  // a receive has worked
  std::atomic<int> idle_ = 0;          // threads whose last receive brought nothing, after max_idle without messages
  std::atomic<std::chrono::steady_clock::time_point> last_busy_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Status outcome_;                     // guarded by mutex_
  std::vector<std::jthread> threads_;  // last: started when everything above is ready
};

}  // namespace facepipe::stage
