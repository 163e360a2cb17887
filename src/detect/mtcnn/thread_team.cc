// One lock for everything: pieces take 0.1 to 10 ms each. Tested by thread_team_test.cc.
#include "detect/mtcnn/thread_team.h"

namespace facepipe::detect {

ThreadTeam::ThreadTeam(int threads) {
  for (int i = 1; i < threads; ++i) {
    threads_.emplace_back([this] { work_loop(); });
  }
}

ThreadTeam::~ThreadTeam() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_arrived_.notify_all();
  for (std::thread& thread : threads_) {
    thread.join();
  }
}

void ThreadTeam::run_job(Job& job) {
  std::unique_lock lock(mutex_);
  jobs_.push_back(&job);
  work_arrived_.notify_all();
  take_pieces(job, lock);
  piece_ended_.wait(lock, [&] { return job.running == 0; });
  if (job.error) {
    std::rethrow_exception(job.error);
  }
}

void ThreadTeam::work_loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    work_arrived_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (stopping_) {
      return;
    }
    take_pieces(*jobs_.front(), lock);
  }
}

void ThreadTeam::take_pieces(Job& job, std::unique_lock<std::mutex>& lock) {
  const int slot = job.slots++;
  ++job.running;
  while (job.next < job.count) {
    const int index = job.next++;
    if (job.next == job.count) {
      std::erase(jobs_, &job);
    }
    lock.unlock();
    std::exception_ptr error;
    try {
      job.call(job.context, slot, index);
    } catch (...) {
      error = std::current_exception();
    }
    lock.lock();
    if (error) {
      job.error = job.error ? job.error : error;
      job.next = job.count;
      std::erase(jobs_, &job);
    }
  }
  if (--job.running == 0) {
    piece_ended_.notify_all();
  }
}

}  // namespace facepipe::detect
