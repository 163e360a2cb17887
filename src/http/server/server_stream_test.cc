// Streamed answers: framing, back-pressure, and what becomes of clients that do not read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "http/server/server.h"
#include "http/server/test_server.h"
#include "http/test_socket.h"

namespace facepipe::http {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::kPatience;
using ::testing::Not;
using ::testing::StartsWith;
using testing::TestSocket;

Response head() {
  return make_response(200, "text/event-stream", "");
}

// A server with GET /events, whose stream a test gets hold of, GET /, which says "done", and GET /hold, which is worked
// on until the end.
class ServerStream : public ::testing::Test {
 protected:
  void start(StreamOptions stream, ServerOptions options = {}) {
    Router router({}, "no route");
    router.add(
        {.method = "GET", .path = "/events", .rules = {}, .handler = [this, stream](const Request&, Responder respond) {
           StreamOptions own = stream;
           own.on_room = [this] { count(rooms_); };
           own.on_end = [this] { count(ends_); };
           writers_.set_value(std::move(respond).stream(head(), std::move(own)));
         }});
    router.add({.method = "GET", .path = "/", .rules = {}, .handler = [](const Request&, Responder respond) {
                  respond(make_response(200, "text/plain", "done"));
                }});
    router.add({.method = "GET", .path = "/hold", .rules = {}, .handler = [this](const Request&, Responder respond) {
                  held_.push_back(std::move(respond));
                  count(holds_);
                }});
    auto server = Server::start(options, std::move(router), null_logger());
    ASSERT_TRUE(server) << server.error().message;
    server_ = *std::move(server);
  }
  [[nodiscard]] TestSocket connect(std::string_view text) const {
    TestSocket socket = TestSocket::connect(server_->port());
    EXPECT_TRUE(socket.send(text));
    return socket;
  }
  StreamWriter writer() { return writers_.get_future().get(); }
  void count(int& what) {
    const std::lock_guard lock(mutex_);
    ++what;
    changed_.notify_all();
  }
  // Whether it becomes `least` in time.
  bool becomes(const int& what, int least) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return what >= least; });
  }
  const std::string get_ = "GET /events HTTP/1.1\r\nHost: a\r\n\r\n";
  std::mutex mutex_;
  std::condition_variable changed_;
  int rooms_ = 0;
  int ends_ = 0;
  int holds_ = 0;
  std::vector<Responder> held_;  // of the I/O thread
  std::promise<StreamWriter> writers_;
  std::unique_ptr<Server> server_;
};

TEST_F(ServerStream, ComesInChunksAndEndsInOrder) {
  start({});
  const TestSocket socket = connect(get_);
  StreamWriter out = writer();
  EXPECT_THAT(socket.read_until("\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("transfer-encoding: chunked\r\n"),
                    HasSubstr("connection: close\r\n"), Not(HasSubstr("content-length"))));
  EXPECT_EQ(out.write("one"), Written::kTaken);
  EXPECT_EQ(socket.read_until("\r\none\r\n"), "3\r\none\r\n");
  EXPECT_EQ(out.write(std::string(20, 'x')), Written::kTaken);
  out.finish();
  EXPECT_EQ(out.write("more"), Written::kGone);
  EXPECT_EQ(socket.read_to_end(), "14\r\n" + std::string(20, 'x') + "\r\n0\r\n\r\n");
  EXPECT_TRUE(becomes(ends_, 1));
}

TEST_F(ServerStream, ToAnOldClientItEndsWithTheConnection) {
  start({});
  const TestSocket socket = connect("GET /events HTTP/1.0\r\n\r\n");
  StreamWriter out = writer();
  EXPECT_EQ(out.write("one"), Written::kTaken);
  out = StreamWriter();  // its end is the stream's
  EXPECT_THAT(socket.read_to_end(), AllOf(Not(HasSubstr("chunked")), EndsWith("\r\n\r\none")));
}

TEST_F(ServerStream, HeadHasNoStream) {
  start({});
  const TestSocket socket = connect("HEAD /events HTTP/1.1\r\nHost: a\r\n\r\n");
  StreamWriter out = writer();
  EXPECT_THAT(socket.read_to_end(), AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("\r\n\r\n")));
  EXPECT_TRUE(becomes(ends_, 1));
  EXPECT_EQ(out.write("x"), Written::kGone);
}

TEST_F(ServerStream, AClientThatGoesIsNoticedWithoutAWrite) {
  start({});
  TestSocket socket = connect(get_);
  StreamWriter out = writer();
  (void)socket.read_until("\r\n\r\n");
  socket.close();
  EXPECT_TRUE(becomes(ends_, 1));
  EXPECT_EQ(out.write("x"), Written::kGone);
}

