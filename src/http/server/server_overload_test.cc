// Who is served when not everybody can be: slow connections make room, small bodies pass large ones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "http/server/server.h"
#include "http/server/shared_limits.h"
#include "http/test_socket.h"

namespace facepipe::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using testing::TestSocket;

const std::string kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

std::string post(std::size_t size) {
  return "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n";
}

// Until so much is held of the memory for bodies: a machine under load may be long about it.
void wait_for_held(const SharedLimits& limits, std::size_t bytes) {
  const auto end = steady_clock::now() + std::chrono::seconds(20);
  while (limits.used() != bytes && steady_clock::now() < end) {
    std::this_thread::sleep_for(milliseconds(2));
  }
  EXPECT_EQ(limits.used(), bytes);
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
  [[nodiscard]] TestSocket connect(std::string_view text) const {
    TestSocket socket = TestSocket::connect(server_->port());
    EXPECT_TRUE(text.empty() || socket.send(text));
    return socket;
  }
  [[nodiscard]] std::string ask(std::string_view text) const { return connect(text).read_response(); }
  std::atomic<int> handled_{0};
  std::unique_ptr<Server> server_;
};

TEST_F(ServerOverload, SlowConnectionsMakeRoomForNewOnes) {
  ServerOptions options;
  options.max_connections = 3;
  start(options);
  const TestSocket silent = connect("");
  const TestSocket half_a_head = connect("POST / HT");
  const TestSocket slow_body = connect(post(1'000'000) + "abc");
  EXPECT_THAT(ask(kGet), StartsWith("HTTP/1.1 503 "));  // nobody is slow yet
  std::this_thread::sleep_for(milliseconds(1'100));
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(ask(kGet), StartsWith("HTTP/1.1 200 ")) << i;
  }
  EXPECT_EQ(silent.read_to_end(), "");  // it was idle the longest
}

TEST_F(ServerOverload, AllSlotsHeldBySlowBodiesAreWonBackOneByOne) {
  ServerOptions options;
  options.max_connections = 3;
  start(options);
  std::vector<TestSocket> slow;
  slow.reserve(3);
  for (int i = 0; i < 3; ++i) {
    slow.push_back(connect(post(1'000'000) + "abc"));
  }
  std::this_thread::sleep_for(milliseconds(1'100));
  std::vector<TestSocket> good;
  for (int i = 0; i < 3; ++i) {
    good.push_back(connect(kGet));
    EXPECT_THAT(good.back().read_response(), StartsWith("HTTP/1.1 200 ")) << i;
  }
  EXPECT_THAT(slow[0].read_to_end(), AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("too slowly")));
}

TEST_F(ServerOverload, ACrowdThatSaysNothingMakesRoomAtOnce) {
  ServerOptions options;
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
  ServerOptions options;
  options.max_body_bytes = 1'000'000;
  options.max_total_body_bytes = 1'500'000;
  start(options);
  const TestSocket slow = connect(post(1'000'000) + std::string(600'000, 'a'));
  std::this_thread::sleep_for(milliseconds(1'100));
  EXPECT_THAT(ask(post(1'000'000) + std::string(1'000'000, 'a')), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(slow.read_to_end(), StartsWith("HTTP/1.1 503 "));
}

TEST_F(ServerOverload, WhatMayComeReservesNothing) {
  ServerOptions options;
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
  ServerOptions options;
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
  ServerOptions options;
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

TEST_F(ServerOverload, ServersShareOneMemoryAndMakeRoomForEachOther) {
  ServerOptions options;
  options.max_body_bytes = 1'000'000;
  options.shared_limits = make_shared_limits(1'500'000);
  start(options);
  const auto other = Server::start(
      options, [](const Request&, Responder respond) { respond(make_response(200, "text/plain", "other")); },
      null_logger());
  ASSERT_TRUE(other);
  const TestSocket slow = TestSocket::connect((*other)->port());
  ASSERT_TRUE(slow.send(post(1'000'000) + std::string(510'000, 'a')));
  wait_for_held(*options.shared_limits, 1'000'000);
  const std::string whole = post(1'000'000) + std::string(1'000'000, 'a');
  EXPECT_THAT(ask(whole), StartsWith("HTTP/1.1 503 "));  // it is not slow yet
  std::this_thread::sleep_for(milliseconds(1'100));
  EXPECT_THAT(ask(whole), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(slow.read_to_end(), StartsWith("HTTP/1.1 503 "));
}

TEST_F(ServerOverload, AnswersThatNobodyReadsAreBoundedToo) {
  ServerOptions options;
  options.max_body_bytes = 1'000'000;
  options.shared_limits = make_shared_limits(40'000'000);  // 30,000,000 for large ones
  auto server = Server::start(
      options,
      [](const Request&, Responder respond) {
        respond(make_response(200, "text/plain", std::string(20'000'000, 'a')));
      },
      null_logger());
  ASSERT_TRUE(server) << server.error().message;
  server_ = *std::move(server);
  const TestSocket reads_nothing = connect(kGet);
  wait_for_held(*options.shared_limits, 20'000'000);
  EXPECT_THAT(ask(kGet), AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("--max-body-memory")));
  std::this_thread::sleep_for(milliseconds(1'100));
  EXPECT_THAT(ask(kGet), StartsWith("HTTP/1.1 200 "));
  EXPECT_LT(reads_nothing.read_to_end().size(), 20'000'000U);
}

TEST_F(ServerOverload, ABodyBelowTheLeastRateIsCutOff) {
  ServerOptions options;
  options.read_timeout = milliseconds(60'000);
  start(options);
  const auto begin = steady_clock::now();
  const TestSocket slow = connect(post(1'000'000));
  std::atomic<bool> stop = false;
  std::thread dripper([&] {
    while (!stop && slow.send("abcdefgh")) {
      std::this_thread::sleep_for(milliseconds(50));
    }
  });
  std::string answer;
  while (!answer.starts_with("HTTP") && steady_clock::now() - begin < milliseconds(10'000)) {
    answer = slow.read_until("\r\n\r\n");
  }
  stop = true;
  dripper.join();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 408 "));
  EXPECT_LT(steady_clock::now() - begin, milliseconds(9'000));  // 5 s, and a slow machine's share
  EXPECT_EQ(handled_, 0);
}

TEST_F(ServerOverload, ConnectionsOfOneAddress) {
  ServerOptions options;
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
  std::string answer;
  const auto end = steady_clock::now() + std::chrono::seconds(20);  // for the server to see that it went
  do {
    answer = ask(kGet);
  } while (!answer.starts_with("HTTP/1.1 200 ") && steady_clock::now() < end);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
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
