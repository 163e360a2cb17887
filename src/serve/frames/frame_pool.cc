// Every operation is O(cameras about); those are bounded by the frames of two seconds. Tested by frame_pool_test.cc.
#include "serve/frames/frame_pool.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <system_error>
#include <utility>

#include "base/check.h"

namespace facepipe::serve {
namespace {

// Bound on noticing that a camera has gone, and the threads are another's alone again.
constexpr std::chrono::milliseconds kLookAgain{500};
constexpr int kLowestPriority = 19;

}  // namespace

FramePool::FramePool(int threads, std::size_t max_waiting, std::chrono::milliseconds long_after,
                     std::chrono::milliseconds presence)
    : workers_(static_cast<std::size_t>(std::max(1, threads))),
      max_waiting_(max_waiting),
      long_after_(long_after),
      presence_(presence) {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < workers_; ++i) {
    start_thread();
  }
  watcher_ = std::jthread([this] { watch(); });
}

FramePool::~FramePool() {
  drain();
}

bool FramePool::try_submit(const std::string& camera, Job& job) {
  std::optional<Job> displaced;
  {
    const std::lock_guard lock(mutex_);
    if (draining_) {
      return false;
    }
    forget_the_absent();
    if (line_is_full()) {
      displaced = make_room_for(camera);
      if (!displaced) {
        return false;
      }
    }
    Camera& own = cameras_[camera];
    if (own.jobs.empty()) {
      turns_.push_back(camera);
    }
    own.jobs.push_back(std::move(job));
    own.last_job = Clock::now();
    ++waiting_;
  }
  changed_.notify_all();  // one might be the watcher
  if (displaced) {
    displaced->refuse();
  }
  return true;
}

bool FramePool::has_room_for(const std::string& camera) const {
  const std::lock_guard lock(mutex_);
  if (draining_) {
    return false;
  }
  const std::size_t own = jobs_of(camera);
  return !line_is_full() || std::any_of(cameras_.begin(), cameras_.end(),
                                        [own](const auto& other) { return other.second.jobs.size() > own + 1; });
}

void FramePool::drain() {
  std::unique_lock lock(mutex_);
  draining_ = true;
  changed_.notify_all();
  thread_ended_.wait(lock, [this] { return threads_.empty(); });
  const std::vector<std::jthread> ended = std::move(ended_);
  lock.unlock();  // their last act is to let it go
  if (watcher_.joinable()) {
    watcher_.join();
  }
}

void FramePool::refuse_waiting() {
  std::vector<Job> refused;
  {
    const std::lock_guard lock(mutex_);
    draining_ = true;
    for (auto& [name, camera] : cameras_) {
      std::move(camera.jobs.begin(), camera.jobs.end(), std::back_inserter(refused));
      camera.jobs.clear();
    }
    turns_.clear();
    waiting_ = 0;
    // At the lowest priority a busy machine lets it not even see for a minute that it is to end.
    for (const Running& job : running_) {
      if (job.is_long) {
        static_cast<void>(::setpriority(PRIO_PROCESS, static_cast<id_t>(job.thread_id), job.usual_priority));
      }
    }
  }
  changed_.notify_all();
  for (const Job& job : refused) {
    job.refuse();
  }
}

std::size_t FramePool::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_;
}

bool FramePool::line_is_full() const {
  const std::size_t idle = workers_ - std::min(busy_, workers_);
  return waiting_ >= max_waiting_ + idle;
}

std::size_t FramePool::jobs_of(const std::string& camera) const {
  const auto found = cameras_.find(camera);
  return found == cameras_.end() ? 0 : found->second.jobs.size();
}

// The last job of the camera with the most, if it has two more than `camera`: after the exchange it still has no less.
std::optional<Job> FramePool::make_room_for(const std::string& camera) {
  const auto most = std::max_element(cameras_.begin(), cameras_.end(), [](const auto& a, const auto& b) {
    return a.second.jobs.size() < b.second.jobs.size();
  });
  if (most == cameras_.end() || most->second.jobs.size() <= jobs_of(camera) + 1) {
    return std::nullopt;
  }
  Job displaced = std::move(most->second.jobs.back());
  most->second.jobs.pop_back();
  --waiting_;
  return displaced;
}

void FramePool::forget_the_absent() {
  const Clock::time_point horizon = Clock::now() - presence_;
  std::erase_if(cameras_, [horizon](const auto& entry) {
    const Camera& camera = entry.second;
    return camera.jobs.empty() && camera.under_way() == 0 && camera.last_job < horizon;
  });
}

// The first that does not wait for the camera's lane.
std::deque<Job>::iterator FramePool::Camera::next_job() {
  return std::find_if(jobs.begin(), jobs.end(), [this](const Job& job) { return !job.in_order || !lane_is_busy; });
}

