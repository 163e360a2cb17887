// Structured logs: one JSON object a line, on a stream that the program chooses. Never payloads, faces, embeddings or
// secrets: callers pass names, counts, durations and error messages only.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>

#include "base/clock.h"
#include "base/result.h"

namespace facepipe {

enum class LogLevel { kDebug, kInfo, kWarning, kError };
// Of "debug", "info", "warning", "error".
[[nodiscard]] std::optional<LogLevel> log_level_of(std::string_view name);

struct LogField {
  std::string_view name;
  std::variant<std::string_view, std::int64_t, double, bool> value;
};

// Thread-safe: each record is written whole.
class Logger {
 public:
  using Sink = std::function<void(std::string_view line)>;  // a line without its newline; called under a lock

  Logger(LogLevel minimum, Sink sink, const Clock& clock = system_clock());
  // {"time":"2026-01-02T03:04:05.678Z","level":"info","event":EVENT, fields...}
  void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});
  void info(std::string_view event, std::initializer_list<LogField> fields = {}) {
    log(LogLevel::kInfo, event, fields);
  }
  void warning(std::string_view event, std::initializer_list<LogField> fields = {}) {
    log(LogLevel::kWarning, event, fields);
  }
  void error(std::string_view event, std::initializer_list<LogField> fields = {}) {
    log(LogLevel::kError, event, fields);
  }

 private:
  LogLevel minimum_;
  Sink sink_;
  const Clock& clock_;
  std::mutex mutex_;
};

// Writes lines to stderr, one write call a line.
[[nodiscard]] Logger::Sink stderr_sink();
// Drops every line: for tests and one-shot tools.
[[nodiscard]] Logger& null_logger();

// --- A log's way out that nobody has to wait for: whoever logs puts a line into a bounded queue, one thread writes it.
// Writes lines, in the order in which they came, to a descriptor that may block for ever (a pipe that nobody reads, a
// stopped terminal), fail for a while (a full disk) or be closed. A line for which the queue has no room, and one whose
// writing failed, is dropped and counted; as soon as a line can be written again a warning `log_dropped` says where and
// how many. Thread-safe.
class LogWriter {
 public:
  static constexpr std::size_t kQueueBytes = std::size_t{1} << 20U;  // some thousand lines

  // `descriptor` stays open as long as the process. Start it after block_stop_signals(), which ignores SIGPIPE.
  // kExhausted when there is no thread to be had.
  [[nodiscard]] static Result<std::unique_ptr<LogWriter>> start(int descriptor, std::size_t queue_bytes = kQueueBytes);
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;
  // close() with a short limit.
  ~LogWriter();

  // Puts a line without its newline into the queue; never waits for the descriptor. After close() it is dropped.
  void write(std::string_view line);
  // write() for a Logger, which this outlives.
  [[nodiscard]] Logger::Sink sink() {
    return [this](std::string_view line) { write(line); };
  }
  // Waits until all that was put in before is written or dropped; false if that took longer than `limit`.
  bool flush(std::chrono::milliseconds limit);
  // Takes no more, writes what waits for at most `limit`, and ends. A write that still blocks then is left to itself:
  // it holds nothing but its own memory, and ends with the process. Idempotent.
  void close(std::chrono::milliseconds limit);

 private:
  struct State;  // shared with the thread, which may outlive this
  explicit LogWriter(std::shared_ptr<State> state) : state_(std::move(state)) {}
  static void run(const std::shared_ptr<State>& state);
  std::shared_ptr<State> state_;
};

}  // namespace facepipe
