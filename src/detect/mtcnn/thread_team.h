// A few threads that share the pieces of one call's work.
#pragma once

#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace facepipe::detect {

// Thread-safe: calls of run() from several threads share the threads, and each caller works on its own call's pieces
// too, so that every call makes progress.
class ThreadTeam {
 public:
  // `threads` >= 1, the caller of run() included: threads - 1 are started.
  explicit ThreadTeam(int threads);
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;
  ~ThreadTeam();

  [[nodiscard]] int threads() const { return static_cast<int>(threads_.size()) + 1; }

  // Calls work(slot, index) for every index in [0, count), in any order, and returns when all have ended. No two calls
  // with the same `slot` in [0, threads()) run at the same time: it names the scratch memory to use. The first
  // exception thrown by `work` is thrown again here, after the running pieces have ended.
  template <typename Work>
  void run(int count, Work&& work) {
    if (threads_.empty() || count <= 1) {
      for (int i = 0; i < count; ++i) {
        work(0, i);
      }
      return;
    }
    Job job;
    job.count = count;
    job.context = &work;
    job.call = [](void* context, int slot, int index) {
      (*static_cast<std::remove_reference_t<Work>*>(context))(slot, index);
    };
    run_job(job);
  }

 private:
  struct Job {
    void (*call)(void* context, int slot, int index) = nullptr;
    void* context = nullptr;
    int count = 0;
    // Guarded by mutex_.
    int next = 0;
    int slots = 0;
    int running = 0;
    std::exception_ptr error;
  };

  void run_job(Job& job);
  void work_loop();
  // Takes pieces of `job` until none is left. `lock` is held on entry and on return.
  void take_pieces(Job& job, std::unique_lock<std::mutex>& lock);

  std::mutex mutex_;
  std::condition_variable work_arrived_;
  std::condition_variable piece_ended_;
  std::vector<Job*> jobs_;  // with pieces left to take
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace facepipe::detect
