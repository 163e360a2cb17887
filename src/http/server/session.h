// One connection of the server: internal to the module, shows Boost.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>

#include "base/memory_budget.h"
#include "http/server/progress.h"
#include "http/server/request_parser.h"
#include "http/server/server_core.h"
#include "http/server/stream_buffer.h"
#include "http/stream.h"
#include "http/wire.h"

namespace facepipe::http {

// One thing that is to happen at a time unless it is taken back. Used on its executor's strand alone. What is to happen
// must keep the alarm's owner alive.
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

// All but progress() on its executor. The caller runs run() there, and keeps it among the core's sessions until it
// ends.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(std::shared_ptr<ServerCore> core, boost::asio::ip::tcp::socket socket, std::string peer, std::string refusal);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() = default;

  [[nodiscard]] boost::asio::any_io_executor executor() { return stream_.get_executor(); }
  // Until it ends; throws nothing but std::bad_alloc.
  [[nodiscard]] boost::asio::awaitable<void> run();
  void finish_up();  // ends after the request under way
  void make_room();  // ends now, with a word where that is possible
  void close();      // ends now
  [[nodiscard]] Progress& progress() { return progress_; }
  [[nodiscard]] const Progress& progress() const { return progress_; }

 private:
  enum class OnDeadline { kStopReading, kClose };
  boost::asio::awaitable<bool> handshake();
  boost::asio::awaitable<bool> serve_one();
  [[nodiscard]] bool skip_blank_lines();
  boost::asio::awaitable<bool> wait_for_request();
  boost::asio::awaitable<std::optional<Refusal>> read_request(RequestParser& parser, Request& request);
  boost::asio::awaitable<std::optional<Refusal>> read_body(RequestParser& parser);
  boost::asio::awaitable<bool> make_room_in_body(RequestParser& parser);
  boost::asio::awaitable<bool> reserve(std::size_t bytes, bool small);
  void release();
  boost::asio::awaitable<bool> write_answer(ResponseFraming framing, bool with_body);
  boost::asio::awaitable<void> send_stream(std::shared_ptr<StreamBuffer> stream, bool chunked);
  boost::asio::awaitable<bool> send(std::string_view head, std::string_view body);
  void watch_client(std::size_t dropped);
  void deliver(Response response, std::shared_ptr<StreamBuffer> stream);
  boost::asio::awaitable<void> answer(Request request);
  boost::asio::awaitable<bool> write(const Response& response, ResponseFraming framing, bool with_body);
  boost::asio::awaitable<void> refuse(const Refusal& refusal);
  boost::asio::awaitable<void> part_with(const Response& response);
  boost::asio::awaitable<void> linger();
  void arm(std::chrono::milliseconds time, OnDeadline action);
  void watch_body();
  void stop_reading();

  Progress progress_;
  const std::shared_ptr<ServerCore> core_;
  Stream<boost::asio::any_io_executor> stream_;
  Alarm alarm_;
  boost::asio::steady_timer answered_;  // never expires; cancelled when a response or a stream's data is there
  boost::beast::flat_buffer buffer_;
  std::optional<Response> response_;
  std::shared_ptr<StreamBuffer> streamed_;  // what follows response_, if it is a stream
  std::optional<Response> denial_;          // of a guard
  const RouteRules* rules_ = nullptr;       // of the request whose head has come
  std::size_t max_body_bytes_ = 0;
  MemoryShare memory_;  // of bodies: the request's, then its answer's
  const std::string peer_;
  const std::string refusal_;
  std::chrono::steady_clock::time_point read_end_;
  bool timed_out_ = false;
  bool finishing_ = false;
  bool closed_ = false;
};

}  // namespace facepipe::http
