// One connection of the server, and what the connections share: internal to the module, shows Boost.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>

#include "http/server/server.h"

namespace facepipe::http {

// What a connection is doing, told by it and read by those who look for one that can make room. Thread-safe.
class Progress {
 public:
  enum class Phase { kIdle, kReading, kWorking, kWriting };
  using Clock = std::chrono::steady_clock;
  // Over which a rate is measured, and after which a connection without any progress has none.
  static constexpr std::chrono::seconds kWindow{1};

  void enter(Phase phase);
  void moved(std::size_t bytes);  // of a body that comes or an answer that goes
  void reserved(std::size_t bytes) { reserved_ = bytes; }
  void small_body(bool small) { small_body_ = small; }
  void heard() { heard_ = true; }
  void tell_to_end() { told_to_end_ = true; }
  [[nodiscard]] Phase phase() const { return phase_; }
  [[nodiscard]] std::size_t moved() const { return moved_; }         // bytes in this phase
  [[nodiscard]] std::size_t reserved() const { return reserved_; }   // of the memory of bodies
  [[nodiscard]] bool has_small_body() const { return small_body_; }  // whatever comes yet of it
  [[nodiscard]] bool was_heard() const { return heard_; }            // a whole head has come from it
  [[nodiscard]] bool told_to_end() const { return told_to_end_; }
  [[nodiscard]] Clock::duration age(Clock::time_point now) const { return since(since_, now); }  // of the phase
  // Of late: in the last whole window, or in the phase where that is younger; 0 after a window without a byte.
  [[nodiscard]] double bytes_per_second(Clock::time_point now) const;

 private:
  static Clock::duration since(Clock::rep time, Clock::time_point now) {
    return now.time_since_epoch() - Clock::duration(time);
  }

  std::atomic<Phase> phase_ = Phase::kIdle;
  std::atomic<Clock::rep> since_ = Clock::now().time_since_epoch().count();
  std::atomic<Clock::rep> last_moved_ = 0;
  std::atomic<Clock::rep> window_since_ = 0;
  std::atomic<std::size_t> window_began_at_ = 0;  // moved_ then
  std::atomic<double> last_rate_ = -1;            // of the window before; negative: there was none
  std::atomic<std::size_t> moved_ = 0;
  std::atomic<std::size_t> reserved_ = 0;
  std::atomic<bool> small_body_ = false;
  std::atomic<bool> heard_ = false;
  std::atomic<bool> told_to_end_ = false;
};

// A connection as the others see it. All but progress() on its executor.
class ServerConnection : public std::enable_shared_from_this<ServerConnection> {
 public:
  virtual ~ServerConnection() = default;
  [[nodiscard]] virtual boost::asio::any_io_executor executor() = 0;
  // Until it ends; throws nothing but std::bad_alloc.
  [[nodiscard]] virtual boost::asio::awaitable<void> run() = 0;
  virtual void set_response(Response response) = 0;
  virtual void finish_up() = 0;  // ends after the request under way
  virtual void make_room() = 0;  // ends now, with a word where that is possible
  virtual void close() = 0;      // ends now
  [[nodiscard]] Progress& progress() { return progress_; }
  [[nodiscard]] const Progress& progress() const { return progress_; }

 private:
  Progress progress_;
};

// Shared by the server, its sessions and its Responders. A session's coroutine is owned by what it waits for in `io`;
// drain() ends them all, so that no cycle io -> session -> core -> io outlives the server.
struct ServerCore {
  ServerCore(const ServerOptions& the_options, Handler the_handler, Logger& the_logger)
      : options(the_options),
        handler(std::move(the_handler)),
        logger(the_logger),
        shared(options.shared_limits ? options.shared_limits : make_shared_limits(options.max_total_body_bytes)) {}

  // Tells the sessions to end after their request under way, waits up to `grace`, then closes them and waits until they
  // are gone. Afterwards nothing is posted to `io` any more.
  void drain(std::chrono::milliseconds grace);
  // Hands a response over to its session; drops it after drain().
  void deliver(const std::shared_ptr<ServerConnection>& connection, Response response);
  // Tells the session to end, unless it was told or has ended.
  void tell_to_make_room(ServerConnection& session);
  // Tells one that is slow to end, or one of a crowd that has not been heard; false if there is none. Under the mutex.
  bool shed_for_connection();

  const ServerOptions options;
  const Handler handler;
  Logger& logger;
  const std::shared_ptr<SharedLimits> shared;      // never null
  std::unique_ptr<boost::asio::ssl::context> tls;  // null: plain
  boost::asio::io_context io;
  std::atomic<int> lingering = 0;  // sessions that drop what a refused client is still sending
  std::mutex mutex;                // guards what follows
  std::condition_variable session_ended;
  std::unordered_set<ServerConnection*> sessions;          // alive while they are in here
  std::map<std::string, std::size_t> sessions_by_address;  // those that count for max_connections_per_address
  std::size_t making_room = 0;                             // sessions that were told to, and are not gone
  bool stopping = false;
  bool running = true;
};

// Begins to serve a connection, if the limits leave room; past them it is told so and closed, or closed only.
void start_session(const std::shared_ptr<ServerCore>& core, boost::asio::ip::tcp::socket socket);

// A connection that is served or, if `refusal` is not empty, told that and closed. The caller runs run() on its
// executor and keeps it among the core's sessions until it ends.
[[nodiscard]] std::shared_ptr<ServerConnection> make_session(std::shared_ptr<ServerCore> core,
                                                             boost::asio::ip::tcp::socket socket, std::string peer,
                                                             std::string refusal);

}  // namespace facepipe::http
