// What a connection sends: answers, refusals and streams. Tested by server_test.cc, server_overload_test.cc,
// server_stream_test.cc.
#include <algorithm>
#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <charconv>

#include "http/server/session.h"
#include "http/server/shared_limits.h"

namespace facepipe::http {
namespace {

namespace net = boost::asio;
using boost::system::error_code;
using Phase = Progress::Phase;

constexpr std::size_t kWriteBytes = std::size_t{256} << 10U;  // at once of an answer, to see how fast it is taken
// Answers up to this size are not accounted for: a small refusal must always be possible.
constexpr std::size_t kSmallAnswer = std::size_t{16} << 10U;
// How long, and how much of, what a refused client is still sending is read and dropped, so that it gets to read the
// answer: closing with unread bytes resets the connection. Under a flood that would be most of the work, so only so
// many are done the favour at once.
constexpr std::chrono::milliseconds kLinger{2'000};
constexpr std::size_t kLingerBytes = std::size_t{16} << 20U;
constexpr std::size_t kLingerRead = std::size_t{16} << 10U;
constexpr int kMaxLingering = 8;
// At once of what a client sends while an answer is streamed to it, and of all that: nothing is expected.
constexpr std::size_t kWatchBytes = 1024;

}  // namespace

// Writes response_, and what follows it if it is a stream: the last answer of its connection. A large answer is
// accounted for, and a stream's buffer: readers that do not read must not fill the memory.
net::awaitable<bool> Session::write_answer(ResponseFraming framing, bool with_body) {
  const std::shared_ptr<StreamBuffer> stream = streamed_;
  progress().enter(stream ? Phase::kStreaming : Phase::kWriting);
  framing.stream = stream != nullptr;
  framing.keep_alive = framing.keep_alive && !framing.stream;
  const std::size_t bytes = stream ? stream->options().buffer_bytes : response_->body.capacity();
  timed_out_ = false;
  if ((stream || bytes > kSmallAnswer) && !co_await reserve(bytes, bytes <= kSmallBody)) {
    const Refusal refusal{503, "the answers that wait to be read leave no room for this one (--max-body-memory)"};
    response_ = response_of(refusal);
    framing.stream = false;
  }
  const bool streams = framing.stream && with_body && status_has_body(response_->status);
  const bool again = co_await write(*response_, framing, with_body);
  if (streams) {
    watch_client(0);
    co_await send_stream(stream, !framing.http_1_0);
  }
  response_.reset();
  release();
  co_return again;
}

// Calls the handler and waits for its response or the beginning of its stream, as long as that takes.
net::awaitable<void> Session::answer(Request request) {
  response_.reset();
  answered_.expires_at(net::steady_timer::time_point::max());
  const auto self = shared_from_this();
  const auto wake = [self, core = core_] { core->post(self, [](Session& session) { session.answered_.cancel(); }); };
  Responder responder(
      [self, core = core_](Response response) {
        core->post(self, [response = std::move(response)](Session& session) mutable {
          session.deliver(std::move(response), nullptr);
        });
      },
      [self, core = core_, wake](Response head, StreamOptions options) {
        const auto stream = std::make_shared<StreamBuffer>(std::move(options), wake);
        head.body.clear();
        const bool posted = core->post(self, [head = std::move(head), stream](Session& session) mutable {
          session.deliver(std::move(head), stream);
        });
        if (!posted) {
          stream->end();
        }
        return StreamWriter(stream);
      });
  try {
    core_->router.handle(std::move(request), std::move(responder));
  } catch (const std::exception& error) {  // its Responder went with it, and answered 500
    core_->logger.error("http_handler_failed", {{"error", std::string_view(error.what())}});
  }
  while (!response_ && !closed_) {
    error_code ec;
    co_await answered_.async_wait(net::redirect_error(net::use_awaitable, ec));
  }
}

void Session::deliver(Response response, std::shared_ptr<StreamBuffer> stream) {
  if (!closed_) {
    response_ = std::move(response);
    streamed_ = std::move(stream);
    answered_.cancel();
  } else if (stream) {
    stream->end();
  }
}

// What the stream's writer gives, until it ends or the client has gone.
net::awaitable<void> Session::send_stream(std::shared_ptr<StreamBuffer> stream, bool chunked) {
  error_code ec;
  // What the system would hold beside it, for a client that does not read.
  const net::socket_base::send_buffer_size least(static_cast<int>(stream->options().buffer_bytes));
  stream_.socket().set_option(least, ec);
  std::string bytes;
  auto next = StreamBuffer::Next::kWait;
  while (!ec && !closed_ && next != StreamBuffer::Next::kEnd) {
    if (finishing_) {
      stream->finish();
    }
    next = stream->take(bytes);
    if (next == StreamBuffer::Next::kWait) {
      error_code woken;
      co_await answered_.async_wait(net::redirect_error(net::use_awaitable, woken));
    } else if (!bytes.empty() || (chunked && next == StreamBuffer::Next::kEnd)) {  // an empty chunk is the last one
      std::array<char, 20> size{};
      char* const end = std::to_chars(size.data(), size.data() + size.size() - 2, bytes.size(), 16).ptr;
      const std::string_view head(size.data(), static_cast<std::size_t>(std::copy_n("\r\n", 2, end) - size.data()));
      const std::array<net::const_buffer, 3> buffers{net::buffer(chunked ? head : ""), net::buffer(bytes),
                                                     net::buffer(chunked ? "\r\n" : "", chunked ? 2 : 0)};
      arm(stream->options().patience, OnDeadline::kClose);
      progress().moved(co_await net::async_write(stream_, buffers, net::redirect_error(net::use_awaitable, ec)));
      alarm_.cancel();
    }
  }
}

// Notices that the client of a stream has gone, while there is nothing to send.
void Session::watch_client(std::size_t dropped) {
  buffer_.clear();
  stream_.async_read_some(buffer_.prepare(kWatchBytes),
                          [self = shared_from_this(), this, dropped](error_code ec, std::size_t size) {
                            if (!closed_ && (ec || dropped + size > kWatchBytes)) {
                              close();
                            } else if (!closed_) {
                              watch_client(dropped + size);
                            }
                          });
}

// True when the connection can take another request.
net::awaitable<bool> Session::write(const Response& response, ResponseFraming framing, bool with_body) {
  const std::string head = response_head(response, framing, rules_ ? rules_->headers : core_->options.response_headers);
  std::string_view rest;
  if (with_body && status_has_body(response.status)) {
    rest = response.body;
  }
  arm(core_->options.write_timeout, OnDeadline::kClose);
  error_code ec;
  std::string_view first = head;
  while (!ec && !closed_ && (!first.empty() || !rest.empty())) {
    const std::array<net::const_buffer, 2> buffers{net::buffer(first), net::buffer(rest.substr(0, kWriteBytes))};
    progress().moved(co_await net::async_write(stream_, buffers, net::redirect_error(net::use_awaitable, ec)));
    first = {};
    rest.remove_prefix(std::min(rest.size(), kWriteBytes));
  }
  alarm_.cancel();
  co_return !ec && !closed_ && framing.keep_alive;
}

net::awaitable<void> Session::refuse(const Refusal& refusal) {
  core_->logger.log(LogLevel::kDebug, "http_refused",
                    {{"status", std::int64_t{refusal.status}}, {"peer", peer_}, {"error", refusal.message}});
  const Response response = response_of(refusal);
  co_await part_with(response);
}

// The last response of a connection whose client may still be sending.
net::awaitable<void> Session::part_with(const Response& response) {
  progress().enter(Phase::kWriting);
  const ResponseFraming last{false, false};
  co_await write(response, last, true);
  if (closed_ || progress().told_to_end()) {
    co_return;
  }
  if (core_->lingering < kMaxLingering) {
    ++core_->lingering;
    co_await linger();
    --core_->lingering;
  }
}

net::awaitable<void> Session::linger() {
  error_code ec;
  stream_.socket().shutdown(net::ip::tcp::socket::shutdown_send, ec);
  arm(kLinger, OnDeadline::kClose);
  std::size_t dropped = 0;
  while (!ec && !closed_ && dropped < kLingerBytes) {
    buffer_.clear();
    dropped += co_await stream_.socket().async_read_some(buffer_.prepare(kLingerRead),
                                                         net::redirect_error(net::use_awaitable, ec));
  }
  alarm_.cancel();
}

}  // namespace facepipe::http
