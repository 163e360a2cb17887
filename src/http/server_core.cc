// Who may connect and how much may be held: the counts that all sessions share. Tested by server_limits_test.cc.
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <exception>

#include "http/session.h"

namespace facepipe::http {
namespace {

namespace net = boost::asio;
using net::ip::tcp;

// A connection is slow when for this long it has been idle or its request has come at less than that rate. A camera on
// a slow line that is not slow by it (1 Mbit/s) makes room for nobody.
constexpr std::chrono::seconds kSlowAfter{1};
constexpr double kSlowBytesPerSecond = 128.0 * 1024.0;
// Bodies up to this size may use all of max_total_body_bytes, larger ones three quarters: small frames pass through a
// flood of large ones.
constexpr std::size_t kSmallBody = std::size_t{1} << 20U;

// An IPv4 client of a socket that takes both is IPv4.
net::ip::address plain_address(const net::ip::address& address) {
  return address.is_v6() && address.to_v6().is_v4_mapped()
             ? net::ip::address(net::ip::make_address_v4(net::ip::v4_mapped, address.to_v6()))
             : address;
}

// What counts as one peer; of IPv6 the /64, which is what one customer has.
std::string address_key(const net::ip::address& address) {
  constexpr std::size_t kPrefixBytes = 8;
  if (address.is_v4()) {
    return address.to_string();
  }
  auto bytes = address.to_v6().to_bytes();
  std::fill(bytes.begin() + kPrefixBytes, bytes.end(), 0);
  return net::ip::address_v6(bytes).to_string();
}

double bytes_per_second(const Progress& progress, Progress::Clock::time_point now) {
  const double seconds = std::chrono::duration<double>(progress.age(now)).count();
  return progress.phase() == Progress::Phase::kReading ? static_cast<double>(progress.received()) / seconds : 0.0;
}

bool may_make_room(const Progress& progress, bool with_body, Progress::Clock::time_point now) {
  const Progress::Phase phase = progress.phase();
  if (progress.told_to_end() || phase == Progress::Phase::kWorking || progress.age(now) < kSlowAfter ||
      (with_body && (phase != Progress::Phase::kReading || progress.reserved() == 0))) {
    return false;
  }
  return bytes_per_second(progress, now) < kSlowBytesPerSecond;
}

}  // namespace

bool ServerCore::shed_slowest(bool with_body) {
  const auto now = Progress::Clock::now();
  ServerConnection* slowest = nullptr;
  const auto slower = [now](ServerConnection& a, ServerConnection& b) {
    const double rate_a = bytes_per_second(a.progress(), now);
    const double rate_b = bytes_per_second(b.progress(), now);
    return rate_a != rate_b ? rate_a < rate_b : a.progress().age(now) > b.progress().age(now);
  };
  for (ServerConnection* session : sessions) {
    if (may_make_room(session->progress(), with_body, now) && (slowest == nullptr || slower(*session, *slowest))) {
      slowest = session;
    }
  }
  if (slowest == nullptr) {
    return false;
  }
  slowest->progress().tell_to_end();
  ++making_room;
  net::post(slowest->executor(), [session = slowest->shared_from_this()] { session->make_room(); });
  return true;
}

void start_session(const std::shared_ptr<ServerCore>& core, tcp::socket socket, std::size_t refused_at_once) {
  boost::system::error_code ec;
  const auto endpoint = socket.remote_endpoint(ec);
  if (ec) {
    return;  // gone already
  }
  const ServerOptions& options = core->options;
  const net::ip::address address = plain_address(endpoint.address());
  const bool counts = options.loopback_counts || !address.is_loopback();
  const std::string key = counts ? address_key(address) : std::string();
  std::shared_ptr<ServerConnection> session;
  {
    const std::lock_guard lock(core->mutex);
    if (core->stopping || core->sessions.size() >= options.max_connections + refused_at_once) {
      return;
    }
    std::string refusal;
    if (const auto found = core->sessions_by_address.find(key);
        counts && found != core->sessions_by_address.end() && found->second >= options.max_connections_per_address) {
      refusal = "expected at most " + std::to_string(options.max_connections_per_address) +
                " connections of one address (--max-connections-per-address)";
    } else if (core->sessions.size() - core->making_room >= options.max_connections && !core->shed_slowest(false)) {
      refusal = "expected at most " + std::to_string(options.max_connections) + " connections (--max-connections)";
    }
    session = make_session(core, std::move(socket), address.to_string(), std::move(refusal));
    core->sessions.insert(session.get());
    if (counts) {
      ++core->sessions_by_address[key];
    }
  }
  net::co_spawn(session->executor(), session->run(), [core, session, key, counts](const std::exception_ptr& failure) {
    if (failure) {
      core->logger.error("http_session_failed");
      session->close();
    }
    const std::lock_guard lock(core->mutex);
    core->sessions.erase(session.get());
    if (session->progress().told_to_end()) {
      --core->making_room;
    }
    if (const auto found = core->sessions_by_address.find(key); counts && --found->second == 0) {
      core->sessions_by_address.erase(found);
    }
    core->session_ended.notify_all();
  });
}

void ServerCore::drain(std::chrono::milliseconds grace) {
  std::unique_lock lock(mutex);
  const auto tell = [this](void (ServerConnection::*what)()) {
    for (ServerConnection* session : sessions) {
      net::post(session->executor(), [s = session->shared_from_this(), what] { (*s.*what)(); });
    }
  };
  const auto all_ended = [this] { return sessions.empty(); };
  stopping = true;
  tell(&ServerConnection::finish_up);
  session_ended.wait_for(lock, grace, all_ended);
  tell(&ServerConnection::close);
  session_ended.wait(lock, all_ended);
  running = false;
}

void ServerCore::deliver(const std::shared_ptr<ServerConnection>& connection, Response response) {
  const std::lock_guard lock(mutex);
  if (running) {
    net::post(connection->executor(), [connection, response = std::move(response)]() mutable {
      connection->set_response(std::move(response));
    });
  }
}

bool ServerCore::reserve_body(std::size_t bytes) {
  const std::size_t total = options.max_total_body_bytes;
  const std::size_t limit = bytes <= kSmallBody ? total : std::max(total - total / 4, options.max_body_bytes);
  const std::lock_guard lock(mutex);
  if (body_bytes > limit || bytes > limit - body_bytes) {
    shed_slowest(true);
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
