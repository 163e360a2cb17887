// One thing that is to happen at a time unless it is taken back: internal to the module, shows Boost.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <utility>

namespace facepipe::http {

// Used on its executor's strand alone. What is to happen must keep the alarm's owner alive.
class Alarm {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Alarm(const boost::asio::any_io_executor& executor) : timer_(executor) {}

  // Replaces what was set before.
  template <typename Action>
  void set(Clock::time_point at, Action action) {
    const std::uint64_t number = ++number_;
    timer_.expires_at(at);
    timer_.async_wait([this, number, action = std::move(action)](boost::system::error_code ec) {
      if (!ec && number == number_) {  // one that was due already cannot be cancelled any more
        action();
      }
    });
  }
  void cancel() {
    ++number_;
    timer_.cancel();
  }

 private:
  boost::asio::steady_timer timer_;
  std::uint64_t number_ = 0;
};

}  // namespace facepipe::http
