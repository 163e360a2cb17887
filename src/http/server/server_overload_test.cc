// Who is served when not everybody can be: slow connections make room, small bodies pass large ones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

#include "http/server/server.h"
#include "http/server/test_server.h"
#include "http/test_socket.h"

namespace facepipe::http {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using testing::in_time;
using testing::patient;
using ::testing::StartsWith;
using testing::TestSocket;
using testing::wait_for_held;

const std::string kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

std::string post(std::size_t size) {
  return "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n";
}

// Everybody is slow soon, and no time ends.
ServerOptions hasty() {
  ServerOptions options = patient();
  options.slow_after = milliseconds(50);
  return options;
}

class ServerOverload : public ::testing::Test {
 protected:
  void start(const ServerOptions& options, RouteRules rules = {}) {
    Router router({}, "no route");
    router.add(
        {.method = "", .path = "*", .rules = std::move(rules), .handler = [this](const Request&, Responder respond) {
           ++handled_;
           respond(make_response(200, "text/plain", "done"));
         }});
    auto server = Server::start(options, std::move(router), null_logger());
    ASSERT_TRUE(server) << server.error().message;
    server_ = *std::move(server);
  }
  void start(const ServerOptions& options, const Handler& handler) {
    auto server = Server::start(options, handler, null_logger());
    ASSERT_TRUE(server) << server.error().message;
    server_ = *std::move(server);
  }
  [[nodiscard]] TestSocket connect(std::string_view text) const {
    TestSocket socket = TestSocket::connect(server_->port());
    EXPECT_TRUE(text.empty() || socket.send(text));
    return socket;
  }
  [[nodiscard]] std::string ask(std::string_view text) const { return connect(text).read_response(); }
  // The connection of the first of many that was answered, one after the other: somebody becomes slow, and makes room.
  [[nodiscard]] TestSocket served(std::string_view text) const {
    TestSocket socket{-1};
    EXPECT_TRUE(in_time([&] {
      socket.close();
      socket = connect(text);
      return socket.read_response().starts_with("HTTP/1.1 200 ");
    }));
    return socket;
  }
  std::atomic<int> handled_{0};
  std::unique_ptr<Server> server_;
};

TEST_F(ServerOverload, WhereNobodyIsSlowANewConnectionIsRefused) {
  ServerOptions options = patient();
  options.max_connections = 3;
  start(options);
  const TestSocket silent = connect("");
  const TestSocket half_a_head = connect("POST / HT");
  const TestSocket slow_body = connect(post(1'000'000) + "abc");
  EXPECT_THAT(ask(kGet), StartsWith("HTTP/1.1 503 "));
}

TEST_F(ServerOverload, SlowConnectionsMakeRoomForNewOnes) {
  ServerOptions options = hasty();
  options.max_connections = 3;
  start(options);
  const TestSocket silent = connect("");
  const TestSocket half_a_head = connect("POST / HT");
  const TestSocket slow_body = connect(post(1'000'000) + "abc");
  for (int i = 0; i < 5; ++i) {
    (void)served(kGet);
  }
  EXPECT_EQ(silent.read_to_end(), "");  // it was idle the longest
}

TEST_F(ServerOverload, AllSlotsHeldBySlowBodiesAreWonBackOneByOne) {
  ServerOptions options = hasty();
  options.max_connections = 3;
  start(options);
  std::vector<TestSocket> slow;
  slow.reserve(3);
  for (int i = 0; i < 3; ++i) {
    slow.push_back(connect(post(1'000'000) + "abc"));
  }
  std::vector<TestSocket> good;
  for (int i = 0; i < 3; ++i) {
    good.push_back(served(kGet));
  }
  EXPECT_THAT(slow[0].read_to_end(), AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("too slowly")));
}

TEST_F(ServerOverload, ACrowdThatSaysNothingMakesRoomAtOnce) {
  ServerOptions options = patient();
  options.max_connections = 40;
  start(options);
  std::vector<TestSocket> crowd;
  for (int i = 0; i < 100; ++i) {
    crowd.push_back(connect(i % 2 == 0 ? "" : "POST / HTTP/1.1\r\nHost"));
  }
  for (int i = 0; i < 10; ++i) {
    EXPECT_THAT(ask(kGet), StartsWith("HTTP/1.1 200 ")) << i;
  }
}

