// Long polls without a thread each: those who wait for messages of a queue stand in line, and the line is served when a
// commit or the passing of time may have made messages receivable.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <random>

#include "base/result.h"
#include "queue/store/queue_store.h"

namespace facepipe::serve::sqs {

// Thread-safe. The store outlives it. Lines are served on the pool, which ends after close() and before this does.
class ReceiveWaiters {
 public:
  using Messages = Result<std::vector<queue::ReceivedMessage>>;
  using Answer = std::function<void(Messages)>;  // called once, on any thread
  using Time = std::chrono::steady_clock::time_point;

  ReceiveWaiters(queue::QueueStore& store, boost::asio::thread_pool& pool);
  ReceiveWaiters(const ReceiveWaiters&) = delete;
  ReceiveWaiters& operator=(const ReceiveWaiters&) = delete;
  ~ReceiveWaiters();  // close()

  // Puts a receiver at the end of the queue's line. It is answered when messages are there for it, on an error (the
  // queue was deleted), or with none at `deadline`. Whoever came first is served first; a message that comes back by
  // the passing of time goes to any of them, by lot: of two who look at each other's answers and leave them alone the
  // one who asks again first would else get the same one for ever.
  void add(const std::string& queue, const queue::ReceiveOptions& options, Time deadline, Answer answer);
  // Answers all who wait with no messages, and from then on everybody at once. Idempotent.
  void close();

 private:
  struct Waiter {
    queue::ReceiveOptions options;
    Time deadline;
    Answer answer;
  };
  struct Line {
    explicit Line(boost::asio::thread_pool& pool) : timer(pool) {}
    std::deque<Waiter> waiters;
    bool being_served = false;  // by a job that runs or is posted
    bool again = false;         // something happened meanwhile
    bool by_lot = false;        // a hidden message's time has come
    std::optional<Time> alarm;  // what the timer is set to
    boost::asio::steady_timer timer;
  };

  enum class Why { kChange, kTime };
  void wake(const std::string& queue, Why why);
  void serve(const std::string& queue);
  [[nodiscard]] std::optional<Waiter> next(const std::string& queue);
  [[nodiscard]] bool put_back(const std::string& queue, Waiter waiter, std::optional<Time> next_visible);

  queue::QueueStore& store_;
  boost::asio::thread_pool& pool_;
  std::mutex mutex_;                              // never held while the store is called
  std::minstd_rand lot_{std::random_device()()};  // guarded by mutex_
  std::map<std::string, Line> lines_;
  bool closed_ = false;
  int listener_ = 0;
};

}  // namespace facepipe::serve::sqs
