// The life of one connection, and its requests as they come: wait, read one, hand it over, write the response, again. A
// coroutine on a strand of its own, so nothing here is locked. No aggregate is made inside a co_await expression: gcc
// 12 destroys such a temporary twice. Tested by server_test.cc, server_limits_test.cc, server_tls_test.cc.
#include "http/server/session.h"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>

#include "http/body.h"
#include "http/server/shared_limits.h"

namespace facepipe::http {
namespace {

namespace net = boost::asio;
namespace beast_http = boost::beast::http;
using boost::system::error_code;
using Milliseconds = std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;
using Phase = Progress::Phase;

// Read at once while a body comes in; beside the header limit it bounds a connection's buffer, which nobody accounts
// for: with both ports full of connections that stop in the middle of a body it is 64 MiB.
constexpr std::size_t kReadBytes = std::size_t{16} << 10U;
constexpr std::chrono::seconds kRateWindow{5};  // over which a body's rate is measured
constexpr int kRoomTries = 10;  // of asking for room for a body: those who hold it need a moment to let go
constexpr Milliseconds kRoomPause{25};

}  // namespace

Session::Session(std::shared_ptr<ServerCore> core, net::ip::tcp::socket socket, std::string peer, std::string refusal)
    : progress_(core->options.slow_after),
      core_(std::move(core)),
      stream_(std::move(socket), core_->tls.get()),
      alarm_(stream_.get_executor()),
      answered_(stream_.get_executor()),
      buffer_(core_->options.max_header_bytes + kReadBytes),
      peer_(std::move(peer)),
      refusal_(std::move(refusal)) {}

void Session::finish_up() {
  finishing_ = true;
  if (progress().phase() == Phase::kIdle) {
    close();
  }
  answered_.cancel();  // a stream looks, and ends
}

void Session::close() {
  closed_ = true;
  alarm_.cancel();
  answered_.cancel();
  error_code ignored;
  stream_.socket().close(ignored);
  if (const auto stream = std::exchange(streamed_, nullptr)) {
    stream->end();
  }
}

void Session::stop_reading() {
  timed_out_ = true;
  // Both: a read that waits ends now, and one that begins later (its predecessor was done already) ends at once.
  error_code ignored;
  stream_.socket().shutdown(net::ip::tcp::socket::shutdown_receive, ignored);
  stream_.socket().cancel(ignored);
}

void Session::arm(Milliseconds time, OnDeadline action) {
  timed_out_ = false;
  alarm_.set(SteadyClock::now() + time, [self = shared_from_this(), this, action] {
    timed_out_ = true;
    if (action == OnDeadline::kClose) {
      close();
    } else {
      stop_reading();
    }
  });
}

// Stops a body that comes at less than the least rate, or is not there at read_end_.
void Session::watch_body() {
  const auto window_end = SteadyClock::now() + kRateWindow;
  const std::size_t before = progress().moved();
  alarm_.set(std::min(window_end, read_end_), [self = shared_from_this(), this, before, window_end] {
    const std::size_t least = core_->options.min_bytes_per_second * static_cast<std::size_t>(kRateWindow.count());
    if (window_end >= read_end_ || progress().moved() - before < least) {
      stop_reading();
    } else {
      watch_body();
    }
  });
}

void Session::make_room() {
  finishing_ = true;  // where its response is being made after all, it ends after that
  if (progress().phase() == Phase::kReading) {
    stop_reading();
  } else if (progress().phase() != Phase::kWorking) {
    close();
  }
}

net::awaitable<void> Session::run() {
  error_code ec;
  stream_.socket().set_option(net::ip::tcp::no_delay(true), ec);
  if (!stream_.secure() || co_await handshake()) {
    if (!refusal_.empty()) {
      const Refusal refusal{503, refusal_};
      co_await refuse(refusal);
    } else {
      bool again = true;
      while (again && !closed_) {
        again = co_await serve_one();
      }
    }
  }
  close();
}

net::awaitable<bool> Session::handshake() {
  arm(core_->options.header_timeout, OnDeadline::kClose);
  error_code ec;
  co_await stream_.async_handshake(net::ssl::stream_base::server, net::redirect_error(net::use_awaitable, ec));
  alarm_.cancel();
  co_return !ec && !closed_;
}

// Drops blank lines before a request, which some clients send behind a body (RFC 9112, section 2.2). True if bytes of a
// request are there.
bool Session::skip_blank_lines() {
  const auto text = [this] {
    return std::string_view(static_cast<const char*>(buffer_.data().data()), buffer_.size());
  };
  while (text().starts_with("\r\n")) {
    buffer_.consume(2);
  }
  return !text().empty() && text() != "\r";
}

// True when bytes of a request are there.
net::awaitable<bool> Session::wait_for_request() {
  constexpr std::size_t kFirstRead = 1024;
  if (skip_blank_lines()) {
    co_return true;  // pipelined
  }
  buffer_.shrink_to_fit();
  if (finishing_) {
    co_return false;
  }
  progress().enter(Phase::kIdle);
  arm(core_->options.idle_timeout, OnDeadline::kClose);
  error_code ec;
  bool there = false;
  while (!there && !ec && !closed_) {
    if (!stream_.secure()) {  // what TLS has decrypted already is not seen by a wait on the socket
      co_await stream_.socket().async_wait(net::ip::tcp::socket::wait_read,
                                           net::redirect_error(net::use_awaitable, ec));
    }
    if (!ec) {
      const std::size_t size =
          co_await stream_.async_read_some(buffer_.prepare(kFirstRead), net::redirect_error(net::use_awaitable, ec));
      buffer_.commit(size);
      there = skip_blank_lines();
    }
  }
  alarm_.cancel();
  co_return there && !closed_;
}

// Reads one request whole; its body is accounted for in memory_.
net::awaitable<std::optional<Refusal>> Session::read_request(RequestParser& parser, Request& request) {
  const ServerOptions& options = core_->options;
  set_limits(parser, options);
  read_end_ = SteadyClock::now() + options.read_timeout;
  arm(std::min(options.header_timeout, options.read_timeout), OnDeadline::kStopReading);
  error_code ec;
  co_await beast_http::async_read_header(stream_, buffer_, parser, net::redirect_error(net::use_awaitable, ec));
  if (ec) {
    co_return refusal_of(ec, options);
  }
  if (auto refusal = check_header(parser, options)) {
    co_return refusal;
  }
  progress().heard();
  request = request_of(parser);
  request.peer = peer_;
  rules_ = &core_->router.rules_of(request);
  denial_ = core_->router.admit(request);
  if (denial_) {
    co_return std::nullopt;
  }
  const Route* const route = core_->router.find(request);
  progress().shed(route != nullptr ? route->shed : Shed::kWhenSlow);
  max_body_bytes_ = std::min(options.max_body_bytes, route != nullptr ? route->max_body_bytes : options.max_body_bytes);
  if (parser.is_done()) {
    co_return std::nullopt;
  }
  if (parser.content_length().value_or(0) > max_body_bytes_) {
    co_return too_large(max_body_bytes_);
  }
  parser.body_limit(max_body_bytes_);
  auto refusal = co_await read_body(parser);
  if (!refusal) {
    request.body = std::move(parser.get().body());
  }
  co_return refusal;
}

net::awaitable<std::optional<Refusal>> Session::read_body(RequestParser& parser) {
  progress().enter(Phase::kReading);  // the rate is the body's own
  watch_body();
  bool asked_for_it = false;
  error_code ec;
  while (!parser.is_done()) {
    if (!co_await make_room_in_body(parser)) {
      co_return Refusal{503, "expected bodies of at most " + std::to_string(core_->shared->total()) +
                                 " bytes together (--max-body-memory)"};
    }
    const auto& message = parser.get();
    if (!asked_for_it && message.version() >= 11 && message.count(beast_http::field::expect) > 0 &&
        buffer_.size() == 0) {
      constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
      co_await net::async_write(stream_, net::buffer(kContinue), net::redirect_error(net::use_awaitable, ec));
    }
    asked_for_it = true;
    if (timed_out_ || closed_) {
      co_return Refusal{408, ""};
    }
    const std::size_t size =
        co_await beast_http::async_read_some(stream_, buffer_, parser, net::redirect_error(net::use_awaitable, ec));
    if (ec == beast_http::error::body_limit) {
      co_return too_large(max_body_bytes_);
    }
    if (ec) {
      co_return refusal_of(ec, core_->options);
    }
    progress().moved(size);
  }
  co_return std::nullopt;
}

// Room for what one read may bring, accounted for before it is allocated.
net::awaitable<bool> Session::make_room_in_body(RequestParser& parser) {
  std::string& body = parser.get().body();
  const bool chunked = parser.chunked();
  const std::size_t whole = chunked ? max_body_bytes_ : static_cast<std::size_t>(parser.content_length().value_or(0));
  const std::size_t needed = std::min(whole, body.size() + buffer_.max_size());
  if (needed <= memory_.bytes()) {
    co_return true;
  }
  const std::size_t capacity = body_capacity(needed, whole);
  if (!co_await reserve(capacity, (chunked ? capacity : whole) <= kSmallBody)) {
    co_return false;
  }
  give_capacity(body, capacity);
  co_return true;
}

// Lets memory_ grow to `bytes`; false if that much is not to be had.
net::awaitable<bool> Session::reserve(std::size_t bytes, bool small) {
  progress().small_body(small);
  const std::size_t total = core_->shared->total();
  const std::size_t limit = small ? total : std::max(total - total / 4, core_->options.max_body_bytes);
  for (int tries = 1; !core_->shared->grow(memory_, bytes, total - limit, *this); ++tries) {
    if (tries >= kRoomTries || timed_out_ || closed_) {
      co_return false;
    }
    net::steady_timer pause(stream_.get_executor(), kRoomPause);
    error_code ec;
    co_await pause.async_wait(net::redirect_error(net::use_awaitable, ec));
  }
  progress().reserved(memory_.bytes());
  co_return true;
}

void Session::release() {
  memory_.release();
  progress().reserved(0);
}

// False when the connection is to be closed.
net::awaitable<bool> Session::serve_one() {
  if (!co_await wait_for_request()) {
    co_return false;
  }
  Request request;
  ResponseFraming framing;
  bool body_is_coming = false;
  std::optional<Refusal> refusal;
  denial_.reset();
  rules_ = nullptr;
  {
    RequestParser parser;
    progress().enter(Phase::kReading);
    refusal = co_await read_request(parser, request);
    alarm_.cancel();
    if (closed_ || (refusal && !timed_out_ && !parser.got_some())) {
      release();
      co_return false;  // the client closed the connection between two requests
    }
    framing = {parser.keep_alive() && !finishing_, parser.get().version() < 11};
    body_is_coming = !parser.is_done();
  }
  if (refusal) {
    release();  // what had come is gone with the parser
    if (timed_out_) {
      refusal = too_slow(progress().told_to_end());
    }
    co_await refuse(*refusal);
    co_return false;
  }
  const bool with_body = request.method != "HEAD";
  if (denial_) {
    if (body_is_coming) {
      co_await part_with(*denial_);
      co_return false;
    }
    progress().enter(Phase::kWriting);
    co_return co_await write(*denial_, framing, with_body);
  }
  progress().enter(Phase::kWorking);
  const Headers cors = rules_->cors ? rules_->cors(request) : Headers();
  co_await answer(std::move(request));
  release();
  if (!response_) {
    co_return false;
  }
  response_->headers.insert(response_->headers.end(), cors.begin(), cors.end());
  framing.keep_alive =
      framing.keep_alive && !finishing_ && !has_token(header(response_->headers, "connection"), "close");
  co_return co_await write_answer(framing, with_body);
}

}  // namespace facepipe::http
