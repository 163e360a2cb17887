// The client against our own server, and against a peer that misbehaves.
#include "http/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <future>
#include <limits>
#include <thread>
#include <utility>

#include "http/server/server.h"
#include "http/test_socket.h"

namespace facepipe::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ScriptedPeer;
using testing::TestSocket;

Url origin_at(std::uint16_t port) {
  return {false, "127.0.0.1", port, "/"};
}
// A slow machine's, too.
ClientOptions long_times() {
  ClientOptions options;
  options.connect_timeout = options.request_timeout = std::chrono::minutes(1);
  return options;
}
Request post(std::string body) {
  return {"POST", "/p?q=secret", {{"x-a", "b"}}, std::move(body), {}};
}

TEST(Client, TalksToOurServerOverOneConnection) {
  ServerOptions unhurried;
  unhurried.read_timeout = unhurried.write_timeout = std::chrono::minutes(1);
  unhurried.min_bytes_per_second = 0;
  const auto server = Server::start(
      unhurried,
      [&](const Request& request, Responder respond) {
        respond(make_response(request.method == "POST" ? 201 : 404, "text/plain",
                              request.target + std::string(header(request.headers, "host")) + request.body));
      },
      null_logger());
  ASSERT_TRUE(server);
  Client client(origin_at((*server)->port()), long_times());
  const std::string host = "127.0.0.1:" + std::to_string((*server)->port());
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{100'000}, std::size_t{5'000'000}}) {
    const auto response = client.send(post(std::string(size, 'x')));
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, 201);
    EXPECT_EQ(header(response->headers, "content-type"), "text/plain");
    EXPECT_EQ(response->body.size(), size + host.size() + 11);
  }
  const auto missing = client.send({"GET", "/", {}, {}, {}});
  ASSERT_TRUE(missing);
  EXPECT_EQ(missing->status, 404);
  const auto head = client.send({"HEAD", "/", {}, {}, {}});
  ASSERT_TRUE(head);
  EXPECT_EQ(head->body, "");
  EXPECT_EQ(header(head->headers, "content-length"), std::to_string(host.size() + 1));
}

TEST(Client, ReusesItsConnection) {
  const ScriptedPeer peer(1, [](int, TestSocket& socket) {
    for (int i = 0; i < 3; ++i) {
      EXPECT_THAT(socket.read_until("\r\n\r\n"), HasSubstr("host: 127.0.0.1"));
      socket.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + std::to_string(i));
    }
  });
  Client client(origin_at(peer.port()), long_times());
  for (int i = 0; i < 3; ++i) {
    const auto response = client.send({});
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->body, std::to_string(i));
  }
}

TEST(Client, ConnectsAhead) {
  std::atomic<int> accepted = 0;
  const ScriptedPeer peer(1, [&](int, TestSocket& socket) {
    ++accepted;
    (void)socket.read_until("\r\n\r\n");
    socket.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  });
  Client client(origin_at(peer.port()), long_times());
  ASSERT_TRUE(client.connect());
  ASSERT_TRUE(client.connect());  // there is one
  const auto end = steady_clock::now() + std::chrono::minutes(1);
  while (accepted == 0 && steady_clock::now() < end) {
    std::this_thread::sleep_for(milliseconds(5));
  }
  EXPECT_EQ(accepted, 1);
  const auto response = client.send({});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "ok");
  EXPECT_EQ(accepted, 1);
}

TEST(Client, ReadsChunksAndBodiesThatEndWithTheConnection) {
  const char* const answers[] = {
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: 1\r\n\r\n",
      "HTTP/1.0 200 OK\r\n\r\nabcde", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabcde"};
  const ScriptedPeer peer(3, [&](int index, TestSocket& socket) {
    (void)socket.read_until("\r\n\r\n");
    for (const char* c = answers[index]; *c != '\0'; ++c) {
      socket.send(std::string_view(c, 1));
    }
  });
  for (int i = 0; i < 3; ++i) {
    Client client(origin_at(peer.port()), long_times());
    const auto response = client.send({});
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->body, "abcde") << i;
  }
}

TEST(Client, SkipsInterimResponsesEvenBeforeItsBodyIsSent) {
  const std::string body(8 << 20, 'x');
  const ScriptedPeer peer(1, [&](int, TestSocket& socket) {
    EXPECT_THAT(socket.read_until("\r\n\r\n"), HasSubstr("content-length: 8388608\r\n"));
    socket.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
    EXPECT_EQ(socket.read_exactly(body.size()), body);
    socket.send("HTTP/1.1 204 No Content\r\n\r\n");
  });
  Client client(origin_at(peer.port()), {std::chrono::minutes(1), std::chrono::minutes(1), 1'000});
  const auto response = client.send(post(body));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 204);
}

TEST(Client, TakesAnAnswerThatComesBeforeTheBodyIsSent) {
  const ScriptedPeer peer(1, [](int, TestSocket& socket) {
    (void)socket.read_until("\r\n\r\n");
    socket.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno");
    (void)socket.read_to_end();  // the connection stays open until the client closes it
  });
  Client client(origin_at(peer.port()), long_times());
  const auto response = client.send(post(std::string(64 << 20, 'x')));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 413);
  EXPECT_EQ(response->body, "no");
}

