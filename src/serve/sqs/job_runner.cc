// Tested by job_runner_test.cc
#include "serve/sqs/job_runner.h"

#include <algorithm>
#include <utility>

namespace facepipe::serve::sqs {

JobRunner::JobRunner(int threads) {
  for (int i = 0; i < std::max(threads, 1); ++i) {
    threads_.emplace_back([this] { run(); });
  }
}

JobRunner::~JobRunner() {
  stop();
}

bool JobRunner::try_post(Job& job, std::size_t max_waiting) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || ready_.size() >= max_waiting) {
      return false;
    }
    ready_.push_back(std::move(job));
  }
  changed_.notify_one();
  return true;
}

void JobRunner::post(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      return;
    }
    ready_.push_back(std::move(job));
  }
  changed_.notify_one();
}

void JobRunner::post_at(Time time, Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      return;
    }
    timed_.emplace(time, std::move(job));
  }
  changed_.notify_one();  // whoever wakes learns the new earliest time
}

void JobRunner::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    timed_.clear();
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) {
      thread.join();
    }
  }
}

void JobRunner::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    const Time now = std::chrono::steady_clock::now();
    while (!timed_.empty() && timed_.begin()->first <= now) {
      ready_.push_back(std::move(timed_.begin()->second));
      timed_.erase(timed_.begin());
    }
    if (!ready_.empty()) {
      Job job = std::move(ready_.front());
      ready_.pop_front();
      if (!ready_.empty() || !timed_.empty()) {
        changed_.notify_one();  // another thread takes over the waiting
      }
      lock.unlock();
      job();
      job = nullptr;  // what it holds goes before the lock is taken
      lock.lock();
    } else if (stopping_) {
      return;
    } else if (timed_.empty()) {
      changed_.wait(lock);
    } else {
      const Time earliest = timed_.begin()->first;
      changed_.wait_until(lock, earliest);
    }
  }
}

}  // namespace facepipe::serve::sqs
