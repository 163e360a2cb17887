// For tests: a recognition loop between two queues in memory, with a stage that names each face after its message.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "queue/test_queue.h"
#include "stage/recognition/queue_pair.h"
#include "stage/recognition/recognition_loop.h"

namespace facepipe::stage {

// Polls what another thread makes true; the deadline is a bound, not a measurement.
template <typename Condition>
bool eventually(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) {
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

// "poison..." has no answer, "wrong..." an error answer; any other is answered with its own text as request id.
inline std::vector<FaceOutcome> name_after_message(std::span<const std::string_view> bodies, const std::stop_token&) {
  std::vector<FaceOutcome> outcomes;
  for (const std::string_view body : bodies) {
    FaceOutcome outcome;
    if (body.starts_with("poison")) {
      outcome.error = Error{ErrorCode::kInvalidData, "no request id"};
    } else {
      outcome.answer.emplace();
      outcome.answer->request_id = body;
      outcome.answer->result = body.starts_with("wrong") ? wire::kErrorResult : body;
    }
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

class RecognitionLoopFixture : public ::testing::Test {
 protected:
  using Milliseconds = std::chrono::milliseconds;
  using Seconds = std::chrono::seconds;

  RecognitionLoopFixture() {
    options.retry.base = options.retry.cap = Milliseconds(2);
    options.uniform = [] { return 1.0; };
  }
  void start() { loop = std::make_unique<RecognitionLoop>(pair, stage, options, counters, logger); }
  // Works until the queue is empty.
  void run_once() {
    options.max_idle = Milliseconds(0);
    start();
    ASSERT_TRUE(eventually([&] { return loop->ended(); }));
    EXPECT_TRUE(loop->stop(Milliseconds(0)));
  }
  // The request ids of the answers, in the order of sending.
  [[nodiscard]] std::vector<std::string> answered() const {
    return answers.locked([&] {
      std::vector<std::string> ids;
      for (const queue::OutgoingMessage& message : answers.stored) {
        ids.push_back(wire::parse_answer(message.body).value().request_id);
      }
      return ids;
    });
  }
  [[nodiscard]] int log_lines(const std::string& event) const {
    const std::scoped_lock lock(log_mutex);
    int count = 0;
    for (std::size_t at = log.find('"' + event + '"'); at != std::string::npos;
         at = log.find('"' + event + '"', at + 1)) {
      ++count;
    }
    return count;
  }

  queue::FakeQueue requests;
  queue::FakeQueue answers;
  QueuePair pair{requests, answers};
  FaceStage stage = name_after_message;
  LoopOptions options;
  Counters counters;
  mutable std::mutex log_mutex;
  std::string log;
  Logger logger{LogLevel::kDebug, [this](std::string_view line) {
                  const std::scoped_lock lock(log_mutex);
                  log.append(line).append("\n");
                }};
  std::unique_ptr<RecognitionLoop> loop;  // last: ends first
};

}  // namespace facepipe::stage
