#include "aws/sqs/sqs_queue.h"

#include <gtest/gtest.h>

#include <deque>

#include "aws/sqs/sqs_protocol.h"
#include "base/hash.h"

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
