// The life of one connection: wait, read a request, hand it over, write the response, again. A coroutine on a strand of
// its own, so nothing here is locked. Boost.Beast parses; framing that could be read in two ways is refused (RFC 9112,
// sections 6.1 and 11.2). No aggregate is made inside a co_await expression: gcc 12 destroys such a temporary twice.
// Tested by server_test.cc, server_limits_test.cc.
#include "http/session.h"

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>

#include "base/json_writer.h"
#include "http/wire.h"

namespace facepipe::http {
namespace {

namespace net = boost::asio;
namespace beast_http = boost::beast::http;
using boost::system::error_code;
using Milliseconds = std::chrono::milliseconds;
using RequestParser = beast_http::request_parser<beast_http::string_body>;

// Read at once while a body comes in; beside the header limit it bounds a connection's buffer.
constexpr std::size_t kReadBytes = std::size_t{64} << 10U;
// How long what a refused client is still sending is read and dropped, so that it gets to read the answer: closing with
// unread bytes resets the connection.
constexpr Milliseconds kLinger{2'000};

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

// Why a request was not taken.
struct Refusal {
  int status;
  std::string message;
};

Refusal refusal_of(error_code ec, const ServerOptions& options) {
  if (ec == beast_http::error::header_limit) {
    return {431, "expected a header of at most " + std::to_string(options.max_header_bytes) + " bytes"};
  }
  if (ec == beast_http::error::body_limit) {
    return {413, "expected a body of at most " + std::to_string(options.max_body_bytes) + " bytes"};
  }
  if (ec == beast_http::error::bad_version) {
    return {505, "expected HTTP/1.0 or HTTP/1.1"};
  }
  return {400, "expected a well-formed HTTP/1.1 request: " + ec.message()};
}

// The rules that the parser leaves open.
std::optional<Refusal> check_header(const RequestParser& parser) {
  const auto& message = parser.get();
  const auto hosts = message.count(beast_http::field::host);
  if (hosts > 1 || (hosts == 0 && message.version() >= 11)) {
    return Refusal{400, "expected one Host header, got " + std::to_string(hosts)};
  }
  const auto codings = message.count(beast_http::field::transfer_encoding);
  if (codings > 0 && (codings > 1 || lower_ascii(view(message[beast_http::field::transfer_encoding])) != "chunked")) {
    return Refusal{501, "expected no transfer coding but chunked"};
  }
  if (codings > 0 && (message.version() < 11 || message.count(beast_http::field::content_length) > 0)) {
    return Refusal{400, "expected either Content-Length or Transfer-Encoding of HTTP/1.1"};
  }
  if (const auto expect = message.find(beast_http::field::expect);
      expect != message.end() && message.version() >= 11 && lower_ascii(view(expect->value())) != "100-continue") {
    return Refusal{417, "expected no expectation but 100-continue"};
  }
  return std::nullopt;
}

// "http://host/path" -> "/path": what a proxy's client sends.
std::string origin_form(std::string_view target) {
  const std::size_t scheme = target.find("://");
  if (target.starts_with('/') || scheme == std::string_view::npos) {
    return std::string(target);
  }
  const std::size_t path = target.find_first_of("/?", scheme + 3);
  if (path == std::string_view::npos) {
    return "/";
  }
  return target[path] == '/' ? std::string(target.substr(path)) : "/" + std::string(target.substr(path));
}

}  // namespace

class Session final : public std::enable_shared_from_this<Session> {
 public:
  Session(std::shared_ptr<ServerCore> core, net::ip::tcp::socket socket, bool refused)
      : core_(std::move(core)),
        socket_(std::move(socket)),
        deadline_(socket_.get_executor()),
        answered_(socket_.get_executor()),
        buffer_(core_->options.max_header_bytes + kReadBytes),
        refused_(refused) {}

  // Serves until the connection ends; never throws but std::bad_alloc.
  net::awaitable<void> run();
  [[nodiscard]] net::any_io_executor executor() { return socket_.get_executor(); }

  // These three on the strand.
  void set_response(Response response) {
    response_ = std::move(response);
    answered_.cancel();
  }
  void finish_up() {
    finishing_ = true;
    if (idle_) {
      close();
    }
  }
  void close() {
    closed_ = true;
    disarm();
    answered_.cancel();
    error_code ignored;
    socket_.close(ignored);
  }

 private:
  enum class OnDeadline { kStopReading, kClose };

  net::awaitable<bool> serve_one();
  net::awaitable<bool> wait_for_request();
  net::awaitable<std::optional<Refusal>> read_request(RequestParser& parser, Request& request, std::size_t& reserved);
  net::awaitable<void> answer(Request request);
  net::awaitable<bool> write(const Response& response, ResponseFraming framing, bool with_body);
  net::awaitable<void> refuse(const Refusal& refusal);
  void arm(Milliseconds time, OnDeadline action);
  void disarm() {
    ++deadline_number_;
    deadline_.cancel();
  }

