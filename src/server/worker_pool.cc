// Every operation is O(cameras about); those are bounded by the frames of two seconds. Tested by worker_pool_test.cc.
#include "server/worker_pool.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace facepipe::server {
namespace {

// How long after its last job a camera counts as about.
constexpr std::chrono::seconds kPresence{2};
// Bound on noticing that a camera has gone, and the threads are another's alone again.
constexpr std::chrono::milliseconds kLookAgain{500};

}  // namespace

WorkerPool::WorkerPool(int threads, std::size_t max_waiting)
    : workers_(static_cast<std::size_t>(std::max(1, threads))), max_waiting_(max_waiting) {
  threads_.reserve(workers_ + 1);
  for (std::size_t i = 0; i <= workers_; ++i) {
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

void WorkerPool::refuse_waiting() {
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
  }
  changed_.notify_all();
  for (const Job& job : refused) {
    job.refuse();
  }
}

std::size_t WorkerPool::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_;
}

bool WorkerPool::line_is_full() const {
  const std::size_t idle = workers_ - std::min(busy_, workers_);
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

bool WorkerPool::may_run(const Camera& camera) const {
  if (busy_ >= workers_) {  // the thread more, while one camera holds all the others
    return busy_ == workers_ && camera.running == 0 &&
           std::any_of(cameras_.begin(), cameras_.end(),
                       [this](const auto& other) { return other.second.running == workers_; });
  }
  const std::size_t share = cameras_.size() > 1 ? std::max<std::size_t>(1, workers_ - 1) : workers_;
  return camera.running < share;
}

// The first in turn that may have another thread; it goes to the end of the turns if it has more jobs.
WorkerPool::Cameras::iterator WorkerPool::next_camera() {
  for (auto turn = turns_.begin(); turn != turns_.end(); ++turn) {
    const auto camera = cameras_.find(*turn);
    if (may_run(camera->second)) {
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
    changed_.notify_all();  // of those that wait for a share not each may take it
  }
}

}  // namespace facepipe::server