bool FramePool::may_run(Camera& camera) const {
  const std::size_t share = cameras_.size() > 1 ? std::max<std::size_t>(1, workers_ - 1) : workers_;
  return busy_ < workers_ && camera.running < share && camera.under_way() < workers_ + kMaxLongOfOne &&
         camera.next_job() != camera.jobs.end();
}

// Of those that may have another thread the one with the least under way, the first in turn among equals; it goes to
// the end of the turns if it has more jobs.
FramePool::Cameras::iterator FramePool::next_camera() {
  auto chosen = cameras_.end();
  auto place = turns_.end();
  for (auto turn = turns_.begin(); turn != turns_.end(); ++turn) {
    const auto camera = cameras_.find(*turn);
    if (may_run(camera->second) &&
        (chosen == cameras_.end() || camera->second.under_way() < chosen->second.under_way())) {
      chosen = camera;
      place = turn;
    }
  }
  if (chosen != cameras_.end()) {
    std::string name = std::move(*place);
    turns_.erase(place);
    if (chosen->second.jobs.size() > 1) {
      turns_.push_back(std::move(name));
    }
  }
  return chosen;
}

// Under the lock. A thread that cannot be had is done without.
void FramePool::start_thread() {
  try {
    std::jthread thread([this] { run(); });
    const auto id = thread.get_id();
    threads_.emplace(id, std::move(thread));
  } catch (const std::system_error&) {
    FACEPIPE_CHECK(!threads_.empty());
  }
}

void FramePool::run() {
  std::unique_lock lock(mutex_);
  bool of_the_pool = true;
  while (of_the_pool) {
    changed_.wait(lock, [this] { return draining_ || waiting_ > 0; });
    if (waiting_ == 0) {
      break;
    }
    const auto camera = next_camera();
    if (camera == cameras_.end()) {  // those who wait have their share of the threads
      changed_.wait_for(lock, kLookAgain);
      forget_the_absent();
      continue;
    }
    const auto next = camera->second.next_job();
    const Job job = std::move(*next);
    camera->second.jobs.erase(next);
    camera->second.lane_is_busy |= job.in_order;
    --waiting_;
    ++camera->second.running;
    ++busy_;
    const auto running = running_.insert(
        running_.end(),
        Running{&camera->second, Clock::now(), static_cast<int>(::syscall(SYS_gettid)), job.in_order, false});
    changed_.notify_all();  // the watcher has one more to look at
    lock.unlock();
    job.run();
    lock.lock();
    of_the_pool = finish(running);
    changed_.notify_all();  // of those that wait for a share not each may take it
  }
  // Joined by whoever drains, or by the next that ends.
  std::vector<std::jthread> ended = std::exchange(ended_, {});
  const auto own = threads_.find(std::this_thread::get_id());
  ended_.push_back(std::move(own->second));
  threads_.erase(own);
  thread_ended_.notify_all();
  changed_.notify_all();
  lock.unlock();
  ended.clear();
}

// False: the thread has been replaced, and ends.
bool FramePool::finish(std::list<Running>::iterator job) {
  const bool was_long = job->is_long;
  Camera& camera = *job->camera;
  camera.lane_is_busy &= !job->in_order;
  running_.erase(job);
  camera.last_job = Clock::now();
  --(was_long ? camera.long_jobs : camera.running);
  --(was_long ? long_ : busy_);
  return !was_long || threads_.size() - 1 < workers_ + long_;
}

void FramePool::set_aside(Running& job) {
  job.is_long = true;
  --job.camera->running;
  ++job.camera->long_jobs;
  --busy_;
  ++long_;
  job.usual_priority = ::getpriority(PRIO_PROCESS, static_cast<id_t>(job.thread_id));
  // Where this is forbidden, it only takes its fair part of the processors.
  static_cast<void>(::setpriority(PRIO_PROCESS, static_cast<id_t>(job.thread_id), kLowestPriority));
  start_thread();
}

// Whether a job waits for nothing but a thread.
bool FramePool::one_could_run() {
  return std::any_of(cameras_.begin(), cameras_.end(),
                     [](auto& camera) { return camera.second.next_job() != camera.second.jobs.end(); });
}

// Sets long jobs aside as long as others wait for their threads.
void FramePool::watch() {
  std::unique_lock lock(mutex_);
  while (!draining_ || !threads_.empty()) {
    const auto oldest = std::find_if(running_.begin(), running_.end(), [](const Running& job) { return !job.is_long; });
    if (!one_could_run() || busy_ < workers_ || long_ >= kMaxLong || oldest == running_.end()) {
      changed_.wait(lock);
      continue;
    }
    if (const Clock::time_point due = oldest->since + long_after_; Clock::now() < due) {
      changed_.wait_until(lock, due);
      continue;
    }
    set_aside(*oldest);
    changed_.notify_all();
  }
}

}  // namespace facepipe::serve