TEST_F(ServerOverload, ASlowBodyGivesItsMemoryToOneThatIsThere) {
  ServerOptions options = hasty();
  options.max_body_bytes = 1'000'000;
  options.shared_limits = make_shared_limits(1'500'000);
  start(options);
  const TestSocket slow = connect(post(1'000'000) + std::string(600'000, 'a'));
  wait_for_held(*options.shared_limits, 1'000'000);
  (void)served(post(1'000'000) + std::string(1'000'000, 'a'));
  EXPECT_THAT(slow.read_to_end(), StartsWith("HTTP/1.1 503 "));
}

TEST_F(ServerOverload, WhatMayComeReservesNothing) {
  ServerOptions options = patient();
  options.max_body_bytes = 48'000'000;
  options.max_total_body_bytes = 80'000'000;
  start(options);
  std::vector<TestSocket> slow;
  for (int i = 0; i < 20; ++i) {
    slow.push_back(connect(post(48'000'000) + "abc"));
    slow.push_back(connect("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2dc6c00\r\nabc"));
  }
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(ask(post(6'000'000) + std::string(6'000'000, 'a')), StartsWith("HTTP/1.1 200 ")) << i;
  }
  EXPECT_THAT(ask(post(48'000'000) + std::string(48'000'000, 'a')), StartsWith("HTTP/1.1 200 "));
}

TEST_F(ServerOverload, SmallBodiesPassLargeOnes) {
  ServerOptions options = patient();
  options.max_body_bytes = 2'000'000;
  options.shared_limits = make_shared_limits(4'000'000);  // 3,000,000 for large bodies
  start(options);
  const TestSocket large = connect(post(2'000'000) + std::string(1'900'000, 'a'));
  wait_for_held(*options.shared_limits, 2'000'000);
  const std::string refused = ask(post(1'900'000) + std::string(1'900'000, 'a'));
  EXPECT_THAT(refused, AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("--max-body-memory")));
  EXPECT_THAT(ask(post(1'000'000) + std::string(1'000'000, 'a')), StartsWith("HTTP/1.1 200 "));
}

