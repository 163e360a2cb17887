// A fixed number of threads and a bounded line of jobs before them, shared fairly by the cameras that send them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace facepipe::serve {

// One of the two is called, once. Neither may throw; `refuse` must be quick and must not call the pool.
struct Job {
  std::function<void()> run;     // on a thread of the pool
  std::function<void()> refuse;  // the job lost its place to one of a camera that had fewer waiting, or to the end
  // In its camera's lane: such jobs of one camera run one after the other, as they came. Others run beside them.
  bool in_order = false;
};

// Fairness: cameras take turns, whatever each has waiting; who has less under way comes first. When the line is full, a
// job of a camera with fewer waiting takes the place of the last one of the camera with the most: who floods is refused
// first. While two cameras or more are about (each sent something within `presence`), none holds every thread; a camera
// alone has all threads and the whole line.
//
// Long jobs: while jobs wait, one that has been worked on for `long_after` is set aside: it goes on at the lowest
// priority of the operating system, its thread ends with it, and another thread takes its place. So nobody waits for
// the end of another's long jobs, even if they hold every thread. A lane waits for the end of its own. At most kMaxLong
// are set aside at once, and of one camera kMaxLongOfOne, so a flood of long jobs is a line, not an army of threads.
//
// Thread-safe. Destruction finishes the jobs that were taken.
class FramePool {
 public:
  static constexpr std::size_t kMaxLong = 32;
  static constexpr std::size_t kMaxLongOfOne = 2;
  static constexpr std::chrono::milliseconds kLongAfter{200};  // several times what a frame of 1280x720 takes
  static constexpr std::chrono::milliseconds kPresence{2'000};

  // threads >= 1; max_waiting: jobs that may wait besides those being worked on.
  FramePool(int threads, std::size_t max_waiting, std::chrono::milliseconds long_after = kLongAfter,
            std::chrono::milliseconds presence = kPresence);
  FramePool(const FramePool&) = delete;
  FramePool& operator=(const FramePool&) = delete;
  ~FramePool();

  // False, and `job` is not taken, when the camera has its share of a full line or the pool is being drained: the
  // caller says "later" to its client instead of growing without bound.
  [[nodiscard]] bool try_submit(const std::string& camera, Job& job);
  // Whether try_submit would take a job of that camera now: for a look before its bytes are read.
  [[nodiscard]] bool has_room_for(const std::string& camera) const;
  // Takes no more, finishes what was taken, joins the threads. Idempotent.
  void drain();
  // Takes no more and refuses what waits. What is worked on goes on: what was set aside at its usual priority, where
  // the system permits that (to root it does), since all wait for its end now. Returns at once.
  void refuse_waiting();
  [[nodiscard]] std::size_t waiting() const;

 private:
  using Clock = std::chrono::steady_clock;
  struct Camera {
    std::deque<Job> jobs;
    std::size_t running = 0;    // on the threads that are counted
    std::size_t long_jobs = 0;  // set aside
    bool lane_is_busy = false;  // a job of it is under way
    Clock::time_point last_job;
    [[nodiscard]] std::deque<Job>::iterator next_job();
    [[nodiscard]] std::size_t under_way() const { return running + long_jobs; }
  };
  using Cameras = std::map<std::string, Camera>;
  struct Running {
    Camera* camera = nullptr;  // an entry with a job under way is never forgotten
    Clock::time_point since;
    int thread_id = 0;  // the operating system's
    bool in_order = false;
    bool is_long = false;
    int usual_priority = 0;  // of its thread, before it was set aside
  };

  void start_thread();
  void run();
  void watch();
  [[nodiscard]] bool line_is_full() const;
  [[nodiscard]] bool may_run(Camera& camera) const;
  [[nodiscard]] bool one_could_run();
  [[nodiscard]] std::size_t jobs_of(const std::string& camera) const;
  [[nodiscard]] Cameras::iterator next_camera();
  [[nodiscard]] std::optional<Job> make_room_for(const std::string& camera);
  void forget_the_absent();
  void set_aside(Running& job);
  bool finish(std::list<Running>::iterator job);

  const std::size_t workers_;
  const std::size_t max_waiting_;
  const std::chrono::milliseconds long_after_;
  const std::chrono::milliseconds presence_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Cameras cameras_;                // with jobs, or about
  std::deque<std::string> turns_;  // cameras with jobs, the next one first
  std::list<Running> running_;     // the oldest first
  std::size_t waiting_ = 0;
  std::size_t busy_ = 0;  // without the long ones
  std::size_t long_ = 0;
  bool draining_ = false;
  std::condition_variable thread_ended_;
  std::vector<std::jthread> ended_;                  // to be joined
  std::map<std::thread::id, std::jthread> threads_;  // guarded, too
  std::jthread watcher_;                             // last: started when everything above is ready
};

}  // namespace facepipe::serve
