#include "base/log.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <system_error>
#include <thread>

#include "base/check.h"
#include "base/json_writer.h"
#include "base/printable.h"
#include "base/time_text.h"

namespace facepipe {
namespace {

constexpr std::array<std::string_view, 4> kLevelNames = {"debug", "info", "warning", "error"};  // of LogLevel

struct WriteField {
  JsonWriter& json;
  void operator()(std::string_view value) const { json.string(value); }
  void operator()(std::int64_t value) const { json.integer(value); }
  void operator()(double value) const { json.number(value); }
  void operator()(bool value) const { json.boolean(value); }
};

// How long the end of a program waits for a log that takes nothing.
constexpr std::chrono::milliseconds kLastWords{500};
// And a failed FACEPIPE_CHECK.
constexpr std::chrono::milliseconds kCrashWords{200};
// Pause before a descriptor that failed is tried again: a full disk would be asked for every line.
constexpr std::chrono::milliseconds kRetryPause{200};
constexpr std::size_t kNoticeBytes = 128;  // room for the line that says what was dropped

// Writes `text`, however long the descriptor takes; how much of it, which is less when the descriptor failed.
std::size_t write_whole(int descriptor, std::string_view text) {
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t count = ::write(descriptor, text.data() + written, text.size() - written);
    if (count >= 0) {
      written += static_cast<std::size_t>(count);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {  // somebody who shares it has made it non-blocking
      pollfd waiting{descriptor, POLLOUT, 0};
      ::poll(&waiting, 1, -1);
    } else if (errno != EINTR) {
      break;
    }
  }
  return written;
}

std::string drop_notice(std::uint64_t lines) {
  std::string text;
  Logger logger(LogLevel::kWarning, [&text](std::string_view line) { text.append(line).push_back('\n'); });
  logger.warning("log_dropped", {{"lines", static_cast<std::int64_t>(lines)}});
  return text;
}

}  // namespace

std::optional<LogLevel> log_level_of(std::string_view name) {
  const auto* const found = std::ranges::find(kLevelNames, name);
  return found == kLevelNames.end() ? std::nullopt : std::optional(static_cast<LogLevel>(found - kLevelNames.begin()));
}

Logger::Logger(LogLevel minimum, Sink sink, const Clock& clock)
    : minimum_(minimum), sink_(std::move(sink)), clock_(clock) {}

void Logger::log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (level < minimum_ || !sink_) {
    return;
  }
  JsonWriter json;
  json.begin_object().key("time").string(format_utc(clock_.now()));
  json.key("level").string(kLevelNames.at(static_cast<std::size_t>(level))).key("event").string(event);
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

struct LogWriter::State {
  struct Entry {
    std::string text;          // a line with its newline
    std::uint64_t stands_for;  // lines that are missing when it is
  };
  State(int the_descriptor, std::size_t the_capacity) : descriptor(the_descriptor), capacity(the_capacity) {}

  const int descriptor;
  const std::size_t capacity;
  std::mutex mutex;  // guards what follows
  std::condition_variable changed;
  std::deque<Entry> waiting;
  std::size_t waiting_bytes = 0;
  std::uint64_t dropped = 0;  // behind the last of `waiting`, and not yet said
  bool writing = false;
  bool failing = false;  // the last write failed
  bool torn = false;     // within its line
  bool closed = false;
  bool ended = false;
  std::thread thread;

  // Once lines were dropped, none is taken until half of the queue is free: one notice, not one a line.
  [[nodiscard]] bool has_room(std::size_t bytes) const {
    const std::size_t limit = dropped > 0 ? capacity / 2 : capacity;
    return !closed && waiting_bytes <= limit && bytes <= capacity - waiting_bytes;
  }
  void push(std::string text, std::uint64_t stands_for) {
    waiting_bytes += text.size();
    waiting.push_back({std::move(text), stands_for});
  }
  void push_notice() {
    const std::uint64_t lines = std::exchange(dropped, 0);
    push(drop_notice(lines), lines);
  }
  [[nodiscard]] bool idle() const { return ended || (waiting.empty() && !writing && (dropped == 0 || failing)); }
};

namespace {

// The writer that was started last, for a crash.
struct Latest {
  std::mutex mutex;
  LogWriter* writer = nullptr;
};

Latest& latest() {
  static Latest one;
  return one;
}

void flush_latest() {
  const std::lock_guard lock(latest().mutex);
  if (latest().writer != nullptr) {
    latest().writer->flush(kCrashWords);
  }
}

}  // namespace

Result<std::unique_ptr<LogWriter>> LogWriter::start(int descriptor, std::size_t queue_bytes) {
  auto state = std::make_shared<State>(descriptor, queue_bytes);
  try {
    state->thread = std::thread([state] { run(state); });
  } catch (const std::system_error& error) {
    return Error{ErrorCode::kExhausted, "cannot start the log's thread: " + std::string(error.what())};
  }
  std::unique_ptr<LogWriter> writer(new LogWriter(std::move(state)));
  const std::lock_guard lock(latest().mutex);
  latest().writer = writer.get();
  set_last_words(flush_latest);
  return writer;
}

LogWriter::~LogWriter() {
  {
    const std::lock_guard lock(latest().mutex);
    latest().writer = latest().writer == this ? nullptr : latest().writer;
  }
  close(kLastWords);
}

void LogWriter::write(std::string_view line) {
  const std::lock_guard lock(state_->mutex);
  if (!state_->has_room(line.size() + kNoticeBytes)) {
    ++state_->dropped;
  } else {
    if (state_->dropped > 0) {  // in its place in the order
      state_->push_notice();
    }
    state_->push(std::string(line) + '\n', 1);
  }
  state_->changed.notify_all();
}

bool LogWriter::flush(std::chrono::milliseconds limit) {
  std::unique_lock lock(state_->mutex);
  return state_->changed.wait_for(lock, limit, [this] { return state_->idle(); });
}

void LogWriter::close(std::chrono::milliseconds limit) {
  std::unique_lock lock(state_->mutex);
  state_->closed = true;
  state_->changed.notify_all();
  if (!state_->thread.joinable()) {
    return;
  }
  const bool ended = state_->changed.wait_for(lock, limit, [this] { return state_->ended; });
  std::thread thread = std::move(state_->thread);
  lock.unlock();
  if (ended) {
    thread.join();
  } else {
    thread.detach();
  }
}

void LogWriter::run(const std::shared_ptr<State>& state) {
  std::unique_lock lock(state->mutex);
  while (true) {
    state->changed.wait(lock, [&] { return !state->waiting.empty() || state->dropped > 0 || state->closed; });
    if (state->waiting.empty() && state->dropped > 0) {
      state->push_notice();
    }
    if (state->waiting.empty()) {
      break;  // closed, and nothing is left
    }
    State::Entry entry = std::move(state->waiting.front());
    state->waiting.pop_front();
    state->waiting_bytes -= entry.text.size();
    state->writing = true;
    if (state->torn) {
      entry.text.insert(0, 1, '\n');
    }
    lock.unlock();
    const std::size_t written = write_whole(state->descriptor, entry.text);
    lock.lock();
    state->writing = false;
    state->failing = written < entry.text.size();
    state->torn = state->failing && (written > 0 || state->torn);
    state->dropped += state->failing ? entry.stands_for : 0;
    state->changed.notify_all();
    if (state->failing && state->closed) {
      break;
    }
    if (state->failing) {
      state->changed.wait_for(lock, kRetryPause, [&] { return state->closed; });
    }
  }
  state->ended = true;
  state->changed.notify_all();
}

}  // namespace facepipe
