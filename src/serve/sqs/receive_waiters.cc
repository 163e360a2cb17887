// Tested by receive_waiters_test.cc
#include "serve/sqs/receive_waiters.h"

#include <algorithm>
#include <boost/asio/post.hpp>

namespace facepipe::serve::sqs {
namespace {

using SteadyClock = std::chrono::steady_clock;

// A message whose time has come but whose FIFO group is locked must not make a busy loop.
constexpr std::chrono::milliseconds kShortestPause{5};

}  // namespace

ReceiveWaiters::ReceiveWaiters(queue::QueueStore& store, boost::asio::thread_pool& pool) : store_(store), pool_(pool) {
  listener_ = store_.add_listener([this](const std::string& queue) { wake(queue, Why::kChange); });
}

ReceiveWaiters::~ReceiveWaiters() {
  close();
}

void ReceiveWaiters::add(const std::string& queue, const queue::ReceiveOptions& options, Time deadline, Answer answer) {
  {
    const std::lock_guard lock(mutex_);
    if (!closed_) {
      lines_.try_emplace(queue, pool_).first->second.waiters.push_back({options, deadline, std::move(answer)});
      answer = nullptr;
    }
  }
  if (answer) {
    answer(std::vector<queue::ReceivedMessage>());
    return;
  }
  wake(queue, Why::kChange);  // a message may have come since the caller looked
}

void ReceiveWaiters::close() {
  if (listener_ != 0) {
    store_.remove_listener(std::exchange(listener_, 0));
  }
  std::map<std::string, Line> lines;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    lines.swap(lines_);
  }
  for (auto& [queue, line] : lines) {
    for (Waiter& waiter : line.waiters) {
      waiter.answer(std::vector<queue::ReceivedMessage>());
    }
  }
}

// Has the line served soon. From any thread, the committer's too: it does not block.
void ReceiveWaiters::wake(const std::string& queue, Why why) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = lines_.find(queue);
    if (found == lines_.end()) {
      return;
    }
    found->second.by_lot = found->second.by_lot || why == Why::kTime;
    if (std::exchange(found->second.being_served, true)) {
      found->second.again = true;
      return;
    }
  }
  boost::asio::post(pool_, [this, queue] { serve(queue); });
}

// One job a line at a time: gives messages to the waiters until there are none left of either.
void ReceiveWaiters::serve(const std::string& queue) {
  while (std::optional<Waiter> waiter = next(queue)) {
    Messages messages = store_.receive_now(queue, waiter->options);
    if (!messages || !messages->empty()) {
      waiter->answer(std::move(messages));
      continue;
    }
    const auto pause = store_.next_visible_in(queue);
    std::optional<Time> next_visible;
    if (pause && *pause) {
      next_visible = SteadyClock::now() + std::max(**pause, kShortestPause);
    }
    if (put_back(queue, *std::move(waiter), next_visible)) {
      return;
    }
  }
}

// One of the waiters whose time is not over; the others are answered. Without one the line ends.
std::optional<ReceiveWaiters::Waiter> ReceiveWaiters::next(const std::string& queue) {
  std::vector<Answer> too_late;
  std::optional<Waiter> waiter;
  {
    const std::lock_guard lock(mutex_);
    const auto found = lines_.find(queue);
    if (found == lines_.end()) {
      return std::nullopt;
    }
    Line& line = found->second;
    line.again = false;
    const Time now = SteadyClock::now();
    std::erase_if(line.waiters, [&](Waiter& each) {
      if (each.deadline > now) {
        return false;
      }
      too_late.push_back(std::move(each.answer));
      return true;
    });
    if (line.waiters.empty()) {
      lines_.erase(found);
    } else {
      std::uniform_int_distribution<std::size_t> any(0, line.waiters.size() - 1);
      const auto chosen = line.waiters.begin() + static_cast<std::ptrdiff_t>(line.by_lot ? any(lot_) : 0);
      waiter = std::move(*chosen);
      line.waiters.erase(chosen);
    }
  }
  for (const Answer& answer : too_late) {
    answer(std::vector<queue::ReceivedMessage>());
  }
  return waiter;
}

// There was nothing for `waiter`: it is first in line again, and the line is served at the next deadline or when the
// next hidden message comes back. False if something happened meanwhile: the caller goes on serving.
bool ReceiveWaiters::put_back(const std::string& queue, Waiter waiter, std::optional<Time> next_visible) {
  Answer answer;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) {
      answer = std::move(waiter.answer);
    } else {
      Line& line = lines_.try_emplace(queue, pool_).first->second;
      line.waiters.push_front(std::move(waiter));
      if (line.again) {
        return false;
      }
      line.being_served = false;
      line.by_lot = false;
      Time alarm = next_visible.value_or(line.waiters.front().deadline);
      for (const Waiter& each : line.waiters) {
        alarm = std::min(alarm, each.deadline);
      }
      if (!line.alarm || alarm < *line.alarm || *line.alarm <= SteadyClock::now()) {
        line.alarm = alarm;
        line.timer.expires_at(alarm);
        line.timer.async_wait([this, queue](boost::system::error_code ec) {
          if (!ec) {  // else the line has ended, or looks for another time
            wake(queue, Why::kTime);
          }
        });
      }
    }
  }
  if (answer) {
    answer(std::vector<queue::ReceivedMessage>());
  }
  return true;
}

}  // namespace facepipe::serve::sqs
