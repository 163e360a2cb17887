// One connection of the server, and what the connections share: internal to the module, and the one header of it that
// shows Boost.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <unordered_set>

#include "http/server.h"

namespace facepipe::http {

class Session;

// Shared by the server, its sessions and its Responders. A session's coroutine is owned by what it waits for in `io`;
// drain() ends them all, so that no cycle io -> session -> core -> io outlives the server.
struct ServerCore {
  ServerCore(const ServerOptions& the_options, Handler the_handler, Logger& the_logger)
      : options(the_options), handler(std::move(the_handler)), logger(the_logger) {}

  // Tells the sessions to end after their request under way, waits up to `grace`, then closes them and waits until they
  // are gone. Afterwards nothing is posted to `io` any more.
  void drain(std::chrono::milliseconds grace);
  // Hands a response over to its session; drops it after drain().
  void deliver(const std::shared_ptr<Session>& session, Response response);
  // Counts `bytes` against max_total_body_bytes; false if they are too many.
  [[nodiscard]] bool reserve_body(std::size_t bytes);
  void release_body(std::size_t bytes);

  const ServerOptions options;
  const Handler handler;
  Logger& logger;
  boost::asio::io_context io;
  std::mutex mutex;  // guards what follows
  std::condition_variable session_ended;
  std::unordered_set<Session*> sessions;  // alive while they are in here
  std::size_t body_bytes = 0;
  bool stopping = false;
  bool running = true;
};

// Begins to serve a connection. Past max_connections it is told 503 and closed, past another `refused_at_once` it is
// closed only.
void start_session(const std::shared_ptr<ServerCore>& core, boost::asio::ip::tcp::socket socket,
                   std::size_t refused_at_once);

}  // namespace facepipe::http