TEST(Client, OpensAStaleConnectionAgainOnce) {
  std::promise<void> closed;
  const auto answer = [&closed](int index, TestSocket& socket) {
    (void)socket.read_until("\r\n\r\n");
    socket.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + std::to_string(index));
    if (index == 0) {
      socket.close();
      closed.set_value();
    } else if (index == 1) {
      (void)socket.read_until("\r\n\r\n");  // takes the next request, then closes without a word
    }
  };
  const ScriptedPeer peer(3, answer);
  Client client(origin_at(peer.port()), long_times());
  EXPECT_EQ(client.send({})->body, "0");
  closed.get_future().wait();  // closed while idle: seen before the request is sent
  EXPECT_EQ(client.send({})->body, "1");
  EXPECT_EQ(client.send({})->body, "2");  // closed with the request: sent again
}

TEST(Client, DoesNotRepeatOnAFreshConnectionNorAfterAByte) {
  std::atomic<int> requests{0};
  const ScriptedPeer peer(2, [&](int index, TestSocket& socket) {
    (void)socket.read_until("\r\n\r\n");
    ++requests;
    if (index == 1) {
      socket.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na");
      (void)socket.read_until("\r\n\r\n");
      ++requests;
      socket.send("H");
    }
  });
  Client client(origin_at(peer.port()), long_times());
  const auto fresh = client.send({});
  ASSERT_FALSE(fresh);
  EXPECT_EQ(fresh.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(fresh.error().message, HasSubstr("without an answer"));
  EXPECT_TRUE(client.send({}));
  const auto cut = client.send({});
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(cut.error().message, HasSubstr("within its answer"));
  EXPECT_EQ(requests, 3);
}

TEST(Client, AStaleBytePutsTheConnectionOutOfUse) {
  const ScriptedPeer peer(2, [](int index, TestSocket& socket) {
    (void)socket.read_until("\r\n\r\n");
    socket.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + std::to_string(index) +
                (index == 0 ? "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil" : ""));
  });
  Client client(origin_at(peer.port()), long_times());
  EXPECT_EQ(client.send({})->body, "0");
  EXPECT_EQ(client.send({})->body, "1");
}

