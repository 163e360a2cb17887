#include "http/test_socket.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>

namespace facepipe::http::testing {
namespace {

constexpr int kPatienceMs = 30'000;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// Binds to a free port, which it returns.
std::uint16_t bind_to_loopback(int descriptor) {
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  if (::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), length) != 0 ||
      ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    ADD_FAILURE() << "cannot bind to loopback";
  }
  return ntohs(address.sin_port);
}

}  // namespace

TestSocket TestSocket::connect(std::uint16_t port) {
  TestSocket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = loopback(port);
  if (socket.descriptor_ < 0 ||
      ::connect(socket.descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ADD_FAILURE() << "cannot connect to port " << port;
    socket.close();
  }
  return socket;
}

bool TestSocket::send(std::string_view text) const {
  while (!text.empty()) {
    const ssize_t sent = ::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return false;
    }
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool TestSocket::read_byte_run(std::string& into, std::size_t most) const {
  pollfd waiting{descriptor_, POLLIN, 0};
  if (::poll(&waiting, 1, kPatienceMs) <= 0) {
    into += "(timed out)";
    return false;
  }
  std::array<char, 65536> buffer{};
  const ssize_t count = ::recv(descriptor_, buffer.data(), std::min(buffer.size(), most), 0);
  if (count <= 0) {
    return false;
  }
  into.append(buffer.data(), static_cast<std::size_t>(count));
  return true;
}

std::string TestSocket::read_until(std::string_view end) const {
  std::string text;
  while (!text.ends_with(end) && read_byte_run(text, 1)) {
  }
  return text;
}

std::string TestSocket::read_response(bool head_only) const {
  std::string text = read_until("\r\n\r\n");
  constexpr std::string_view kLength = "content-length: ";
  const std::size_t at = text.find(kLength);
  if (head_only || at == std::string::npos) {
    return text;
  }
  std::size_t length = 0;
  std::from_chars(text.data() + at + kLength.size(), text.data() + text.size(), length);
  return text + read_exactly(length);
}

std::string TestSocket::read_exactly(std::size_t size) const {
  std::string text;
  while (text.size() < size && read_byte_run(text, size - text.size())) {
  }
  return text;
}

std::string TestSocket::read_to_end() const {
  std::string text;
  while (read_byte_run(text, 65536)) {
  }
  return text;
}

void TestSocket::finish_writing() const {
  ::shutdown(descriptor_, SHUT_WR);
}

void TestSocket::close() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
    descriptor_ = -1;
  }
}

void TestSocket::reset() {
  const linger now{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close();
}

ClosedPort::ClosedPort()
    : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), port_(bind_to_loopback(descriptor_)) {}

ClosedPort::~ClosedPort() {
  ::close(descriptor_);
}

ScriptedPeer::ScriptedPeer(int connections, Script script)
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), port_(bind_to_loopback(listener_)) {
  if (::listen(listener_, 16) != 0) {
    ADD_FAILURE() << "cannot listen on loopback";
  }
  thread_ = std::thread([this, connections, script = std::move(script)] {
    for (int i = 0; i < connections; ++i) {
      pollfd waiting{listener_, POLLIN, 0};
      if (::poll(&waiting, 1, kPatienceMs) <= 0) {
        ADD_FAILURE() << "connection " << i << " never came";
        return;
      }
      TestSocket socket(::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC));
      script(i, socket);
    }
  });
}

ScriptedPeer::~ScriptedPeer() {
  thread_.join();
  ::close(listener_);
}

}  // namespace facepipe::http::testing
