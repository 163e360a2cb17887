// What waits to be sent of a streamed answer: between its writer, on any thread, and its connection.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "http/server/responder.h"

namespace facepipe::http {

// Thread-safe. Callbacks are called without its mutex.
class StreamBuffer {
 public:
  enum class Next { kData, kWait, kEnd };

  // `wake` has the connection look for data soon; from any thread.
  StreamBuffer(StreamOptions options, std::function<void()> wake)
      : options_(std::move(options)), wake_(std::move(wake)) {}

  [[nodiscard]] Written write(std::string_view bytes);
  void finish();
  [[nodiscard]] std::size_t buffered() const;

  [[nodiscard]] const StreamOptions& options() const { return options_; }
  // For the connection. kData: `bytes` is all that waited, perhaps nothing, and counts as buffered until the next call.
  [[nodiscard]] Next take(std::string& bytes);
  // Nothing more is taken or sent. Idempotent.
  void end();

 private:
  StreamOptions options_;
  std::function<void()> wake_;
  mutable std::mutex mutex_;
  std::string waiting_;
  std::size_t being_sent_ = 0;
  bool asleep_ = false;  // the connection waits to be woken
  bool wants_room_ = false;
  bool finished_ = false;
};

}  // namespace facepipe::http
