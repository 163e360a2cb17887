// What the server does with requests as they should not be: too large, too slow, too many, malformed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "http/server/server.h"
#include "http/server/test_server.h"
#include "http/test_socket.h"

namespace facepipe::http {
namespace {

using std::chrono::milliseconds;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::in_time;
using testing::kPatience;
using testing::patient;
using ::testing::StartsWith;
using testing::TestSocket;
using testing::wait_for_held;

class ServerLimits : public ::testing::Test {
 protected:
  void start(const ServerOptions& options) {
    auto server = Server::start(
        options,
        [this](const Request& request, Responder respond) {
          ++handled_;
          if (request.target == "/hold") {
            const std::lock_guard lock(mutex_);
            held_.push_back(std::move(respond));
            changed_.notify_all();
            return;
          }
          respond(make_response(200, "text/plain", std::to_string(request.body.size())));
        },
        null_logger());
    ASSERT_TRUE(server) << server.error().message;
    server_ = *std::move(server);
  }
  // A connection whose request is being worked on until it is answered: it is never slow, and makes room for nobody.
  [[nodiscard]] TestSocket hold(std::string_view body = "") {
    TestSocket socket = TestSocket::connect(server_->port());
    std::unique_lock lock(mutex_);
    const std::size_t others = held_.size();
    EXPECT_TRUE(socket.send("POST /hold HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) +
                            "\r\n\r\n" + std::string(body)));
    EXPECT_TRUE(changed_.wait_for(lock, kPatience, [&] { return held_.size() > others; }));
    return socket;
  }
  // Of the request that was held last.
  void answer_held() {
    const std::lock_guard lock(mutex_);
    held_.back()(make_response(200, "text/plain", "held"));
    held_.pop_back();
  }
  // Sends `text` and returns all that comes until the server closes.
  [[nodiscard]] std::string ask(std::string_view text) const {
    const TestSocket socket = TestSocket::connect(server_->port());
    socket.send(text);
    return socket.read_to_end();
  }
  // Whether a request is answered as soon as the server has seen that others went.
  [[nodiscard]] bool is_served_in_time() const {
    return in_time([this] {
      const TestSocket socket = TestSocket::connect(server_->port());
      socket.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      return socket.read_response().starts_with("HTTP/1.1 200 ");
    });
  }
  std::atomic<int> handled_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Responder> held_;  // guarded by mutex_
  std::unique_ptr<Server> server_;
};

TEST_F(ServerLimits, MalformedRequestsAreRefused) {
  start({});
  const struct {
    const char* text;
    const char* status;
  } cases[] = {
      {"\x16\x03\x01\x02", "400"},  // a TLS client
      {"GET\r\n\r\n", "400"},
      {"GET / HTTP/2.0\r\n\r\n", "505"},
      {"GET / HTTP/1.1\r\n\r\n", "400"},                            // no Host
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"},      // two
      {"GET / HTTP/1.1\r\nHost: a\r\nBad Name: b\r\n\r\n", "400"},  // blank in a name
      {"GET / HTTP/1.1\r\nHost: a\r\nX: b\x01\r\n\r\n", "400"},     // control character
      {"GET / HTTP/1.1\r\nHost: a\n\r\n", "400"},                   // a bare line feed
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", "400"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "400"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", "400"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", "400"},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "501"},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", "501"},
      {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400"},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", "400"},
      {"POST / HTTP/1.1\r\nHost: a\r\nExpect: miracles\r\nContent-Length: 1\r\n\r\n", "417"},
  };
  for (const auto& test : cases) {
    const std::string response = ask(test.text);
    EXPECT_THAT(response, StartsWith("HTTP/1.1 " + std::string(test.status) + " ")) << test.text;
    EXPECT_THAT(response, HasSubstr("connection: close\r\n")) << test.text;
  }
  EXPECT_EQ(handled_, 0);
}

TEST_F(ServerLimits, HeaderPastItsLimitIs431) {
  ServerOptions options;
  options.max_header_bytes = 1'000;
  start(options);
  const std::string head = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
  const TestSocket socket = TestSocket::connect(server_->port());
  ASSERT_TRUE(socket.send(head + std::string(900, 'a') + "\r\n\r\n"));
  EXPECT_THAT(socket.read_response(), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(ask(head + std::string(1'100, 'a') + "\r\n\r\n"), StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(ask(head + std::string(200'000, 'a')), StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(ask("GET /" + std::string(5'000, 'a')), StartsWith("HTTP/1.1 431 "));
}

TEST_F(ServerLimits, MoreFieldsThanAnybodySendsAre431) {
  start({});
  std::string fields;
  for (int i = 0; i < 127; ++i) {
    fields += "a:\r\n";
  }
  const TestSocket socket = TestSocket::connect(server_->port());
  ASSERT_TRUE(socket.send("GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n"));
  EXPECT_THAT(socket.read_response(), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(ask("GET / HTTP/1.1\r\nHost: a\r\n" + fields + "b:\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 431 "), HasSubstr("128")));
}

TEST_F(ServerLimits, BodyPastItsLimitIs413) {
  ServerOptions options;
  options.max_body_bytes = 1'000;
  start(options);
  const std::string post = "POST / HTTP/1.1\r\nHost: a\r\n";
  const TestSocket socket = TestSocket::connect(server_->port());
  ASSERT_TRUE(socket.send(post + "Content-Length: 1000\r\n\r\n" + std::string(1'000, 'a')));
  EXPECT_THAT(socket.read_response(), EndsWith("\r\n\r\n1000"));
  // Not a byte of the body is waited for.
  EXPECT_THAT(ask(post + "Content-Length: 1001\r\n\r\n"), StartsWith("HTTP/1.1 413 "));
  // A client that sends it all the same still gets to read the answer.
  EXPECT_THAT(ask(post + "Content-Length: 4000000\r\n\r\n" + std::string(4'000'000, 'a')), StartsWith("HTTP/1.1 413 "));
  std::string chunks;
  for (int i = 0; i < 11; ++i) {
    chunks += "64\r\n" + std::string(100, 'a') + "\r\n";
  }
  EXPECT_THAT(ask(post + "Transfer-Encoding: chunked\r\n\r\n" + chunks), StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(ask(post + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n"), StartsWith("HTTP/1.1 413 "));
  EXPECT_EQ(handled_, 1);
}

TEST_F(ServerLimits, SlowRequestsGet408WhereverTheyStall) {
  ServerOptions options = patient();
  options.read_timeout = milliseconds(150);
  start(options);
  EXPECT_THAT(ask("GET"), StartsWith("HTTP/1.1 408 "));
  EXPECT_THAT(ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc"), StartsWith("HTTP/1.1 408 "));
  EXPECT_THAT(ask("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"),
              StartsWith("HTTP/1.1 408 "));
}

TEST_F(ServerLimits, DrippingBytesDoesNotProlongTheTime) {
  ServerOptions options = patient();
  options.read_timeout = milliseconds(200);
  start(options);
  const TestSocket socket = TestSocket::connect(server_->port());
  std::atomic<bool> stop = false;
  std::thread dripper([&] {  // a head that would not end for minutes
    bool open = socket.send("GET / HTTP/1.1\r\nHost: ");
    while (open && !stop) {
      std::this_thread::sleep_for(milliseconds(20));
      open = socket.send("a");
    }
  });
  EXPECT_THAT(socket.read_response(), StartsWith("HTTP/1.1 408 "));
  stop = true;
  dripper.join();
  EXPECT_EQ(handled_, 0);
}

TEST_F(ServerLimits, TheLastChunkMayComeByteByByte) {
  start({});
  const TestSocket socket = TestSocket::connect(server_->port());
  ASSERT_TRUE(socket.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"));
  for (const char c : std::string_view("3\r\nabc\r\n0\r\n\r\n")) {
    ASSERT_TRUE(socket.send({&c, 1}));
    std::this_thread::sleep_for(milliseconds(5));
  }
  EXPECT_THAT(socket.read_response(), EndsWith("\r\n\r\n3"));
  const TestSocket empty = TestSocket::connect(server_->port());
  ASSERT_TRUE(empty.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"));
  for (const char c : std::string_view("0\r\n\r\n")) {
    ASSERT_TRUE(empty.send({&c, 1}));
    std::this_thread::sleep_for(milliseconds(5));
  }
  EXPECT_THAT(empty.read_response(), EndsWith("\r\n\r\n0"));
}

TEST_F(ServerLimits, IdleConnectionsAreClosedWithoutAWord) {
  ServerOptions options;
  options.idle_timeout = milliseconds(100);
  start(options);
  EXPECT_EQ(ask(""), "");
  options.idle_timeout = milliseconds(2'000);  // within which the client comes to say something
  start(options);
  const TestSocket socket = TestSocket::connect(server_->port());
  ASSERT_TRUE(socket.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_THAT(socket.read_response(), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(socket.read_to_end(), "");
}

// Against the one limit that nobody makes room for, and by no time: a connection that is left behind stays.
TEST_F(ServerLimits, ClientsThatVanishLeaveNothingBehind) {
  ServerOptions options = patient();
  options.max_connections_per_address = 2;
  options.loopback_counts = true;
  start(options);
  for (int i = 0; i < 20; ++i) {
    TestSocket socket = TestSocket::connect(server_->port());
    ASSERT_TRUE(socket.send(i % 2 == 0 ? "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc" : "GE"));
    std::this_thread::sleep_for(milliseconds(5));
    if (i % 3 == 0) {
      socket.reset();
    }
    socket.close();
    std::this_thread::sleep_for(milliseconds(20));
  }
  EXPECT_TRUE(is_served_in_time());
}

TEST_F(ServerLimits, ConnectionsPastTheLimitGet503) {
  ServerOptions options = patient();
  options.max_connections = 2;
  start(options);
  const TestSocket stays = hold();
  TestSocket goes = hold();
  const std::string refused = ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(refused, HasSubstr("retry-after: 1\r\n"));
  answer_held();
  EXPECT_THAT(goes.read_response(), EndsWith("held"));
  goes.close();
  EXPECT_TRUE(is_served_in_time());
}

TEST_F(ServerLimits, BodiesTogetherPastTheirLimitGet503) {
  ServerOptions options;
  options.max_body_bytes = 1'000;
  options.max_total_body_bytes = 1'500;
  start(options);
  const std::string post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n";
  const TestSocket first = hold(std::string(1'000, 'a'));
  EXPECT_THAT(ask(post), StartsWith("HTTP/1.1 503 "));
  answer_held();
  EXPECT_THAT(first.read_response(), EndsWith("\r\n\r\nheld"));
  ASSERT_TRUE(first.send(post + std::string(1'000, 'b')));  // what was held is given back
  EXPECT_THAT(first.read_response(), EndsWith("\r\n\r\n1000"));
}

TEST_F(ServerLimits, ReaderThatStopsIsClosed) {
  constexpr std::size_t kAnswer = std::size_t{64} << 20U;
  ServerOptions options;
  options.write_timeout = milliseconds(200);
  options.shared_limits = make_shared_limits(4 * kAnswer);
  auto server = Server::start(
      options,
      [](const Request&, Responder respond) { respond(make_response(200, "text/plain", std::string(kAnswer, 'a'))); },
      null_logger());
  ASSERT_TRUE(server);
  const TestSocket socket = TestSocket::connect((*server)->port());
  ASSERT_TRUE(socket.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_EQ(socket.read_exactly(1), "H");    // on its way, so its memory is held
  wait_for_held(*options.shared_limits, 0);  // it is closed
  EXPECT_LT(socket.read_to_end().size(), kAnswer);
}

}  // namespace
}  // namespace facepipe::http
