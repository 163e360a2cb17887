// Structured logs: one JSON object a line, on a stream that the program chooses. Never payloads, faces, embeddings or
// secrets: callers pass names, counts, durations and error messages only.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <mutex>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"

namespace facepipe {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

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

}  // namespace facepipe
