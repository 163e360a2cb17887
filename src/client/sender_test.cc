#include "client/sender.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <fstream>
#include <mutex>
#include <set>

#include "http/server/server.h"
#include "wire/messages.h"

namespace facepipe::client {
namespace {

// The answer queue in memory; only what the sender uses.
class MemoryQueue final : public queue::MessageQueue {
 public:
  void put(std::string body) {
    const std::lock_guard lock(mutex_);
    queue::ReceivedMessage message;
    message.receipt_handle = std::to_string(++count_);
    message.body = std::move(body);
    waiting_.push_back(std::move(message));
    changed_.notify_all();
  }
  Result<queue::SentMessage> send(const queue::OutgoingMessage&) override { return not_used(); }
  Result<std::vector<Result<queue::SentMessage>>> send_batch(std::span<const queue::OutgoingMessage>) override {
    return not_used();
  }
  Result<std::vector<queue::ReceivedMessage>> receive(const queue::ReceiveOptions& options) override {
    std::unique_lock lock(mutex_);
    if (fail_) {
      return *fail_;
    }
    changed_.wait_for(lock, options.wait, [this] { return !waiting_.empty(); });
    std::vector<queue::ReceivedMessage> received(waiting_.begin(), waiting_.end());
    waiting_.clear();
    return received;
  }
  Status remove(const std::string&) override { return not_used(); }
  Result<std::vector<Status>> remove_batch(std::span<const std::string> handles) override {
    const std::lock_guard lock(mutex_);
    removed_.insert(handles.begin(), handles.end());
    return std::vector<Status>(handles.size());
  }
  Status change_visibility(const std::string&, std::chrono::seconds) override { return not_used(); }

  std::optional<Error> fail_;
  std::set<std::string> removed_;

 private:
  static Error not_used() { return Error{ErrorCode::kInternal, "not expected of the sender"}; }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<queue::ReceivedMessage> waiting_;
  int count_ = 0;
};

class SenderTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) / ("sender." + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    for (const char* name : {"a.jpg", "b.png"}) {
      std::ofstream(folder_ / name) << "picture " << name;
      files_.push_back({folder_ / name, name});
    }
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void serve(http::Handler handler) {
    server_ = http::Server::start({}, std::move(handler), null_logger()).value();
    options_.url = http::parse_url("http://127.0.0.1:" + std::to_string(server_->port()) + "/").value();
    options_.timeout = std::chrono::minutes{1};
    options_.environment.sleep = [this](std::chrono::milliseconds time) { slept_.push_back(time); };
    options_.environment.uniform = [] { return 0.5; };
    options_.concurrency = 1;
  }
  Result<std::vector<FrameReport>> send() {
    return send_frames(options_, files_, answers_, [](std::size_t) {});
  }
  void answer(const std::string& request_id, const std::string& name) {
    wire::Answer made;
    made.request_id = request_id;
    made.result = name;
    answers_.put(wire::to_json(made));
  }

  std::filesystem::path folder_;
  std::vector<FrameFile> files_;
  MemoryQueue answers_;
  SendOptions options_;
  std::vector<std::chrono::milliseconds> slept_;
  std::unique_ptr<http::Server> server_;
};

TEST_F(SenderTest, SendsJsonFramesAndMatchesAnswers) {
  answers_.put(R"({"request_id":"somebody else's","result":"x"})");
  serve([this](http::Request request, http::Responder respond) {
    const auto frame = wire::parse_frame(request.body);
    respond(http::make_response(200, "application/json", "{}"));
    answer(frame->request_id, "name of " + frame->filename + ", " + std::string(as_text(frame->image)));
  });
  const auto reports = send();
  ASSERT_TRUE(reports) << reports.error().message;
  ASSERT_EQ(reports->size(), 2U);
  EXPECT_EQ((*reports)[0].faces.at(0).name, "name of a.jpg, picture a.jpg");
  EXPECT_EQ((*reports)[1].faces.at(0).name, "name of b.png, picture b.png");
  EXPECT_NE((*reports)[0].request_id, (*reports)[1].request_id);
  EXPECT_EQ(answers_.removed_, (std::set<std::string>{"2", "3"}));  // not the other client's
}

TEST_F(SenderTest, RawFramesCarryTheirIdInTheQuery) {
  serve([](http::Request request, http::Responder respond) {
    const auto pairs = http::query_pairs(request.target);
    EXPECT_EQ(pairs.at(1),
              (std::pair<std::string, std::string>("filename", request.body == "picture a.jpg" ? "a.jpg" : "b.png")));
    EXPECT_EQ(http::header(request.headers, "content-type"), "image/jpeg");
    respond(http::make_response(200, "application/json", R"({"message":"No face detected."})"));
  });
  options_.raw = true;
  const auto reports = send();
  ASSERT_TRUE(reports);
  EXPECT_EQ((*reports)[0].status, FrameStatus::kAnswered);
  EXPECT_TRUE((*reports)[0].faces.empty());
}

TEST_F(SenderTest, TriesAgainWithTheSameIdAndHonoursRetryAfter) {
  std::atomic<int> calls = 0;
  std::set<std::string> ids;
  serve([&](http::Request request, http::Responder respond) {
    const std::string id = wire::parse_frame(request.body)->request_id;
    ids.insert(id);
    http::Response response = http::make_response(++calls == 1 ? 429 : 502, "application/json", "{}");
    if (calls == 1) {
      response.headers.emplace_back("retry-after", "2");
    }
    if (calls >= 3) {
      response.status = 200;
      answer(id, "x");
    }
    respond(std::move(response));
  });
  files_.pop_back();
  const auto reports = send();
  ASSERT_TRUE(reports);
  EXPECT_EQ((*reports)[0].status, FrameStatus::kAnswered);
  EXPECT_EQ(ids.size(), 1U);
  EXPECT_EQ(slept_, (std::vector<std::chrono::milliseconds>{std::chrono::seconds{2}, std::chrono::milliseconds{200}}));
}

TEST_F(SenderTest, ARefusedFrameAndAMissingFileAreReported) {
  std::atomic<int> calls = 0;
  serve([&](http::Request, http::Responder respond) {
    ++calls;
    respond(http::make_response(400, "application/json", R"({"error":"bad picture"})"));
  });
  files_[1] = {folder_ / "missing.jpg", "missing.jpg"};
  const auto reports = send();
  ASSERT_TRUE(reports);
  EXPECT_EQ((*reports)[0].status, FrameStatus::kRefused);
  EXPECT_NE((*reports)[0].error.find("bad picture"), std::string::npos);
  EXPECT_NE((*reports)[1].error.find("missing.jpg"), std::string::npos);
  EXPECT_EQ(calls, 1);
}

TEST_F(SenderTest, AnAcceptedFrameWithoutAnswerIsToldByTheDeadline) {
  serve([](http::Request, http::Responder respond) { respond(http::make_response(200, "application/json", "{}")); });
  options_.timeout = std::chrono::seconds{2};  // within which the frame must have been sent
  const auto reports = send();
  ASSERT_TRUE(reports) << reports.error().message;
  EXPECT_EQ((*reports)[0].status, FrameStatus::kNoAnswer);
}

TEST_F(SenderTest, AnAnswerQueueThatCannotBeReadIsAnError) {
  serve([](http::Request, http::Responder respond) { respond(http::make_response(200, "application/json", "{}")); });
  answers_.fail_ = Error{ErrorCode::kNotFound, "no such queue"};
  const auto reports = send();
  ASSERT_FALSE(reports);
  EXPECT_NE(reports.error().message.find("no such queue"), std::string::npos);
}

}  // namespace
}  // namespace facepipe::client
