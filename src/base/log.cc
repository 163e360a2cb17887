#include "base/log.h"

#include <unistd.h>

#include <cstdio>
#include <utility>

#include "base/json_writer.h"
#include "base/printable.h"
#include "base/time_text.h"

namespace facepipe {
namespace {

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "error";
}

struct WriteField {
  JsonWriter& json;
  void operator()(std::string_view value) const { json.string(value); }
  void operator()(std::int64_t value) const { json.integer(value); }
  void operator()(double value) const { json.number(value); }
  void operator()(bool value) const { json.boolean(value); }
};

}  // namespace

Logger::Logger(LogLevel minimum, Sink sink, const Clock& clock)
    : minimum_(minimum), sink_(std::move(sink)), clock_(clock) {}

void Logger::log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (level < minimum_ || !sink_) {
    return;
  }
  JsonWriter json;
  json.begin_object().key("time").string(format_utc(clock_.now()));
  json.key("level").string(name_of(level)).key("event").string(event);
  for (const LogField& field : fields) {
    json.key(field.name);
    std::visit(WriteField{json}, field.value);
  }
  json.end_object();
  const std::string line = printable(std::move(json).text());  // logs are read on terminals
  const std::lock_guard lock(mutex_);
  sink_(line);
}

Logger::Sink stderr_sink() {
  return [](std::string_view line) {
    std::string whole(line);
    whole.push_back('\n');
    // A log that cannot be written has nowhere to be reported.
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, whole.data(), whole.size());
  };
}

Logger& null_logger() {
  static Logger logger(LogLevel::kError, nullptr);
  return logger;
}

}  // namespace facepipe