TEST_F(ServerStream, WhoDoesNotReadIsCutOffAndTheBufferIsBounded) {
  start({.buffer_bytes = 8'192, .patience = 500ms, .on_room = nullptr, .on_end = nullptr});
  const TestSocket socket = connect(get_);
  StreamWriter out = writer();
  EXPECT_EQ(out.write(std::string(8'193, 'x')), Written::kTooLarge);
  Written written = Written::kTaken;
  for (const auto end = steady_clock::now() + kPatience; written != Written::kGone && steady_clock::now() < end;) {
    written = out.write(std::string(1'000, 'x'));
    EXPECT_LE(out.buffered(), 8'192U);
    if (written == Written::kFull) {
      std::this_thread::sleep_for(1ms);
    }
  }
  EXPECT_EQ(written, Written::kGone);
  EXPECT_TRUE(becomes(ends_, 1));
  EXPECT_GE(rooms_, 1);
}

TEST_F(ServerStream, TheServersStopEndsItInOrder) {
  start({});
  const TestSocket socket = connect(get_);
  StreamWriter out = writer();
  (void)socket.read_until("\r\n\r\n");
  EXPECT_EQ(out.write("last"), Written::kTaken);
  server_->stop(kPatience);
  EXPECT_EQ(out.write("x"), Written::kGone);
  EXPECT_EQ(ends_, 1);
  EXPECT_EQ(socket.read_to_end(), "4\r\nlast\r\n0\r\n\r\n");
}

TEST_F(ServerStream, ASilentStreamMakesRoomOnlyWhereNobodyElseCan) {
  ServerOptions options;
  options.max_connections = 2;
  options.slow_after = 10ms;
  options.shared_limits = make_shared_limits(options.max_total_body_bytes);
  start({}, options);
  const TestSocket stream = connect(get_);
  const StreamWriter out = writer();
  (void)stream.read_until("\r\n\r\n");
  const std::size_t held = options.shared_limits->used();
  const TestSocket slow = connect("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n");
  ASSERT_TRUE(testing::in_time([&] { return options.shared_limits->used() > held; }));
  std::this_thread::sleep_for(2 * options.slow_after);  // its body is waited for: both can make room, the stream longer
  const TestSocket third = connect("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(third.read_response(), EndsWith("done"));
  EXPECT_THAT(slow.read_to_end(), StartsWith("HTTP/1.1 503 "));
  third.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");  // who is worked for makes room for nobody
  ASSERT_TRUE(becomes(holds_, 1));
  EXPECT_EQ(ends_, 0);
  EXPECT_THAT(connect("GET / HTTP/1.1\r\nHost: a\r\n\r\n").read_response(), EndsWith("done"));
  EXPECT_TRUE(becomes(ends_, 1));
}

// The events of one client: written as there is room, by whoever says that there is.
class Pump : public std::enable_shared_from_this<Pump> {
 public:
  static constexpr int kEvents = 10'000;
  static constexpr std::size_t kBuffer = 32'768;
  static const std::string& event(int number) {
    static const std::vector<std::string> all = [] {
      std::vector<std::string> events(kEvents);
      for (std::size_t i = 0; i < events.size(); ++i) {
        events[i] = "data: " + std::to_string(i);
        events[i].resize(498, '.');
        events[i] += "\n\n";
      }
      return events;
    }();
    return all[static_cast<std::size_t>(number)];
  }
  void begin(Responder respond, std::chrono::milliseconds patience) {
    StreamOptions options{.buffer_bytes = kBuffer, .patience = patience, .on_room = nullptr, .on_end = nullptr};
    options.on_room = [self = shared_from_this()] { self->go_on(); };
    options.on_end = [self = shared_from_this()] { self->ended = true; };
    const std::lock_guard lock(mutex_);
    out_ = std::move(respond).stream(head(), std::move(options));
    write();
  }
  std::atomic<int> written = 0;
  std::atomic<bool> ended = false;
  std::atomic<std::size_t> most_buffered = 0;

 private:
  void go_on() {
    const std::lock_guard lock(mutex_);
    write();
  }
  void write() {
    while (written < kEvents && out_.write(event(written)) == Written::kTaken) {
      ++written;
      most_buffered = std::max(most_buffered.load(), out_.buffered());
    }
    if (written == kEvents) {
      out_.finish();
    }
  }
  std::mutex mutex_;
  StreamWriter out_;
};

// Reads all events, a little at a time. How many came, in order.
int read_slowly(std::uint16_t port) {
  const TestSocket socket = TestSocket::connect(port);
  const int small = 16'384;
  (void)::setsockopt(socket.descriptor(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  socket.send("GET /events HTTP/1.0\r\n\r\n");
  (void)socket.read_until("\r\n\r\n");
  for (int number = 0; number < Pump::kEvents; ++number) {
    if (socket.read_exactly(500) != Pump::event(number)) {
      return number;
    }
    if (number % 100 == 0) {
      std::this_thread::sleep_for(40ms);
    }
  }
  return socket.read_to_end().empty() ? Pump::kEvents : -1;
}

TEST(ServerStreams, TenThousandEventsToFiftySlowClientsWithinBoundsWhileOthersAreServed) {
  constexpr int kClients = 50;
  constexpr int kDeaf = 10;  // of them read nothing
  std::mutex mutex;
  std::vector<std::shared_ptr<Pump>> pumps;
  Router router({}, "no route");
  const auto pump_with = [&](std::chrono::milliseconds patience) {
    return [&, patience](const Request&, Responder respond) {
      const auto pump = std::make_shared<Pump>();
      pump->begin(std::move(respond), patience);
      const std::lock_guard lock(mutex);
      pumps.push_back(pump);
    };
  };
  router.add({.method = "GET", .path = "/events", .rules = {}, .handler = pump_with(kPatience)});
  router.add({.method = "GET", .path = "/patient", .rules = {}, .handler = pump_with(testing::kLong)});
  router.add({.method = "GET", .path = "/impatient", .rules = {}, .handler = pump_with(3s)});
  router.add({.method = "POST", .path = "/", .rules = {}, .handler = [](const Request& request, Responder respond) {
                respond(make_response(200, "text/plain", std::to_string(request.body.size())));
              }});
  ServerOptions options = testing::patient();
  options.max_body_bytes = 1'000'000;
  options.shared_limits = make_shared_limits(kClients * Pump::kBuffer + 2'000'000);  // more is not to be had
  const auto server = Server::start(options, std::move(router), null_logger());
  ASSERT_TRUE(server) << server.error().message;
  const std::uint16_t port = (*server)->port();
  std::vector<TestSocket> deaf;
  for (int i = 0; i < kDeaf; ++i) {
    deaf.push_back(TestSocket::connect(port));
    const int small = 4'096;
    (void)::setsockopt(deaf.back().descriptor(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    deaf.back().send(std::string("GET ") + (i == 0 ? "/impatient" : "/patient") + " HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  std::vector<std::future<int>> readers;
  for (int i = kDeaf; i < kClients; ++i) {
    readers.push_back(std::async(std::launch::async, read_slowly, port));
  }
  // Frames flow meanwhile: one that waited behind a deaf client would wait for its patience.
  int frames = 0;
  const std::string frame = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20000\r\n\r\n" + std::string(20'000, 'f');
  const auto is_done = [](const std::future<int>& reader) { return reader.wait_for(0s) == std::future_status::ready; };
  for (const auto end = steady_clock::now() + kPatience;
       (frames < 20 || !std::all_of(readers.begin(), readers.end(), is_done)) && steady_clock::now() < end; ++frames) {
    const TestSocket socket = TestSocket::connect(port);
    socket.send(frame);
    ASSERT_THAT(socket.read_response(), EndsWith("\r\n\r\n20000"));
    std::this_thread::sleep_for(10ms);
  }
  for (std::future<int>& reader : readers) {
    EXPECT_EQ(reader.get(), Pump::kEvents);
  }
  const auto ended = [&] {
    const std::lock_guard lock(mutex);
    return std::count_if(pumps.begin(), pumps.end(), [](const auto& pump) { return pump->ended.load(); });
  };
  EXPECT_TRUE(testing::in_time([&] { return ended() == kClients - kDeaf + 1; })) << "and the one that was cut off";
  deaf.clear();
  EXPECT_TRUE(testing::in_time([&] { return ended() == kClients; }));
  const std::lock_guard lock(mutex);
  ASSERT_EQ(pumps.size(), static_cast<std::size_t>(kClients));
  int all = 0;
  for (const auto& pump : pumps) {
    EXPECT_TRUE(pump->ended);
    EXPECT_LE(pump->most_buffered, Pump::kBuffer);
    all += pump->written == Pump::kEvents ? 1 : 0;
  }
  EXPECT_EQ(all, kClients - kDeaf) << "of a deaf client's stream, only what the buffers hold is made";
}

}  // namespace
}  // namespace facepipe::http
