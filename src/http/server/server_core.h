// What the connections of a server share: internal to the module, shows Boost.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_set>

#include "base/result.h"
#include "http/server/server.h"

namespace facepipe::http {

class Session;

// Shared by the server, its sessions and its Responders. A session's coroutine is owned by what it waits for in `io`;
// drain() ends them all, so that no cycle io -> session -> core -> io outlives the server.
struct ServerCore {
  ServerCore(const ServerOptions& the_options, Router the_router, Logger& the_logger)
      : options(the_options),
        router(std::move(the_router)),
        logger(the_logger),
        shared(options.shared_limits ? options.shared_limits : make_shared_limits(options.max_total_body_bytes)) {}

  // Tells the sessions to end after their request under way, waits up to `grace`, then closes them and waits until they
  // are gone. Afterwards nothing is posted to `io` any more.
  void drain(std::chrono::milliseconds grace);
  // Has `what` done on the session's executor; false, and it is not, after drain().
  bool post(const std::shared_ptr<Session>& session, std::function<void(Session&)> what);
  // Tells the session to end, unless it was told or has ended.
  void tell_to_make_room(Session& session);
  // Tells one that is slow to end, or one of a crowd that has not been heard; false if there is none. Under the mutex.
  bool shed_for_connection();

  const ServerOptions options;
  const Router router;
  Logger& logger;
  const std::shared_ptr<SharedLimits> shared;      // never null
  std::unique_ptr<boost::asio::ssl::context> tls;  // null: plain
  boost::asio::io_context io;
  std::atomic<int> lingering = 0;  // sessions that drop what a refused client is still sending
  std::mutex mutex;                // guards what follows
  std::condition_variable session_ended;
  std::unordered_set<Session*> sessions;                   // alive while they are in here
  std::map<std::string, std::size_t> sessions_by_address;  // those that count for max_connections_per_address
  std::size_t making_room = 0;                             // sessions that were told to, and are not gone
  bool stopping = false;
  bool running = true;
};

// Begins to serve a connection, if the limits leave room; past them it is told so and closed, or closed only.
void start_session(const std::shared_ptr<ServerCore>& core, boost::asio::ip::tcp::socket socket);

// --- The server's certificate and key: internal to the module, shows Boost.
// TLS 1.2 or later. kNotFound, kInvalidData naming the file that is not there or holds no PEM; kPermission for a key
// file that everybody may read; kInvalidArgument for a key that does not fit the certificate.
[[nodiscard]] Result<std::unique_ptr<boost::asio::ssl::context>> make_server_context(const TlsFiles& files);

}  // namespace facepipe::http
