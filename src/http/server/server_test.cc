// What the server does with requests as they should be, over raw sockets.
#include "http/server/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <mutex>
#include <thread>

#include "http/test_socket.h"

namespace facepipe::http {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using testing::TestSocket;

// Answers "METHOD TARGET BODY" at once.
void echo(const Request& request, Responder respond) {
  respond(make_response(200, "text/plain", request.method + " " + request.target + " " + request.body));
}

std::unique_ptr<Server> start(Handler handler, ServerOptions options = {}) {
  auto server = Server::start(options, std::move(handler), null_logger());
  EXPECT_TRUE(server) << server.error().message;
  return *std::move(server);
}

TEST(Server, AnswersAndKeepsTheConnection) {
  const auto server = start(echo);
  const TestSocket socket = TestSocket::connect(server->port());
  ASSERT_TRUE(socket.send("GET /a?b=1 HTTP/1.1\r\nHost: x\r\n\r\n"));
  const std::string first = socket.read_response();
  EXPECT_THAT(first, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(first, HasSubstr("content-type: text/plain\r\n"));
  EXPECT_THAT(first, HasSubstr("\r\ndate: "));
  EXPECT_THAT(first, Not(HasSubstr("connection:")));
  EXPECT_THAT(first, EndsWith("\r\n\r\nGET /a?b=1 "));
  ASSERT_TRUE(socket.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"));
  const std::string second = socket.read_to_end();
  EXPECT_THAT(second, HasSubstr("connection: close\r\n"));
  EXPECT_THAT(second, EndsWith("POST / hello"));
}

// What some clients send behind a body, and no request line.
TEST(Server, SkipsBlankLinesBeforeARequest) {
  ServerOptions options;
  options.header_timeout = std::chrono::milliseconds(50);
  const auto server = start(echo, options);
  const TestSocket socket = TestSocket::connect(server->port());
  ASSERT_TRUE(socket.send("\r\n\r\nPOST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi\r\n"));
  EXPECT_THAT(socket.read_response(), EndsWith("POST /a hi"));
  std::this_thread::sleep_for(4 * options.header_timeout);
  ASSERT_TRUE(socket.send("\r"));  // it is between two requests, not in the head of one
  std::this_thread::sleep_for(4 * options.header_timeout);
  ASSERT_TRUE(socket.send("\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_THAT(socket.read_response(), EndsWith("GET /b "));
  EXPECT_TRUE(socket.send("\n"));
  EXPECT_THAT(socket.read_to_end(), StartsWith("HTTP/1.1 400 "));
}

TEST(Server, GivesTheHandlerLowerCaseHeadersAndThePeer) {
  std::promise<Request> seen;
  const auto server = start([&](Request request, Responder respond) {
    seen.set_value(std::move(request));
    respond({});
  });
  const TestSocket socket = TestSocket::connect(server->port());
  ASSERT_TRUE(socket.send("PUT http://x:1/p?q HTTP/1.1\r\nHost: x:1\r\nX-Thing:  Value \r\nX-THING: 2\r\n\r\n"));
  EXPECT_THAT(socket.read_response(), StartsWith("HTTP/1.1 200"));
  const Request request = seen.get_future().get();
  EXPECT_EQ(request.method, "PUT");
  EXPECT_EQ(request.target, "/p?q");
  EXPECT_EQ(request.headers, (Headers{{"host", "x:1"}, {"x-thing", "Value"}, {"x-thing", "2"}}));
  EXPECT_EQ(request.peer, "127.0.0.1");
}

TEST(Server, JoinsChunksAndIgnoresTrailers) {
  const auto server = start(echo);
  const TestSocket socket = TestSocket::connect(server->port());
  ASSERT_TRUE(socket.send("POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n"));
  for (const char* part : {"3\r\nab", "c\r\n4;ext=1", "\r\ndefg\r\n", "0\r\nx-t: 1\r\n\r\n"}) {
    ASSERT_TRUE(socket.send(part));
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_THAT(socket.read_response(), EndsWith("\r\n\r\nPOST /c abcdefg"));
}

TEST(Server, AnswersHttp10AndClosesUnlessToldToKeep) {
  const auto server = start(echo);
  const TestSocket one = TestSocket::connect(server->port());
  ASSERT_TRUE(one.send("GET /a HTTP/1.0\r\n\r\n"));
  EXPECT_THAT(one.read_to_end(), EndsWith("connection: close\r\n\r\nGET /a "));
  const TestSocket two = TestSocket::connect(server->port());
  ASSERT_TRUE(two.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
  EXPECT_THAT(two.read_response(), HasSubstr("connection: keep-alive\r\n"));
  ASSERT_TRUE(two.send("GET /b HTTP/1.0\r\n\r\n"));
  EXPECT_THAT(two.read_to_end(), EndsWith("GET /b "));
}

TEST(Server, HeadHasTheHeadersAlone) {
  const auto server = start(echo);
  const TestSocket socket = TestSocket::connect(server->port());
  ASSERT_TRUE(socket.send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_THAT(socket.read_response(true), HasSubstr("content-length: 8\r\n"));  // "HEAD /a "
  EXPECT_THAT(socket.read_response(), StartsWith("HTTP/1.1 200"));
}

TEST(Server, SaysContinueOnlyWhereTheBodyIsWanted) {
  ServerOptions options;
  options.max_body_bytes = 10;
  const auto server = start(echo, options);
  const TestSocket socket = TestSocket::connect(server->port());
  ASSERT_TRUE(socket.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n"));
  EXPECT_EQ(socket.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_TRUE(socket.send("ok"));
  EXPECT_THAT(socket.read_response(), EndsWith("POST / ok"));
  ASSERT_TRUE(socket.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n"));
  EXPECT_THAT(socket.read_to_end(), StartsWith("HTTP/1.1 413 "));
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  std::atomic<int> count{0};
  std::vector<std::thread> workers;
  std::mutex mutex;
  const auto server = start([&](Request request, Responder respond) {
    const int number = count++;
    const std::lock_guard lock(mutex);
    // The first answer is the slowest.
    workers.emplace_back([number, target = request.target, r = std::move(respond)]() mutable {
      std::this_thread::sleep_for(std::chrono::milliseconds(number == 0 ? 50 : 0));
      r(make_response(200, "text/plain", target));
    });
  });
  const TestSocket socket = TestSocket::connect(server->port());
  std::string all;
  for (int i = 0; i < 20; ++i) {
    all += "POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc";
  }
  ASSERT_TRUE(socket.send(all));
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(socket.read_response(), EndsWith("\r\n\r\n/" + std::to_string(i)));
  }
  const std::lock_guard lock(mutex);  // the last one may have answered before the handler has put it there
  for (std::thread& worker : workers) {
    worker.join();
  }
}

TEST(Server, AnswersFromManyThreadsOverManyConnections) {
  ServerOptions options;
  options.io_threads = 2;
  const auto server = start(
      [](Request request, Responder respond) {
        std::thread([body = std::move(request.body), r = std::move(respond)]() mutable {
          r(make_response(200, "text/plain", std::move(body)));
        }).detach();
      },
      options);
  std::vector<std::thread> clients;
  clients.reserve(8);
  std::atomic<int> right{0};
  for (int c = 0; c < 8; ++c) {
    clients.emplace_back([&, c] {
      const TestSocket socket = TestSocket::connect(server->port());
      for (int i = 0; i < 25; ++i) {
        const std::string body(static_cast<std::size_t>(c * 1000 + i + 1), static_cast<char>('a' + c));
        socket.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
        right += socket.read_response().ends_with("\r\n\r\n" + body) ? 1 : 0;
      }
    });
  }
  for (std::thread& client : clients) {
    client.join();
  }
  EXPECT_EQ(right, 200);
  server->stop(std::chrono::milliseconds(1'000));
}

TEST(Server, DroppedResponderIs500) {
  const auto server = start([](const Request&, const Responder&) {});
  const TestSocket socket = TestSocket::connect(server->port());
  ASSERT_TRUE(socket.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_THAT(socket.read_response(),
              EndsWith("\r\n\r\n{\"error\":\"Unhandled error: the request was not answered\"}"));
}

TEST(Server, HandlerThatThrowsIs500AndTheServerLives) {
  const auto server = start([](const Request&, const Responder&) { throw std::bad_alloc(); });
  const TestSocket socket = TestSocket::connect(server->port());
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(socket.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
    EXPECT_THAT(socket.read_response(), StartsWith("HTTP/1.1 500 "));
  }
}

TEST(Server, TakesNoFramingNorLineBreaksFromTheHandler) {
  const auto server = start([](const Request&, Responder respond) {
    respond({204,
             {{"content-length", "99"},
              {"transfer-encoding", "chunked"},
              {"x-bad", "a\r\nx-evil: 1"},
              {"x-good", "1"},
              {"connection", "Close"}},
             "ignored"});
  });
  const TestSocket socket = TestSocket::connect(server->port());
  ASSERT_TRUE(socket.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  const std::string response = socket.read_to_end();
  EXPECT_THAT(response, StartsWith("HTTP/1.1 204 No Content\r\nx-good: 1\r\n"));
  EXPECT_THAT(response, EndsWith("connection: close\r\n\r\n"));
  EXPECT_THAT(response, Not(HasSubstr("evil")));
  EXPECT_THAT(response, Not(HasSubstr("content-length")));
}

TEST(Server, StopAnswersWhatIsUnderWay) {
  std::promise<Responder> pending;
  const auto server = start([&](const Request&, Responder respond) { pending.set_value(std::move(respond)); });
  const TestSocket idle = TestSocket::connect(server->port());
  const TestSocket busy = TestSocket::connect(server->port());
  ASSERT_TRUE(busy.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  Responder respond = pending.get_future().get();
  std::thread stopper([&] { server->stop(std::chrono::minutes(1)); });
  EXPECT_EQ(idle.read_to_end(), "");
  respond(make_response(200, "text/plain", "late"));
  const std::string response = busy.read_to_end();
  EXPECT_THAT(response, HasSubstr("connection: close\r\n"));
  EXPECT_THAT(response, EndsWith("late"));
  stopper.join();
}

TEST(Server, StopEndsWithTheGraceAndResponderMayOutliveTheServer) {
  std::promise<Responder> pending;
  auto server = start([&](const Request&, Responder respond) { pending.set_value(std::move(respond)); });
  const TestSocket busy = TestSocket::connect(server->port());
  ASSERT_TRUE(busy.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  Responder respond = pending.get_future().get();
  const auto begin = std::chrono::steady_clock::now();
  server->stop(std::chrono::milliseconds(50));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
  EXPECT_EQ(busy.read_to_end(), "");
  server.reset();
  respond(make_response(200, "text/plain", "too late"));
}

TEST(Server, NamesWhatItCannotListenOn) {
  const auto server = start(echo);
  ServerOptions options;
  options.port = server->port();
  const auto taken = Server::start(options, echo, null_logger());
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(taken.error().message, HasSubstr("127.0.0.1 port " + std::to_string(options.port)));
  options.address = "nowhere";
  EXPECT_EQ(Server::start(options, echo, null_logger()).error().code, ErrorCode::kInvalidArgument);
  options = {};
  options.io_threads = 0;
  EXPECT_EQ(Server::start(options, echo, null_logger()).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace facepipe::http
