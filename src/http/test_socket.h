// Raw TCP for the module's tests: what a well-behaved library would never send.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace facepipe::http::testing {

// A TCP connection on loopback. Every wait for the peer ends after 30 s at the latest. Move-only.
class TestSocket {
 public:
  // Failure to connect is a test failure; the socket is then not open.
  [[nodiscard]] static TestSocket connect(std::uint16_t port);
  explicit TestSocket(int descriptor) : descriptor_(descriptor) {}
  TestSocket(TestSocket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  TestSocket& operator=(TestSocket&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  TestSocket(const TestSocket&) = delete;
  TestSocket& operator=(const TestSocket&) = delete;
  ~TestSocket() { close(); }

  // False once the peer has closed.
  bool send(std::string_view text) const;
  // Reads until `end` has come, the peer closes, or time is up; returns what came.
  [[nodiscard]] std::string read_until(std::string_view end) const;
  // Reads until `size` bytes have come, the peer closes, or time is up.
  [[nodiscard]] std::string read_exactly(std::size_t size) const;
  // One response with a content-length: head and body. `head_only` for answers to HEAD.
  [[nodiscard]] std::string read_response(bool head_only = false) const;
  // Reads until the peer closes; "(timed out)" is appended if it does not.
  [[nodiscard]] std::string read_to_end() const;
  void finish_writing() const;
  void close();
  // Closes so that the peer gets a reset.
  void reset();
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  [[nodiscard]] bool read_byte_run(std::string& into, std::size_t most) const;
  int descriptor_ = -1;
};

// A port of loopback that nobody listens on, nor can while this lives: connections are refused.
class ClosedPort {
 public:
  ClosedPort();
  ClosedPort(const ClosedPort&) = delete;
  ClosedPort& operator=(const ClosedPort&) = delete;
  ~ClosedPort();
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  int descriptor_ = -1;
  std::uint16_t port_ = 0;
};

// Listens on loopback and runs `script` on a thread of its own, once a connection, `connections` times.
class ScriptedPeer {
 public:
  using Script = std::function<void(int index, TestSocket& socket)>;
  ScriptedPeer(int connections, Script script);
  ScriptedPeer(const ScriptedPeer&) = delete;
  ScriptedPeer& operator=(const ScriptedPeer&) = delete;
  ~ScriptedPeer();
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace facepipe::http::testing
