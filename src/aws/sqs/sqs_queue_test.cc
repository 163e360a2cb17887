#include "aws/sqs/sqs_queue.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "aws/sqs/sqs_protocol.h"
#include "base/hash.h"
#include "base/log.h"
#include "http/server/server.h"

namespace facepipe::aws {
namespace {

using queue::OutgoingMessage;

// Answers from a script and notes what was asked.
class Script {
 public:
  void answer(int status, std::string body) { answers_.emplace_back(http::Response{status, {}, std::move(body)}); }
  void fail(ErrorCode code) { answers_.emplace_back(Error{code, "scripted"}); }

  [[nodiscard]] std::unique_ptr<SqsQueue> queue() {
    SqsQueueOptions options;
    options.transport = [this](const http::Request& request) {
      requests.push_back(request);
      if (answers_.empty()) {
        return Result<http::Response>(Error{ErrorCode::kInternal, "the script has ended"});
      }
      auto next = std::move(answers_.front());
      answers_.pop_front();
      return next;
    };
    options.environment.sleep = [this](std::chrono::milliseconds time) { slept.push_back(time); };
    options.environment.uniform = [] { return 1.0; };
    return SqsQueue::create("http://sqs.example/000000000000/q", std::move(options)).value();
  }

  std::vector<http::Request> requests;
  std::vector<std::chrono::milliseconds> slept;

 private:
  std::deque<Result<http::Response>> answers_;
};

std::string sent_json(const std::string& body, const std::string& id = "") {
  return R"({"MessageId":"m1","MD5OfMessageBody":")" + md5_hex(as_bytes(body)) + "\"" +
         (id.empty() ? "" : R"(,"Id":")" + id + "\"") + "}";
}

OutgoingMessage message(std::string body) {
  OutgoingMessage outgoing;
  outgoing.body = std::move(body);
  return outgoing;
}

TEST(SqsQueue, SendsEveryFieldAndChecksTheDigest) {
  Script script;
  script.answer(200, sent_json("hello"));
  OutgoingMessage outgoing = message("hello");
  outgoing.group_id = "camera-1";
  outgoing.deduplication_id = "d";
  outgoing.delay = std::chrono::seconds{3};
  outgoing.trace_header = "Root=1";
  outgoing.attributes = {{"a", {"String", "x"}}, {"b", {"Binary", std::string("\0\1", 2)}}};
  const auto sent = script.queue()->send(outgoing);
  ASSERT_TRUE(sent) << sent.error().message;
  EXPECT_EQ(sent->message_id, "m1");
  ASSERT_EQ(script.requests.size(), 1U);
  EXPECT_EQ(http::header(script.requests[0].headers, "x-amz-target"), "AmazonSQS.SendMessage");
  EXPECT_EQ(http::header(script.requests[0].headers, "content-type"), "application/x-amz-json-1.0");
  EXPECT_EQ(script.requests[0].body,
            R"({"QueueUrl":"http://sqs.example/000000000000/q","MessageBody":"hello","DelaySeconds":3,)"
            R"("MessageGroupId":"camera-1","MessageDeduplicationId":"d","MessageAttributes":{)"
            R"("a":{"DataType":"String","StringValue":"x"},"b":{"DataType":"Binary","BinaryValue":"AAE="}},)"
            R"("MessageSystemAttributes":{"AWSTraceHeader":{"DataType":"String","StringValue":"Root=1"}}})");

  script.answer(200, sent_json("other"));
  EXPECT_EQ(script.queue()->send(message("hello")).error().code, ErrorCode::kUnavailable);
}