TEST(Client, WhatMakesNoProgressIsBounded) {
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string starts[] = {chunked + "1;", chunked + "0\r\na: ", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n"};
  std::atomic<std::size_t> most = 0;
  const ScriptedPeer peer(static_cast<int>(std::size(starts)), [&](int index, TestSocket& socket) {
    (void)socket.read_until("\r\n\r\n");
    socket.send(starts[index]);
    std::string fields;
    for (int i = 0; i < 2'000; ++i) {
      fields += "a:\r\n";
    }
    std::size_t sent = 0;
    while (index < 2 && sent < std::size_t{64} << 20U && socket.send(std::string(65'536, 'b'))) {
      sent += 65'536;
    }
    most = std::max(most.load(), sent);
    socket.send(index < 2 ? "" : fields + "\r\nc");
  });
  ClientOptions options;
  options.request_timeout = std::chrono::minutes(1);
  Client client(origin_at(peer.port()), options);
  for (const char* what : {"chunk", "chunk", "fields"}) {
    const auto response = client.send({});
    ASSERT_FALSE(response) << what;
    EXPECT_EQ(response.error().code, ErrorCode::kTooLarge);
    EXPECT_THAT(response.error().message, HasSubstr(what));
  }
  EXPECT_GT(most, 0U);
  EXPECT_LT(most, std::size_t{64} << 20U);
}

TEST(Client, ADeclaredLengthAllocatesNothing) {
  const ScriptedPeer peer(1, [](int, TestSocket& socket) {
    (void)socket.read_until("\r\n\r\n");
    socket.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000000000000\r\n\r\nabc");
  });
  ClientOptions options;
  options.max_response_bytes = std::numeric_limits<std::size_t>::max();
  Client client(origin_at(peer.port()), options);
  const auto response = client.send({});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kUnavailable) << response.error().message;
}

struct BadAnswer {
  const char* text;
  ErrorCode code;
};

TEST(Client, NamesWhatIsWrongWithAnAnswer) {
  const BadAnswer answers[] = {
      {"garbage\r\n\r\n", ErrorCode::kInvalidData},
      {"\x15\x03\x03\x02\x02 a TLS alert\r\n\r\n", ErrorCode::kInvalidData},
      {"HTTP/1.1 20 OK\r\n\r\n", ErrorCode::kInvalidData},
      {"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", ErrorCode::kInvalidData},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", ErrorCode::kInvalidData},
      {"HTTP/1.1 101 Switching Protocols\r\n\r\n", ErrorCode::kInvalidData},
      {"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", ErrorCode::kTooLarge},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n", ErrorCode::kTooLarge},
      {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", ErrorCode::kUnavailable},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc", ErrorCode::kUnavailable},
      {"HTTP/1.1 200 OK\r\nX: ", ErrorCode::kUnavailable},
      {"", ErrorCode::kUnavailable},
  };
  const ScriptedPeer peer(static_cast<int>(std::size(answers)) + 1, [&](int index, TestSocket& socket) {
    (void)socket.read_until("\r\n\r\n");
    if (index < static_cast<int>(std::size(answers))) {
      socket.send(answers[index].text);
    } else {
      socket.send("HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'a'));
    }
  });
  ClientOptions options = long_times();
  options.max_response_bytes = 1'000;
  Client client(origin_at(peer.port()), options);
  for (const BadAnswer& answer : answers) {
    const auto response = client.send(post(""));
    ASSERT_FALSE(response) << answer.text;
    EXPECT_EQ(response.error().code, answer.code) << answer.text << ": " << response.error().message;
    EXPECT_THAT(response.error().message, HasSubstr("http://127.0.0.1:" + std::to_string(peer.port())));
    EXPECT_THAT(response.error().message, Not(HasSubstr("secret")));
  }
  EXPECT_EQ(client.send({}).error().code, ErrorCode::kTooLarge);
}

TEST(Client, KeepsItsDeadline) {
  ClientOptions options = long_times();
  options.request_timeout = milliseconds(150);
  std::array<std::promise<void>, 3> given_up;  // until then the peer keeps its connection
  const ScriptedPeer peer(3, [&](int index, TestSocket& socket) {
    (void)socket.read_until("\r\n\r\n");
    const auto end = given_up[static_cast<std::size_t>(index)].get_future();
    std::string_view next = "HTTP/1.1 200 OK\r\nX: ";
    while (end.wait_for(milliseconds(25)) != std::future_status::ready) {
      if (index == 1) {  // 0: nothing; 1: a byte at a time; 2: does not read the body
        socket.send(std::exchange(next, "a"));
      }
    }
  });
  for (std::size_t i = 0; i < given_up.size(); ++i) {
    Client client(origin_at(peer.port()), options);
    const auto begin = steady_clock::now();
    const auto response = client.send(post(i == 2 ? std::string(32 << 20, 'a') : ""));
    const auto took = steady_clock::now() - begin;
    given_up[i].set_value();
    if (response) {
      ADD_FAILURE() << i;
      continue;
    }
    EXPECT_EQ(response.error().code, ErrorCode::kTimeout) << i << response.error().message;
    EXPECT_GE(took, milliseconds(150)) << i;
    EXPECT_LT(took, std::chrono::seconds(30)) << i;
  }
}

TEST(Client, NamesAPeerThatIsNotThere) {
  const testing::ClosedPort nobody;
  Client client(origin_at(nobody.port()), long_times());
  const auto refused = client.send({});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(refused.error().message, HasSubstr("Connection refused"));
  const auto not_connected = client.connect();
  ASSERT_FALSE(not_connected);
  EXPECT_EQ(not_connected.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(not_connected.error().message, HasSubstr("http://127.0.0.1:"));
  Client nowhere({false, "host.invalid", 80, "/"}, long_times());
  const auto unknown = nowhere.send({});
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message, HasSubstr("http://host.invalid: "));
  EXPECT_EQ(unknown.error().code, ErrorCode::kUnavailable) << unknown.error().message;
}

TEST(Client, FindsLocalhostByName) {
  const ScriptedPeer peer(1, [](int, TestSocket& socket) {
    EXPECT_THAT(socket.read_until("\r\n\r\n"), HasSubstr("host: localhost:"));
    socket.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  });
  Client client({false, "localhost", peer.port(), "/"}, long_times());
  const auto response = client.send({});
  EXPECT_TRUE(response) << response.error().message;
}

TEST(Client, RefusesARequestThatIsNone) {
  Client client(origin_at(1), long_times());
  EXPECT_EQ(client.send({"G T", "/", {}, {}, {}}).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace facepipe::http
