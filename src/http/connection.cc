#include "http/connection.h"

namespace facepipe::http {
namespace {

class PlainConnection final : public Connection {
 public:
  explicit PlainConnection(Socket socket) : socket_(std::move(socket)) {}

  void begin(std::string_view data) override { rest_ = data; }
  Result<bool> push(bool stop_for_input, Deadline deadline) override {
    while (!rest_.empty()) {
      FACEPIPE_ASSIGN(const Socket::Ready ready, socket_.wait(stop_for_input, true, deadline));
      if (stop_for_input && ready.readable) {
        return false;
      }
      FACEPIPE_ASSIGN(const std::size_t sent, socket_.send_some(rest_));
      rest_.remove_prefix(sent);
    }
    return true;
  }
  Result<std::size_t> receive(std::span<char> buffer, Deadline deadline) override {
    return socket_.receive(buffer, deadline);
  }
  bool reusable() override { return socket_.silent(); }

 private:
  Socket socket_;
  std::string_view rest_;
};

}  // namespace

std::unique_ptr<Connection> make_plain_connection(Socket socket) {
  return std::make_unique<PlainConnection>(std::move(socket));
}

}  // namespace facepipe::http