TEST(SqsQueue, TriesAgainOnThrottlingServerErrorsAndLostConnections) {
  Script script;
  script.answer(400, R"({"__type":"com.amazonaws.sqs#RequestThrottled","message":"slow down"})");
  script.fail(ErrorCode::kUnavailable);
  script.answer(503, "busy");
  script.answer(200, sent_json("x"));
  EXPECT_TRUE(script.queue()->send(message("x")));
  using std::chrono::milliseconds;
  EXPECT_EQ(script.slept, (std::vector{milliseconds(100), milliseconds(200), milliseconds(400)}));
}

TEST(SqsQueue, GivesUpAfterTheLastTryAndAtOnceOnWhatCannotSucceed) {
  Script script;
  for (int i = 0; i < 4; ++i) {
    script.answer(500, "");
  }
  EXPECT_EQ(script.queue()->send(message("x")).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(script.requests.size(), 4U);
  script.answer(400, R"({"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"gone"})");
  const auto gone = script.queue()->send(message("x"));
  EXPECT_EQ(gone.error().code, ErrorCode::kNotFound);
  EXPECT_NE(gone.error().message.find("QueueDoesNotExist"), std::string::npos);
  EXPECT_EQ(script.requests.size(), 5U);
  script.answer(403, "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code></Error></ErrorResponse>");
  EXPECT_EQ(script.queue()->send(message("x")).error().code, ErrorCode::kPermission);
}

TEST(SqsQueue, RetriesTheRetriableEntriesOfABatchAlone) {
  Script script;
  script.answer(200, R"({"Successful":[)" + sent_json("a", "0") +
                         R"(],"Failed":[{"Id":"1","Code":"InternalError","SenderFault":false,"Message":"m"},)"
                         R"({"Id":"2","Code":"InvalidMessageContents","SenderFault":true,"Message":"bad"}]})");
  script.answer(200, R"({"Successful":[)" + sent_json("b", "0") + "]}");
  const std::vector<OutgoingMessage> messages = {message("a"), message("b"), message("c")};
  const auto results = script.queue()->send_batch(messages);
  ASSERT_TRUE(results) << results.error().message;
  ASSERT_EQ(results->size(), 3U);
  EXPECT_TRUE((*results)[0]);
  EXPECT_TRUE((*results)[1]);
  EXPECT_EQ((*results)[2].error().code, ErrorCode::kInvalidData);
  ASSERT_EQ(script.requests.size(), 2U);
  EXPECT_NE(script.requests[1].body.find(R"("MessageBody":"b")"), std::string::npos);
  EXPECT_EQ(script.requests[1].body.find(R"("MessageBody":"c")"), std::string::npos);
  EXPECT_EQ(script.queue()->send_batch({}).error().code, ErrorCode::kInvalidArgument);
}

// The second call is lost as a whole: what the first one stored is not to be sent again by whoever asked.
TEST(SqsQueue, ABatchTellsWhatIsStoredThoughALaterCallFailsWhole) {
  Script script;
  script.answer(200, R"({"Successful":[)" + sent_json("a", "0") +
                         R"(],"Failed":[{"Id":"1","Code":"InternalError","SenderFault":false,"Message":"m"}]})");
  script.answer(403, R"({"__type":"AccessDenied"})");
  const std::vector<OutgoingMessage> messages = {message("a"), message("b")};
  const auto results = script.queue()->send_batch(messages);
  ASSERT_TRUE(results) << results.error().message;
  ASSERT_EQ(results->size(), 2U);
  EXPECT_TRUE((*results)[0]);
  EXPECT_EQ((*results)[1].error().code, ErrorCode::kPermission);

  script.answer(200, R"({"Failed":[{"Id":"0","Code":"InternalError","SenderFault":false,"Message":"m"},)"
                     R"({"Id":"1","Code":"InternalError","SenderFault":false,"Message":"m"}]})");
  script.answer(403, R"({"__type":"AccessDenied"})");
  EXPECT_EQ(script.queue()->send_batch(messages).error().code, ErrorCode::kPermission) << "nothing is stored";
}

// Answers every request with `body` after a time.
class LateServer {
 public:
  LateServer(std::chrono::milliseconds after, const std::string& body) {
    auto started = http::Server::start(
        {},
        [this, after, body](const http::Request& /*request*/, http::Responder responder) {
          const std::lock_guard lock(mutex_);
          answering_.emplace_back([after, body, responder = std::move(responder)](const std::stop_token& stop) mutable {
            std::mutex mutex;
            std::unique_lock waiting(mutex);
            static_cast<void>(std::condition_variable_any().wait_for(waiting, stop, after, [] { return false; }));
            responder(http::make_response(200, "application/x-amz-json-1.0", body));
          });
        },
        null_logger());
    EXPECT_TRUE(started.has_value());
    server_ = *std::move(started);
  }
  // One try, with 50 ms for a request.
  [[nodiscard]] std::unique_ptr<SqsQueue> queue() const {
    SqsQueueOptions options;
    options.retry.max_attempts = 1;
    options.client.request_timeout = std::chrono::milliseconds{50};
    return SqsQueue::create("http://127.0.0.1:" + std::to_string(server_->port()) + "/000000000000/q",
                            std::move(options))
        .value();
  }

 private:
  std::mutex mutex_;
  std::unique_ptr<http::Server> server_;
  std::vector<std::jthread> answering_;  // first to end: their responders know the server
};

TEST(SqsQueue, OfAServerThatDoesNotAnswerACallEndsByItsOwnTimeLimit) {
  const LateServer late(std::chrono::seconds{20}, sent_json("x"));
  const auto sent = late.queue()->send(message("x"));
  ASSERT_FALSE(sent) << "it waited for the answer";
  EXPECT_EQ(sent.error().code, ErrorCode::kTimeout);
  EXPECT_EQ(late.queue()->change_visibility("r", std::chrono::seconds{5}).error().code, ErrorCode::kTimeout);
}

TEST(SqsQueue, AReceiveHasTheTimeOfItsLongPoll) {
  const LateServer late(std::chrono::milliseconds{200}, "{}");
  const auto received =
      late.queue()->receive({.max_messages = 1, .wait = std::chrono::seconds{20}, .visibility_timeout = {}});
  EXPECT_TRUE(received) << received.error().message;
}

class BrokenSigner final : public Signer {
 public:
  explicit BrokenSigner(ErrorCode code) : code_(code) {}
  Status sign(http::Request& /*request*/, const http::Url& /*origin*/) override {
    return Error{code_, "no token file"};
  }

 private:
  ErrorCode code_;
};

// kInvalidArgument of a message would mean that no queue ever takes it, kNotFound of a receipt that it is gone.
TEST(SqsQueue, CredentialsThatAreBrokenSayNothingOfTheMessage) {
  for (const auto& [code, expected] : {std::pair{ErrorCode::kInvalidArgument, ErrorCode::kPermission},
                                       {ErrorCode::kInvalidData, ErrorCode::kPermission},
                                       {ErrorCode::kNotFound, ErrorCode::kPermission},
                                       {ErrorCode::kUnavailable, ErrorCode::kUnavailable}}) {
    BrokenSigner signer(code);
    SqsQueueOptions options;
    options.signer = &signer;
    options.retry.max_attempts = 1;
    options.transport = [](const http::Request&) {
      ADD_FAILURE() << "an unsigned request was sent";
      return Result<http::Response>(http::Response{});
    };
    const auto queue = SqsQueue::create("https://sqs.example/000000000000/q", std::move(options)).value();
    const Status hidden = queue->change_visibility("r", std::chrono::seconds{5});
    EXPECT_EQ(hidden.error().code, expected) << to_string(code);
    EXPECT_NE(hidden.error().message.find("no token file"), std::string::npos);
    EXPECT_EQ(queue->send(message("x")).error().code, expected) << to_string(code);
  }
}

TEST(SqsQueue, ReceivesEveryField) {
  Script script;
  script.answer(200,
                R"({"Messages":[{"MessageId":"m","ReceiptHandle":"r","Body":"b\u00e9","Attributes":{)"
                R"("ApproximateReceiveCount":"2","SentTimestamp":"1000","ApproximateFirstReceiveTimestamp":"2000",)"
                R"("MessageGroupId":"g","MessageDeduplicationId":"d","SequenceNumber":"7","AWSTraceHeader":"Root=1"},)"
                R"("MessageAttributes":{"n":{"DataType":"Binary","BinaryValue":"AAE="}}}]})");
  const auto received =
      script.queue()->receive({.max_messages = 3, .wait = std::chrono::seconds{20}, .visibility_timeout = {}});
  ASSERT_TRUE(received) << received.error().message;
  ASSERT_EQ(received->size(), 1U);
  const queue::ReceivedMessage& got = received->front();
  EXPECT_EQ(got.body, "b\xC3\xA9");
  EXPECT_EQ(got.receive_count, 2);
  EXPECT_EQ(got.sent_at.time_since_epoch().count(), 1000);
  EXPECT_EQ(got.first_received_at.time_since_epoch().count(), 2000);
  EXPECT_EQ(got.group_id, "g");
  EXPECT_EQ(got.deduplication_id, "d");
  EXPECT_EQ(got.sequence_number, "7");
  EXPECT_EQ(got.trace_header, "Root=1");
  EXPECT_EQ(got.attributes.at("n").value, std::string("\0\1", 2));
  EXPECT_NE(script.requests[0].body.find(R"("MaxNumberOfMessages":3,"WaitTimeSeconds":20)"), std::string::npos);
  script.answer(200, "{}");
  EXPECT_TRUE(script.queue()->receive({})->empty());
}

TEST(SqsQueue, AnswersThatAreNoSqsAreErrors) {
  for (const char* body : {"", "[]", "{\"Messages\":[{}]}", "{\"Messages\":[{\"MessageId\":\"m\"}]}"}) {
    Script script;
    script.answer(200, body);
    const auto received = script.queue()->receive({});
    ASSERT_FALSE(received) << body;
    EXPECT_EQ(received.error().code, ErrorCode::kInvalidData);
  }
  EXPECT_FALSE(parse_batch(R"({"Successful":[{"Id":"5"}]})", 1));
  EXPECT_FALSE(parse_batch(R"({"Successful":[{"Id":"0"},{"Id":"0"}]})", 2));
  EXPECT_FALSE(parse_batch("{}", 1));
}

TEST(SqsQueue, RemovesAndChangesVisibility) {
  Script script;
  script.answer(200, "{}");
  script.answer(200, "{}");
  script.answer(
      200, R"({"Successful":[{"Id":"0"}],"Failed":[{"Id":"1","Code":"ReceiptHandleIsInvalid","SenderFault":true}]})");
  const auto queue = script.queue();
  EXPECT_TRUE(queue->remove("r"));
  EXPECT_TRUE(queue->change_visibility("r", std::chrono::seconds{5}));
  const std::vector<std::string> handles = {"a", "b"};
  const auto removed = queue->remove_batch(handles);
  ASSERT_TRUE(removed);
  EXPECT_TRUE((*removed)[0]);
  EXPECT_FALSE((*removed)[1]);
  EXPECT_NE(script.requests[1].body.find(R"("VisibilityTimeout":5)"), std::string::npos);
}

TEST(SqsQueue, RefusesWhatIsNoUrl) {
  EXPECT_EQ(SqsQueue::create("queue").error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace facepipe::aws