TEST_F(ServerOverload, WhereEverybodyIsHalfThereTheFirstIsReadToItsEnd) {
  ServerOptions options = patient();
  options.max_body_bytes = 2'000'000;
  options.shared_limits = make_shared_limits(4'000'000);  // 3,000,000 for large bodies
  start(options);
  std::vector<TestSocket> halves;  // each holds 1,000,000 and will need 2,000,000
  for (std::size_t i = 0; i < 3; ++i) {
    halves.push_back(connect(post(2'000'000) + std::string(900'000, 'a')));
    wait_for_held(*options.shared_limits, (i + 1) * 1'000'000);
  }
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_TRUE(halves[i].send(std::string(1'100'000, 'b'))) << i;
    EXPECT_THAT(halves[i].read_response(), StartsWith("HTTP/1.1 200 ")) << i;
  }
  EXPECT_THAT(halves[2].read_to_end(), AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("retry-after: 1\r\n")));
}

// Of two servers one holds the memory that a request to the other needs.
class TwoServers : public ServerOverload {
 protected:
  void start_both(ServerOptions options) {
    options.max_body_bytes = 1'000'000;
    options.shared_limits = make_shared_limits(1'500'000);
    start(options);
    auto other = Server::start(
        options, [](const Request&, Responder respond) { respond(make_response(200, "text/plain", "other")); },
        null_logger());
    ASSERT_TRUE(other);
    other_ = *std::move(other);
    slow_.emplace(TestSocket::connect(other_->port()));
    ASSERT_TRUE(slow_->send(post(1'000'000) + std::string(510'000, 'a')));
    wait_for_held(*options.shared_limits, 1'000'000);
  }
  const std::string whole_ = post(1'000'000) + std::string(1'000'000, 'a');
  std::optional<TestSocket> slow_;
  std::unique_ptr<Server> other_;
};

TEST_F(TwoServers, ShareOneMemory) {
  start_both(patient());
  EXPECT_THAT(ask(whole_), StartsWith("HTTP/1.1 503 "));
}

TEST_F(TwoServers, MakeRoomForEachOther) {
  start_both(hasty());
  (void)served(whole_);
  EXPECT_THAT(slow_->read_to_end(), StartsWith("HTTP/1.1 503 "));
}

// Two answers do not fit beside each other, and the first is not read.
class LargeAnswers : public ServerOverload {
 protected:
  void start_with_one(ServerOptions options) {
    options.max_body_bytes = 1'000'000;
    options.shared_limits = make_shared_limits(40'000'000);  // 30,000,000 for large ones
    start(options, [](const Request&, Responder respond) {
      respond(make_response(200, "text/plain", std::string(20'000'000, 'a')));
    });
    reads_nothing_.emplace(connect(kGet));
    wait_for_held(*options.shared_limits, 20'000'000);
  }
  std::optional<TestSocket> reads_nothing_;
};

TEST_F(LargeAnswers, ThatNobodyReadsAreBoundedToo) {
  start_with_one(patient());
  EXPECT_THAT(ask(kGet), AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("--max-body-memory")));
}

TEST_F(LargeAnswers, ThatNobodyReadsMakeRoom) {
  start_with_one(hasty());
  (void)served(kGet);
  EXPECT_LT(reads_nothing_->read_to_end().size(), 20'000'000U);
}

TEST_F(ServerOverload, ABodyBelowTheLeastRateIsCutOff) {
  ServerOptions options = patient();
  options.min_bytes_per_second = ServerOptions{}.min_bytes_per_second;
  start(options);
  const TestSocket slow = connect(post(1'000'000));
  std::atomic<bool> stop = false;
  std::thread dripper([&] {
    while (!stop && slow.send("abcdefgh")) {
      std::this_thread::sleep_for(milliseconds(50));
    }
  });
  const std::string answer = slow.read_until("\r\n\r\n");  // after 5 s; by the other limits it would be 10 min
  stop = true;
  dripper.join();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 408 "));
  EXPECT_EQ(handled_, 0);
}

TEST_F(ServerOverload, ConnectionsOfOneAddress) {
  ServerOptions options = patient();
  options.max_connections_per_address = 2;
  start(options);
  std::vector<TestSocket> held;
  for (int i = 0; i < 4; ++i) {  // loopback does not count
    held.push_back(connect(kGet));
    EXPECT_THAT(held.back().read_response(), StartsWith("HTTP/1.1 200 "));
  }
  held.clear();
  options.loopback_counts = true;
  start(options);
  for (int i = 0; i < 2; ++i) {
    held.push_back(connect(kGet));
    EXPECT_THAT(held.back().read_response(), StartsWith("HTTP/1.1 200 "));
  }
  EXPECT_THAT(ask(kGet), AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("--max-connections-per-address")));
  held.pop_back();
  (void)served(kGet);  // as soon as the server has seen that it went
}

TEST_F(ServerOverload, GuardsComeBeforeTheBodyAndDefaultHeadersAreEverywhere) {
  ServerOptions options;
  options.response_headers = {{"x-default", "yes"}, {"content-type", "never/this"}};
  RouteRules rules;
  rules.guards.emplace_back([](const Request& head) -> std::optional<Response> {
    return head.target == "/no" ? std::optional(make_response(401, "text/plain", "stay out")) : std::nullopt;
  });
  start(options, rules);
  const std::string refused = ask("POST /no HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
  EXPECT_THAT(refused, AllOf(StartsWith("HTTP/1.1 401 "), HasSubstr("x-default: yes\r\n"), HasSubstr("stay out"),
                             HasSubstr("connection: close\r\n")));
  EXPECT_EQ(handled_, 0);
  // Without a body the connection goes on.
  const TestSocket socket = connect("GET /no HTTP/1.1\r\nHost: a\r\n\r\n" + kGet);
  EXPECT_THAT(socket.read_response(), StartsWith("HTTP/1.1 401 "));
  EXPECT_THAT(socket.read_response(), AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("x-default: yes\r\n"),
                                            HasSubstr("content-type: text/plain\r\n"), Not(HasSubstr("never/this"))));
  EXPECT_THAT(ask("GET / HTTP/2.0\r\n\r\n"), AllOf(StartsWith("HTTP/1.1 505 "), HasSubstr("x-default: yes\r\n")));
  EXPECT_EQ(handled_, 1);
}

}  // namespace
}  // namespace facepipe::http
