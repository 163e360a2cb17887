// A file descriptor with an owner. Private to this module.
#pragma once

#include <unistd.h>

#include <utility>

namespace facepipe {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { static_cast<void>(close_now()); }
  [[nodiscard]] int get() const { return fd_; }
  // False: closing told of a write that had failed.
  [[nodiscard]] bool close_now() {
    const int fd = std::exchange(fd_, -1);
    return fd < 0 || ::close(fd) == 0;
  }

 private:
  int fd_;
};

}  // namespace facepipe
