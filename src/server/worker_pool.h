// A fixed number of threads and a bounded line of jobs before them.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace facepipe::server {

// Thread-safe. Destruction finishes the jobs that were taken.
class WorkerPool {
 public:
  // threads >= 1; max_waiting: jobs that may wait besides those being worked on.
  WorkerPool(int threads, std::size_t max_waiting);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  ~WorkerPool();

  // False, and `job` is not taken, when the line is full or the pool is being drained: the caller says "later" to its
  // client instead of growing without bound. Jobs must not throw.
  [[nodiscard]] bool try_submit(std::function<void()>& job);
  // Takes no more, finishes what was taken, joins the threads. Idempotent.
  void drain();
  [[nodiscard]] std::size_t waiting() const;

 private:
  void run();

  const std::size_t max_waiting_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  std::size_t busy_ = 0;
  bool draining_ = false;
  std::vector<std::jthread> threads_;  // last: started when everything above is ready
};

}  // namespace facepipe::server