  std::shared_ptr<ServerCore> core_;
  net::ip::tcp::socket socket_;
  net::steady_timer deadline_;
  net::steady_timer answered_;  // never expires; cancelled when the response is there
  boost::beast::flat_buffer buffer_;
  std::optional<Response> response_;
  std::string peer_;
  std::uint64_t deadline_number_ = 0;
  bool refused_;
  bool timed_out_ = false;
  bool idle_ = false;
  bool finishing_ = false;
  bool closed_ = false;
};

void Session::arm(Milliseconds time, OnDeadline action) {
  timed_out_ = false;
  const std::uint64_t number = ++deadline_number_;
  deadline_.expires_after(time);
  deadline_.async_wait([self = shared_from_this(), number, action](error_code ec) {
    if (ec || number != self->deadline_number_) {
      return;
    }
    self->timed_out_ = true;
    if (action == OnDeadline::kClose) {
      self->close();
      return;
    }
    // Both: a read that waits ends now, and one that begins later (its predecessor was done already) ends at once.
    self->socket_.shutdown(net::ip::tcp::socket::shutdown_receive, ec);
    self->socket_.cancel(ec);
  });
}

net::awaitable<void> Session::run() {
  error_code ec;
  socket_.set_option(net::ip::tcp::no_delay(true), ec);
  if (const auto endpoint = socket_.remote_endpoint(ec); !ec) {
    peer_ = endpoint.address().to_string();
  }
  if (refused_) {
    const Refusal refusal{503, "expected at most " + std::to_string(core_->options.max_connections) + " connections"};
    co_await refuse(refusal);
  } else {
    bool again = true;
    while (again && !closed_) {
      again = co_await serve_one();
    }
  }
  close();
}

// True when bytes of a request are there.
net::awaitable<bool> Session::wait_for_request() {
  if (buffer_.size() > 0) {
    co_return true;  // pipelined
  }
  buffer_.shrink_to_fit();
  if (finishing_) {
    co_return false;
  }
  idle_ = true;
  arm(core_->options.idle_timeout, OnDeadline::kClose);
  error_code ec;
  co_await socket_.async_wait(net::ip::tcp::socket::wait_read, net::redirect_error(net::use_awaitable, ec));
  disarm();
  idle_ = false;
  co_return !ec && !closed_;
}

// Reads one request whole. `reserved` is what it holds of max_total_body_bytes.
net::awaitable<std::optional<Refusal>> Session::read_request(RequestParser& parser, Request& request,
                                                             std::size_t& reserved) {
  const ServerOptions& options = core_->options;
  parser.header_limit(static_cast<std::uint32_t>(options.max_header_bytes));
  parser.body_limit(options.max_body_bytes);
  error_code ec;
  co_await beast_http::async_read_header(socket_, buffer_, parser, net::redirect_error(net::use_awaitable, ec));
  if (ec) {
    co_return refusal_of(ec, options);
  }
  if (auto refusal = check_header(parser)) {
    co_return refusal;
  }
  const auto& message = parser.get();
  request.method = std::string(view(message.method_string()));
  request.target = origin_form(view(message.target()));
  request.peer = peer_;
  for (const auto& field : message) {
    request.headers.emplace_back(lower_ascii(view(field.name_string())), std::string(view(field.value())));
  }
  if (parser.is_done()) {
    co_return std::nullopt;
  }
  const std::size_t wanted =
      parser.chunked() ? options.max_body_bytes : static_cast<std::size_t>(parser.content_length().value_or(0));
  if (!core_->reserve_body(wanted)) {
    co_return Refusal{503, "too many request bodies at once"};
  }
  reserved = wanted;
  if (message.version() >= 11 && message.count(beast_http::field::expect) > 0 && buffer_.size() == 0) {
    constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    co_await net::async_write(socket_, net::buffer(kContinue), net::redirect_error(net::use_awaitable, ec));
  }
  co_await beast_http::async_read(socket_, buffer_, parser, net::redirect_error(net::use_awaitable, ec));
  if (ec) {
    co_return refusal_of(ec, options);
  }
  request.body = std::move(parser.get().body());
  co_return std::nullopt;
}

// False when the connection is to be closed.
net::awaitable<bool> Session::serve_one() {
  if (!co_await wait_for_request()) {
    co_return false;
  }
  struct Reservation {
    ServerCore& core;
    std::size_t bytes = 0;
    ~Reservation() { core.release_body(bytes); }
  } reservation{*core_};
  Request request;
  ResponseFraming framing;
  {
    RequestParser parser;
    arm(core_->options.read_timeout, OnDeadline::kStopReading);
    auto refusal = co_await read_request(parser, request, reservation.bytes);
    disarm();
    if (closed_ || (refusal && !timed_out_ && !parser.got_some())) {
      co_return false;  // the client closed the connection between two requests
    }
    if (refusal) {
      if (timed_out_) {
        refusal->status = 408;
        refusal->message = "the request took too long to arrive";
      }
      co_await refuse(*refusal);
      co_return false;
    }
    framing = {parser.keep_alive(), parser.get().version() < 11};
  }
  const bool with_body = request.method != "HEAD";
  co_await answer(std::move(request));
  if (!response_) {
    co_return false;
  }
  framing.keep_alive =
      framing.keep_alive && !finishing_ && !has_token(header(response_->headers, "connection"), "close");
  co_return co_await write(*response_, framing, with_body);
}

// Calls the handler and waits for its response, as long as that takes.
net::awaitable<void> Session::answer(Request request) {
  response_.reset();
  answered_.expires_at(net::steady_timer::time_point::max());
  Responder responder(
      [self = shared_from_this()](Response response) { self->core_->deliver(self, std::move(response)); });
  try {
    core_->handler(std::move(request), std::move(responder));
  } catch (const std::exception& error) {  // its Responder went with it, and answered 500
    core_->logger.error("http_handler_failed", {{"error", std::string_view(error.what())}});
  }
  while (!response_ && !closed_) {
    error_code ec;
    co_await answered_.async_wait(net::redirect_error(net::use_awaitable, ec));
  }
}

// True when the connection can take another request.
net::awaitable<bool> Session::write(const Response& response, ResponseFraming framing, bool with_body) {
  const std::string head = response_head(response, framing);
  const bool body = with_body && status_has_body(response.status);
  const std::array<net::const_buffer, 2> buffers{net::buffer(head),
                                                 body ? net::buffer(response.body) : net::const_buffer()};
  arm(core_->options.write_timeout, OnDeadline::kClose);
  error_code ec;
  co_await net::async_write(socket_, buffers, net::redirect_error(net::use_awaitable, ec));
  disarm();
  co_return !ec && !closed_ && framing.keep_alive;
}

net::awaitable<void> Session::refuse(const Refusal& refusal) {
  core_->logger.log(LogLevel::kDebug, "http_refused",
                    {{"status", std::int64_t{refusal.status}}, {"peer", peer_}, {"error", refusal.message}});
  Response response =
      make_response(refusal.status, "application/json", "{\"error\":" + json_quote(refusal.message) + "}");
  if (refusal.status == 503) {
    response.headers.emplace_back("retry-after", "1");
  }
  const ResponseFraming last{false, false};
  co_await write(response, last, true);
  if (closed_) {
    co_return;
  }
  error_code ec;
  socket_.shutdown(net::ip::tcp::socket::shutdown_send, ec);
  arm(kLinger, OnDeadline::kClose);
  while (!ec && !closed_) {
    buffer_.clear();
    co_await socket_.async_read_some(buffer_.prepare(kReadBytes), net::redirect_error(net::use_awaitable, ec));
  }
  disarm();
}

void start_session(const std::shared_ptr<ServerCore>& core, net::ip::tcp::socket socket, std::size_t refused_at_once) {
  std::shared_ptr<Session> session;
  {
    const std::lock_guard lock(core->mutex);
    const std::size_t others = core->sessions.size();
    if (core->stopping || others >= core->options.max_connections + refused_at_once) {
      return;
    }
    session = std::make_shared<Session>(core, std::move(socket), others >= core->options.max_connections);
    core->sessions.insert(session.get());
  }
  net::co_spawn(session->executor(), session->run(), [core, session](const std::exception_ptr& failure) {
    if (failure) {
      core->logger.error("http_session_failed");
      session->close();
    }
    const std::lock_guard lock(core->mutex);
    core->sessions.erase(session.get());
    core->session_ended.notify_all();
  });
}

void ServerCore::drain(Milliseconds grace) {
  std::unique_lock lock(mutex);
  const auto tell = [this](void (Session::*what)()) {
    for (Session* session : sessions) {
      net::post(session->executor(), [s = session->shared_from_this(), what] { (*s.*what)(); });
    }
  };
  const auto all_ended = [this] { return sessions.empty(); };
  stopping = true;
  tell(&Session::finish_up);
  session_ended.wait_for(lock, grace, all_ended);
  tell(&Session::close);
  session_ended.wait(lock, all_ended);
  running = false;
}

void ServerCore::deliver(const std::shared_ptr<Session>& session, Response response) {
  const std::lock_guard lock(mutex);
  if (running) {
    net::post(session->executor(),
              [session, response = std::move(response)]() mutable { session->set_response(std::move(response)); });
  }
}

bool ServerCore::reserve_body(std::size_t bytes) {
  const std::lock_guard lock(mutex);
  if (bytes > options.max_total_body_bytes - body_bytes) {
    return false;
  }
  body_bytes += bytes;
  return true;
}

void ServerCore::release_body(std::size_t bytes) {
  if (bytes > 0) {
    const std::lock_guard lock(mutex);
    body_bytes -= bytes;
  }
}

}  // namespace facepipe::http
