// A non-blocking TCP socket whose every wait has a deadline: internal to the module.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace facepipe::http {

using Deadline = std::chrono::steady_clock::time_point;

// Move-only owner of the descriptor. Errors: kUnavailable with the system's words, kTimeout.
class Socket {
 public:
  // Looks the name up and tries its addresses in turn, each with its share of the time that is left.
  [[nodiscard]] static Result<Socket> connect(const std::string& host, std::uint16_t port, Deadline deadline);
  Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket();

  struct Ready {
    bool readable = false;  // also when the peer has closed or reset
    bool writable = false;
  };
  [[nodiscard]] Result<Ready> wait(bool for_reading, bool for_writing, Deadline deadline) const;
  // What goes out without waiting; may be 0 bytes.
  [[nodiscard]] Result<std::size_t> send_some(std::string_view data) const;
  // Waits for data; 1 to buffer.size() bytes, or 0 when the peer has closed.
  [[nodiscard]] Result<std::size_t> receive(std::span<char> buffer, Deadline deadline) const;
  // True while nothing has come from the peer, not even its end.
  [[nodiscard]] bool silent() const;

 private:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace facepipe::http
