// Tested through client_test.cc.
#include "http/socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace facepipe::http {
namespace {

using std::chrono::steady_clock;

struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

Error system_error(const char* what, int code) {
  return Error{ErrorCode::kUnavailable, std::string(what) + ": " + std::generic_category().message(code)};
}

// Milliseconds for poll(), rounded up so that a wait never ends before its deadline.
int poll_time(Deadline deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, INT_MAX));
}

struct Lookup {
  std::mutex mutex;
  std::condition_variable done_changed;
  bool done = false;
  int code = 0;
  std::vector<Address> addresses;
};

void look_up(Lookup& lookup, const std::string& host, std::uint16_t port, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  const std::lock_guard lock(lookup.mutex);
  for (const addrinfo* item = list; item != nullptr; item = item->ai_next) {
    Address address;
    address.length = std::min<socklen_t>(item->ai_addrlen, sizeof address.storage);
    std::memcpy(&address.storage, item->ai_addr, address.length);
    lookup.addresses.push_back(address);
  }
  if (list != nullptr) {
    ::freeaddrinfo(list);
  }
  lookup.code = code;
  lookup.done = true;
  lookup.done_changed.notify_all();
}

// getaddrinfo cannot be interrupted, so it runs on a thread that is left alone when time is up; the shared state is
// that thread's as well.
Result<std::vector<Address>> resolve(const std::string& host, std::uint16_t port, Deadline deadline) {
  const auto lookup = std::make_shared<Lookup>();
  look_up(*lookup, host, port, AI_NUMERICHOST);
  if (lookup->code == 0) {
    return std::move(lookup->addresses);
  }
  lookup->done = false;
  try {
    std::thread([lookup, host, port] { look_up(*lookup, host, port, 0); }).detach();
  } catch (const std::system_error&) {
    return Error{ErrorCode::kExhausted, "no thread to look up the host name on"};
  }
  std::unique_lock lock(lookup->mutex);
  if (!lookup->done_changed.wait_until(lock, deadline, [&] { return lookup->done; })) {
    return Error{ErrorCode::kTimeout, "looking up the host name took too long"};
  }
  if (lookup->code != 0 || lookup->addresses.empty()) {
    return Error{ErrorCode::kUnavailable, "no such host: " + std::string(::gai_strerror(lookup->code))};
  }
  return std::move(lookup->addresses);
}

}  // namespace

Socket::~Socket() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

Result<Socket> Socket::connect(const std::string& host, std::uint16_t port, Deadline deadline) {
  FACEPIPE_ASSIGN(const std::vector<Address> addresses, resolve(host, port, deadline));
  Error last{ErrorCode::kTimeout, "connecting took too long"};
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const Address& address = addresses[i];
    Socket socket(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (socket.descriptor_ < 0) {
      last = system_error("no socket", errno);
      continue;
    }
    const int on = 1;
    ::setsockopt(socket.descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    int code = 0;
    if (::connect(socket.descriptor_, reinterpret_cast<const sockaddr*>(&address.storage), address.length) != 0) {
      code = errno;
    }
    if (code == EINPROGRESS) {
      const auto now = steady_clock::now();
      const auto share = std::max(deadline - now, steady_clock::duration{}) / static_cast<int>(addresses.size() - i);
      const auto ready = socket.wait(false, true, now + share);
      if (!ready) {
        last = Error{ready.error().code, "connecting took too long"};
        continue;
      }
      socklen_t length = sizeof code;
      ::getsockopt(socket.descriptor_, SOL_SOCKET, SO_ERROR, &code, &length);
    }
    if (code == 0) {
      return socket;
    }
    last = system_error("cannot connect", code);
  }
  return last;
}

Result<Socket::Ready> Socket::wait(bool for_reading, bool for_writing, Deadline deadline) const {
  pollfd waiting{descriptor_, static_cast<short>((for_reading ? POLLIN : 0) | (for_writing ? POLLOUT : 0)), 0};
  while (true) {
    const int count = ::poll(&waiting, 1, poll_time(deadline));
    if (count > 0) {
      const int events = waiting.revents;
      const bool ended = (events & (POLLERR | POLLHUP | POLLNVAL)) != 0;
      return Ready{(events & POLLIN) != 0 || ended, (events & POLLOUT) != 0 || ended};
    }
    if (count < 0 && errno != EINTR) {
      return system_error("cannot wait for the connection", errno);
    }
    if (count == 0 && steady_clock::now() >= deadline) {
      return Error{ErrorCode::kTimeout, "the answer took too long"};
    }
  }
}

Result<std::size_t> Socket::send_some(std::string_view data) const {
  const ssize_t sent = ::send(descriptor_, data.data(), data.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent >= 0) {
    return static_cast<std::size_t>(sent);
  }
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
    return std::size_t{0};
  }
  return system_error("cannot send", errno);
}

Result<std::size_t> Socket::receive(std::span<char> buffer, Deadline deadline) const {
  while (true) {
    FACEPIPE_TRY(wait(true, false, deadline));
    const ssize_t count = ::recv(descriptor_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count >= 0) {
      return static_cast<std::size_t>(count);
    }
    if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
      return system_error("cannot receive", errno);
    }
  }
}

bool Socket::silent() const {
  char byte = 0;
  return ::recv(descriptor_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

}  // namespace facepipe::http
