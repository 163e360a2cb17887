// A few threads that run jobs, at once or at a time.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace facepipe::serve::sqs {

// Thread-safe. Jobs must not throw; they may post other jobs.
class JobRunner {
 public:
  using Job = std::function<void()>;
  using Time = std::chrono::steady_clock::time_point;

  explicit JobRunner(int threads);
  JobRunner(const JobRunner&) = delete;
  JobRunner& operator=(const JobRunner&) = delete;
  ~JobRunner();  // stop()

  // False, and `job` is not taken, when `max_waiting` jobs wait for a thread already or the runner is stopped.
  [[nodiscard]] bool try_post(Job& job, std::size_t max_waiting);
  // No bound: for jobs that are bounded by something else. Dropped after stop().
  void post(Job job);
  void post_at(Time time, Job job);
  // Runs the jobs whose time has come, drops the others, ends the threads. Idempotent. Not from within a job.
  void stop();

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> ready_;
  std::multimap<Time, Job> timed_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;  // last: they use all the rest
};

}  // namespace facepipe::serve::sqs
