// Every operation is O(cameras about); those are bounded by the frames of two seconds. Tested by worker_pool_test.cc.
#include "server/worker_pool.h"

#include <algorithm>
#include <utility>

namespace facepipe::server {
namespace {

// How long after its last job a camera counts as about.
constexpr std::chrono::seconds kPresence{2};
// Bound on noticing that a camera has gone, and the threads are another's alone again.
constexpr std::chrono::milliseconds kLookAgain{500};

}  // namespace

WorkerPool::WorkerPool(int threads, std::size_t max_waiting) : max_waiting_(max_waiting) {
  const int count = std::max(1, threads);
  const std::lock_guard lock(mutex_);  // the threads look at how many they are
  threads_.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    threads_.emplace_back([this] { run(); });
  }
}

WorkerPool::~WorkerPool() {
  drain();
}

bool WorkerPool::try_submit(const std::string& camera, Job& job) {
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
  changed_.notify_one();
  if (displaced) {
    displaced->refuse();
  }
  return true;
}

bool WorkerPool::has_room_for(const std::string& camera) const {
  const std::lock_guard lock(mutex_);
  if (draining_) {
    return false;
  }
  const std::size_t own = jobs_of(camera);
  return !line_is_full() || std::any_of(cameras_.begin(), cameras_.end(),
                                        [own](const auto& other) { return other.second.jobs.size() > own + 1; });
}

void WorkerPool::drain() {
  {
    const std::lock_guard lock(mutex_);
    draining_ = true;
  }
  changed_.notify_all();
  for (std::jthread& thread : threads_) {
    if (thread.joinable()) {
      thread.join();
    }
  }
}

std::size_t WorkerPool::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_;
}

bool WorkerPool::line_is_full() const {
  const std::size_t idle = threads_.size() - std::min(busy_, threads_.size());
  return waiting_ >= max_waiting_ + idle;
}

std::size_t WorkerPool::jobs_of(const std::string& camera) const {
  const auto found = cameras_.find(camera);
  return found == cameras_.end() ? 0 : found->second.jobs.size();
}

// The last job of the camera with the most, if it has two more than `camera`: after the exchange it still has no less.
std::optional<Job> WorkerPool::make_room_for(const std::string& camera) {
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

void WorkerPool::forget_the_absent() {
  const Clock::time_point horizon = Clock::now() - kPresence;
  std::erase_if(cameras_, [horizon](const auto& entry) {
    const Camera& camera = entry.second;
    return camera.jobs.empty() && camera.running == 0 && camera.last_job < horizon;
  });
}

// The first in turn that may have another thread; it goes to the end of the turns if it has more jobs.
WorkerPool::Cameras::iterator WorkerPool::next_camera() {
  const std::size_t threads = threads_.size();
  const std::size_t share = cameras_.size() > 1 ? std::max<std::size_t>(1, threads - 1) : threads;
  for (auto turn = turns_.begin(); turn != turns_.end(); ++turn) {
    const auto camera = cameras_.find(*turn);
    if (camera->second.running < share) {
      std::string name = std::move(*turn);
      turns_.erase(turn);
      if (camera->second.jobs.size() > 1) {
        turns_.push_back(std::move(name));
      }
      return camera;
    }
  }
  return cameras_.end();
}

void WorkerPool::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return draining_ || waiting_ > 0; });
    if (waiting_ == 0) {
      return;
    }
    const auto camera = next_camera();
    if (camera == cameras_.end()) {  // those who wait have their share of the threads
      changed_.wait_for(lock, kLookAgain);
      forget_the_absent();
      continue;
    }
    const Job job = std::move(camera->second.jobs.front());
    camera->second.jobs.pop_front();
    --waiting_;
    ++camera->second.running;
    ++busy_;
    lock.unlock();
    job.run();
    lock.lock();
    --busy_;
    --camera->second.running;  // an entry with a running job is never forgotten
    camera->second.last_job = Clock::now();
    changed_.notify_one();  // one that waits for its share may be waiting
  }
}

}  // namespace facepipe::server
