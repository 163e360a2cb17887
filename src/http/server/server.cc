// Accepts connections and stops in an orderly way. One coroutine accepts; each connection is a Session (session.h).
// Tested by server_test.cc, server_limits_test.cc.
#include "http/server/server.h"

#include <openssl/ssl.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <thread>
#include <vector>

#include "http/certificate.h"
#include "http/server/server_core.h"
#include "http/server/shared_limits.h"

namespace facepipe::http {
namespace {

namespace net = boost::asio;
using net::ip::tcp;

// Pause after an accept that failed for want of descriptors or memory: it would fail again at once. Shorter when a
// connection was told to make room.
constexpr std::chrono::milliseconds kAcceptPause{50};
constexpr std::chrono::milliseconds kShedPause{2};

Status check_options(const ServerOptions& options) {
  const auto positive = [](std::chrono::milliseconds time) { return time.count() > 0; };
  if (options.io_threads < 1 || options.max_connections < 1 || options.max_header_bytes < 64 ||
      options.max_header_bytes > std::size_t{1} << 20U) {
    return Error{ErrorCode::kInvalidArgument,
                 "expected io_threads and max_connections of at least 1 and max_header_bytes of 64 to 1048576"};
  }
  if ((options.shared_limits ? options.shared_limits->total() : options.max_total_body_bytes) <
      options.max_body_bytes) {
    return Error{ErrorCode::kInvalidArgument, "expected max_total_body_bytes of at least max_body_bytes"};
  }
  if (options.max_connections_per_address < 1) {
    return Error{ErrorCode::kInvalidArgument, "expected max_connections_per_address of at least 1"};
  }
  if (!positive(options.idle_timeout) || !positive(options.header_timeout) || !positive(options.read_timeout) ||
      !positive(options.write_timeout) || !positive(options.slow_after)) {
    return Error{ErrorCode::kInvalidArgument, "expected time-outs of at least 1 ms"};
  }
  return {};
}

bool is_exhaustion(boost::system::error_code ec) {
  namespace errc = boost::system::errc;
  return ec == errc::too_many_files_open || ec == errc::too_many_files_open_in_system ||
         ec == errc::not_enough_memory || ec == errc::no_buffer_space;
}

net::awaitable<void> accept_connections(std::shared_ptr<ServerCore> core, tcp::acceptor& acceptor) {
  net::steady_timer pause(acceptor.get_executor());
  bool failing = false;
  while (acceptor.is_open()) {
    boost::system::error_code ec;
    tcp::socket socket = co_await acceptor.async_accept(net::any_io_executor(net::make_strand(core->io)),
                                                        net::redirect_error(net::use_awaitable, ec));
    if (!acceptor.is_open()) {
      break;
    }
    if (ec) {
      if (!failing) {
        const std::string reason = ec.message();
        core->logger.warning("http_accept_failed", {{"error", reason}});
      }
      failing = true;
      const bool room = is_exhaustion(ec) && core->shared->shed_for_descriptor();
      pause.expires_after(room ? kShedPause : kAcceptPause);
      co_await pause.async_wait(net::redirect_error(net::use_awaitable, ec));
      continue;
    }
    failing = false;
    start_session(core, std::move(socket));
  }
}

class AsioServer final : public Server {
 public:
  AsioServer(const ServerOptions& options, Router router, Logger& logger)
      : core_(std::make_shared<ServerCore>(options, std::move(router), logger)),
        acceptor_(net::make_strand(core_->io)) {}
  AsioServer(const AsioServer&) = delete;
  AsioServer& operator=(const AsioServer&) = delete;
  ~AsioServer() override { stop_now(std::chrono::milliseconds(0)); }

  Status load_tls() {
    if (core_->options.tls) {
      FACEPIPE_ASSIGN(core_->tls, make_server_context(*core_->options.tls));
    }
    return {};
  }

  Status listen() {
    const ServerOptions& options = core_->options;
    const std::string name = options.address + " port " + std::to_string(options.port);
    boost::system::error_code ec;
    const auto address = net::ip::make_address(options.address, ec);
    if (ec) {
      return Error{ErrorCode::kInvalidArgument, "expected an IP address to listen on, got '" + options.address + "'"};
    }
    const tcp::endpoint endpoint(address, options.port);
    acceptor_.open(endpoint.protocol(), ec);
    if (!ec) {
      acceptor_.set_option(tcp::acceptor::reuse_address(true), ec);
    }
    if (!ec) {
      acceptor_.bind(endpoint, ec);
    }
    if (!ec) {
      acceptor_.listen(net::socket_base::max_listen_connections, ec);
    }
    if (ec) {
      const bool refused = ec == boost::system::errc::permission_denied;
      return Error{refused ? ErrorCode::kPermission : ErrorCode::kUnavailable,
                   "cannot listen on " + name + ": " + ec.message()};
    }
    port_ = acceptor_.local_endpoint(ec).port();
    return {};
  }

  Status run() {
    core_->shared->join(*core_);
    net::co_spawn(acceptor_.get_executor(), accept_connections(core_, acceptor_), net::detached);
    try {
      for (int i = 0; i < core_->options.io_threads; ++i) {
        threads_.emplace_back([core = core_] { core->io.run(); });
      }
    } catch (const std::system_error& error) {
      return Error{ErrorCode::kExhausted, "cannot start an I/O thread: " + std::string(error.what())};
    }
    return {};
  }

  [[nodiscard]] std::uint16_t port() const override { return port_; }
  [[nodiscard]] std::string certificate_sha256() const override {
    const X509* const shown = core_->tls == nullptr ? nullptr : SSL_CTX_get0_certificate(core_->tls->native_handle());
    return shown == nullptr ? std::string() : sha256_of(*shown);
  }
  void stop(std::chrono::milliseconds grace) override { stop_now(grace); }

 private:
  void stop_now(std::chrono::milliseconds grace) {
    const std::lock_guard once(stop_mutex_);
    if (stopped_) {
      return;
    }
    stopped_ = true;
    net::post(acceptor_.get_executor(), [this] {
      boost::system::error_code ignored;
      acceptor_.close(ignored);
    });
    if (!threads_.empty()) {
      core_->drain(grace);
    }
    work_.reset();
    for (std::thread& thread : threads_) {
      thread.join();
    }
    core_->shared->leave(*core_);
    core_->io.restart();
    core_->io.poll();  // where no thread was started, what is queued is dropped here
  }

  std::shared_ptr<ServerCore> core_;  // shared with Responders, which may outlive the server
  tcp::acceptor acceptor_;
  net::executor_work_guard<net::io_context::executor_type> work_{core_->io.get_executor()};
  std::vector<std::thread> threads_;
  std::mutex stop_mutex_;
  bool stopped_ = false;
  std::uint16_t port_ = 0;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::start(const ServerOptions& options, Handler handler, Logger& logger) {
  return start(options, Router(std::move(handler)), logger);
}

Result<std::unique_ptr<Server>> Server::start(const ServerOptions& options, Router router, Logger& logger) {
  FACEPIPE_TRY(check_options(options));
  router.add_headers(options.response_headers);
  auto server = std::make_unique<AsioServer>(options, std::move(router), logger);
  FACEPIPE_TRY(server->load_tls());
  FACEPIPE_TRY(server->listen());
  FACEPIPE_TRY(server->run());
  return std::unique_ptr<Server>(std::move(server));
}

}  // namespace facepipe::http
