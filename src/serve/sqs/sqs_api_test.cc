// Whole requests, one action after the other. The protocol's other side, boto3 and the aws CLI, is in
// tests/conformance.
#include <gmock/gmock.h>

#include <latch>

#include "base/hex.h"
#include "serve/sqs/test_sqs_api.h"

namespace facepipe::serve {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class SqsApiTest : public SqsFixture {};

constexpr const char* kNoQueue =
    "400 com.amazonaws.sqs#QueueDoesNotExist | AWS.SimpleQueueService.NonExistentQueue;Sender";
constexpr const char* kInvalidParameter =
    "400 com.amazon.coral.service#InvalidParameterValueException | InvalidParameterValue;Sender";

TEST_F(SqsApiTest, CreateSendReceiveDelete) {
  const Node made = ok("CreateQueue", R"({"QueueName":"q"})");
  EXPECT_EQ(text(made, "QueueUrl"), url("q"));
  const Node sent = ok("SendMessage", R"({"QueueUrl":")" + url("q") +
                                          R"(","MessageBody":"hello","MessageAttributes":{"a":{"DataType":"String",)"
                                          R"("StringValue":"v"}}})");
  EXPECT_EQ(text(sent, "MD5OfMessageBody"), "5d41402abc4b2a76b9719d911017c592");
  const auto messages = receive("q", R"(,"MessageAttributeNames":["All"],"AttributeNames":["All"])");
  ASSERT_THAT(messages, SizeIs(1));
  EXPECT_EQ(text(messages[0], "Body"), "hello");
  EXPECT_EQ(text(messages[0], "MessageId"), text(sent, "MessageId"));
  EXPECT_EQ(text(messages[0], "MD5OfMessageAttributes"), text(sent, "MD5OfMessageAttributes"));
  EXPECT_EQ(text(messages[0], "Attributes", "ApproximateReceiveCount"), "1");
  ok("DeleteMessage",
     R"({"QueueUrl":")" + url("q") + R"(","ReceiptHandle":")" + text(messages[0], "ReceiptHandle") + "\"}");
  const Node attributes = ok("GetQueueAttributes", R"({"QueueUrl":")" + url("q") + R"(","AttributeNames":["All"]})");
  EXPECT_EQ(text(attributes, "Attributes", "ApproximateNumberOfMessages"), "0");
  EXPECT_EQ(text(attributes, "Attributes", "ApproximateNumberOfMessagesNotVisible"), "0");
  EXPECT_EQ(text(attributes, "Attributes", "QueueArn"), "arn:aws:sqs:us-east-1:000000000000:q");
}

TEST_F(SqsApiTest, CreationAgain) {
  create("q", R"({"DelaySeconds":"5"})");
  create("q");  // what is not given need not agree
  create("q", R"({"DelaySeconds":"5"})");
  EXPECT_EQ(failure("CreateQueue", R"({"QueueName":"q","Attributes":{"DelaySeconds":"6"}})"),
            "400 com.amazonaws.sqs#QueueNameExists | QueueAlreadyExists;Sender");
  EXPECT_EQ(failure("CreateQueue", R"({"QueueName":"a b"})"), kInvalidParameter);
  EXPECT_EQ(failure("CreateQueue", R"({"QueueName":"q.fifo"})"), kInvalidParameter);
  EXPECT_EQ(failure("CreateQueue", R"({"QueueName":"r","Attributes":{"DelaySeconds":"901"}})"),
            "400 com.amazonaws.sqs#InvalidAttributeValue | InvalidAttributeValue;Sender");
}

TEST_F(SqsApiTest, MissingQueueForEveryAction) {
  const std::string queue = R"("QueueUrl":")" + url("absent") + "\"";
  const std::string entries = R"(,"Entries":[{"Id":"a","MessageBody":"b","ReceiptHandle":"h","VisibilityTimeout":1}])";
  const std::vector<std::pair<std::string, std::string>> calls{
      {"SendMessage", R"(,"MessageBody":"b")"},
      {"SendMessageBatch", entries},
      {"ReceiveMessage", ""},
      {"DeleteMessage", R"(,"ReceiptHandle":"h")"},
      {"DeleteMessageBatch", entries},
      {"ChangeMessageVisibility", R"(,"ReceiptHandle":"h","VisibilityTimeout":1)"},
      {"ChangeMessageVisibilityBatch", entries},
      {"DeleteQueue", ""},
      {"GetQueueAttributes", ""},
      {"SetQueueAttributes", R"(,"Attributes":{"DelaySeconds":"1"})"},
      {"ListDeadLetterSourceQueues", ""},
      {"PurgeQueue", ""},
      {"ListQueueTags", ""},
      {"TagQueue", R"(,"Tags":{"a":"b"})"},
      {"UntagQueue", R"(,"TagKeys":["a"])"}};
  for (const auto& [action, more] : calls) {
    EXPECT_EQ(failure(action, "{" + queue + more + "}"), kNoQueue) << action;
  }
  EXPECT_EQ(failure("GetQueueUrl", R"({"QueueName":"absent"})"), kNoQueue);
}

TEST_F(SqsApiTest, RequestsThatAreNone) {
  EXPECT_EQ(failure("Dance", "{}"), "400 com.amazon.coral.service#UnknownOperationException | InvalidAction;Sender");
  EXPECT_EQ(failure("SendMessage", "{"), "400 com.amazon.coral.service#SerializationException | MalformedInput;Sender");
  EXPECT_EQ(failure("SendMessage", "{}"),
            "400 com.amazon.coral.service#MissingRequiredParameterException | MissingParameter;Sender");
  EXPECT_EQ(failure("SendMessage", R"({"QueueUrl":"q","MessageBody":"b"})"),
            "400 com.amazonaws.sqs#InvalidAddress | InvalidAddress;Sender");
  EXPECT_EQ(failure("StartMessageMoveTask", "{}"),
            "400 com.amazonaws.sqs#UnsupportedOperation | AWS.SimpleQueueService.UnsupportedOperation;Sender");
}

TEST_F(SqsApiTest, SendBatch) {
  create("q");
  const Node result = ok("SendMessageBatch", R"({"QueueUrl":")" + url("q") +
                                                 R"(","Entries":[{"Id":"a","MessageBody":"1"},{"Id":"b"},)"
                                                 R"({"Id":"c","MessageBody":"3","DelaySeconds":901}]})");
  ASSERT_THAT(*result.find("Successful")->list(), SizeIs(1));
  EXPECT_EQ(text(result.find("Successful")->list()->front(), "Id"), "a");
  const Node::List& failed = *result.find("Failed")->list();
  ASSERT_THAT(failed, SizeIs(2));
  EXPECT_EQ(text(failed[0], "Id"), "b");
  EXPECT_EQ(text(failed[0], "Code"), "MissingParameter");
  EXPECT_EQ(text(failed[1], "Id"), "c");
  EXPECT_EQ(text(failed[1], "Code"), "InvalidParameterValue");
  EXPECT_TRUE(std::get<bool>(failed[1].find("SenderFault")->value()));
  EXPECT_THAT(receive("q", R"(,"MaxNumberOfMessages":10)"), SizeIs(1));
}

TEST_F(SqsApiTest, BatchErrors) {
  create("q");
  const auto batch = [&](const std::string& entries) {
    return failure("SendMessageBatch", R"({"QueueUrl":")" + url("q") + R"(","Entries":[)" + entries + "]}");
  };
  const auto entry = [](const std::string& id) { return R"({"Id":")" + id + R"(","MessageBody":"b"})"; };
  EXPECT_THAT(batch(""), HasSubstr("AWS.SimpleQueueService.EmptyBatchRequest;Sender"));
  EXPECT_THAT(batch(entry("a") + "," + entry("a")),
              HasSubstr("AWS.SimpleQueueService.BatchEntryIdsNotDistinct;Sender"));
  EXPECT_THAT(batch(entry("a b")), HasSubstr("AWS.SimpleQueueService.InvalidBatchEntryId;Sender"));
  EXPECT_THAT(batch(entry("")), HasSubstr("AWS.SimpleQueueService.InvalidBatchEntryId;Sender"));
  std::string eleven = entry("x");
  for (int i = 0; i < 10; ++i) {
    eleven += "," + entry("e" + std::to_string(i));
  }
  EXPECT_THAT(batch(eleven), HasSubstr("AWS.SimpleQueueService.TooManyEntriesInBatchRequest;Sender"));
  const std::string half(600'000, 'x');
  EXPECT_THAT(batch(R"({"Id":"a","MessageBody":")" + half + R"("},{"Id":"b","MessageBody":")" + half + R"("})"),
              HasSubstr("AWS.SimpleQueueService.BatchRequestTooLong;Sender"));
}

TEST_F(SqsApiTest, DeleteAndVisibilityBatches) {
  create("q");
  send("q", "1");
  send("q", "2");
  const auto messages = receive("q", R"(,"MaxNumberOfMessages":10)");
  ASSERT_THAT(messages, SizeIs(2));
  const Node shown = ok("ChangeMessageVisibilityBatch",
                        R"({"QueueUrl":")" + url("q") + R"(","Entries":[{"Id":"a","ReceiptHandle":")" +
                            text(messages[0], "ReceiptHandle") +
                            R"(","VisibilityTimeout":0},{"Id":"b","ReceiptHandle":"junk","VisibilityTimeout":0}]})");
  EXPECT_EQ(text(shown.find("Successful")->list()->at(0), "Id"), "a");
  EXPECT_EQ(text(shown.find("Failed")->list()->at(0), "Code"), "ReceiptHandleIsInvalid");
  EXPECT_THAT(receive("q"), SizeIs(1));
  const Node gone =
      ok("DeleteMessageBatch", R"({"QueueUrl":")" + url("q") + R"(","Entries":[{"Id":"a","ReceiptHandle":")" +
                                   text(messages[1], "ReceiptHandle") + R"("}]})");
  EXPECT_EQ(gone.find("Failed"), nullptr);
  EXPECT_EQ(failure("ChangeMessageVisibility", R"({"QueueUrl":")" + url("q") + R"(","ReceiptHandle":")" +
                                                   text(messages[1], "ReceiptHandle") + R"("})"),
            "400 com.amazon.coral.service#MissingRequiredParameterException | MissingParameter;Sender");
}

TEST_F(SqsApiTest, ReceiveLimits) {
  create("q");
  for (const char* bad :
       {R"("MaxNumberOfMessages":0)", R"("MaxNumberOfMessages":11)", R"("MaxNumberOfMessages":4294967297)",
        R"("WaitTimeSeconds":21)", R"("WaitTimeSeconds":-1)", R"("VisibilityTimeout":43201)"}) {
    EXPECT_EQ(failure("ReceiveMessage", R"({"QueueUrl":")" + url("q") + "\"," + bad + "}"), kInvalidParameter) << bad;
  }
}

TEST_F(SqsApiTest, RedrivePolicyAndSources) {
  create("dead");
  create("q", R"({"RedrivePolicy":"{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:000000000000:dead\",)"
              R"(\"maxReceiveCount\":1}"})");
  send("q", "poison");
  EXPECT_THAT(receive("q", R"(,"VisibilityTimeout":0)"), SizeIs(1));
  EXPECT_THAT(receive("q"), IsEmpty());
  const auto dead = receive("dead", R"(,"MessageSystemAttributeNames":["DeadLetterQueueSourceArn"])");
  ASSERT_THAT(dead, SizeIs(1));
  EXPECT_EQ(text(dead[0], "Attributes", "DeadLetterQueueSourceArn"), "arn:aws:sqs:us-east-1:000000000000:q");
  const Node sources = ok("ListDeadLetterSourceQueues", R"({"QueueUrl":")" + url("dead") + "\"}");
  EXPECT_EQ(*sources.find("queueUrls")->list()->at(0).text(), url("q"));
  const Node none = ok("ListDeadLetterSourceQueues", R"({"QueueUrl":")" + url("q") + "\"}");
  EXPECT_THAT(*none.find("queueUrls")->list(), IsEmpty());
}

TEST_F(SqsApiTest, SetQueueAttributes) {
  create("q");
  const std::string queue = R"({"QueueUrl":")" + url("q") + "\"";
  ok("SetQueueAttributes", queue + R"(,"Attributes":{"VisibilityTimeout":"7"}})");
  ok("SetQueueAttributes", queue + R"(,"Attributes":{"DelaySeconds":"3"}})");
  const Node read = ok("GetQueueAttributes", queue + R"(,"AttributeNames":["VisibilityTimeout","DelaySeconds"]})");
  EXPECT_EQ(text(read, "Attributes", "VisibilityTimeout"), "7");
  EXPECT_EQ(text(read, "Attributes", "DelaySeconds"), "3");
  EXPECT_EQ(ok("GetQueueAttributes", queue + "}").find("Attributes"), nullptr);
  EXPECT_EQ(failure("GetQueueAttributes", queue + R"(,"AttributeNames":["Colour"]})"),
            "400 com.amazonaws.sqs#InvalidAttributeName | InvalidAttributeName;Sender");
  EXPECT_THAT(failure("SetQueueAttributes", queue + "}"), HasSubstr("MissingParameter"));
}

TEST_F(SqsApiTest, ListQueuesByPages) {
  for (const char* name : {"a1", "a2", "a3", "b"}) {
    create(name);
  }
  EXPECT_THAT(*ok("ListQueues", "{}").find("QueueUrls")->list(), SizeIs(4));
  const Node first = ok("ListQueues", R"({"QueueNamePrefix":"a","MaxResults":2})");
  ASSERT_THAT(*first.find("QueueUrls")->list(), SizeIs(2));
  const Node second =
      ok("ListQueues", R"({"QueueNamePrefix":"a","MaxResults":2,"NextToken":")" + text(first, "NextToken") + "\"}");
  ASSERT_THAT(*second.find("QueueUrls")->list(), SizeIs(1));
  EXPECT_EQ(*second.find("QueueUrls")->list()->at(0).text(), url("a3"));
  EXPECT_EQ(second.find("NextToken"), nullptr);
  EXPECT_EQ(ok("ListQueues", R"({"QueueNamePrefix":"z"})").find("QueueUrls"), nullptr);
  EXPECT_EQ(failure("ListQueues", R"({"MaxResults":0})"), kInvalidParameter);
  EXPECT_EQ(failure("ListQueues", R"({"NextToken":"!"})"), kInvalidParameter);
}

TEST_F(SqsApiTest, Tags) {
  ok("CreateQueue", R"({"QueueName":"q","tags":{"team":"vision"}})");
  const std::string queue = R"({"QueueUrl":")" + url("q") + "\"";
  ok("TagQueue", queue + R"(,"Tags":{"stage":"test"}})");
  EXPECT_EQ(text(ok("ListQueueTags", queue + "}"), "Tags", "team"), "vision");
  ok("UntagQueue", queue + R"(,"TagKeys":["team"]})");
  const Node left = ok("ListQueueTags", queue + "}");
  EXPECT_EQ(text(left, "Tags", "team"), "(none)");
  EXPECT_EQ(text(left, "Tags", "stage"), "test");
}

TEST_F(SqsApiTest, PurgeTwice) {
  create("q");
  send("q", "m");
  ok("PurgeQueue", R"({"QueueUrl":")" + url("q") + "\"}");
  EXPECT_THAT(receive("q"), IsEmpty());
  EXPECT_EQ(failure("PurgeQueue", R"({"QueueUrl":")" + url("q") + "\"}"),
            "400 com.amazonaws.sqs#PurgeQueueInProgress | AWS.SimpleQueueService.PurgeQueueInProgress;Sender");
}

TEST_F(SqsApiTest, GetQueueUrlChecksTheAccount) {
  create("q");
  EXPECT_EQ(text(ok("GetQueueUrl", R"({"QueueName":"q","QueueOwnerAWSAccountId":"000000000000"})"), "QueueUrl"),
            url("q"));
  EXPECT_EQ(failure("GetQueueUrl", R"({"QueueName":"q","QueueOwnerAWSAccountId":"123456789012"})"), kNoQueue);
}

TEST_F(SqsApiTest, QueryProtocol) {
  const http::Response made = form("Action=CreateQueue&QueueName=q&Attribute.1.Name=DelaySeconds&Attribute.1.Value=0");
  EXPECT_EQ(made.status, 200);
  EXPECT_THAT(made.body, HasSubstr("<CreateQueueResult><QueueUrl>" + url("q") + "</QueueUrl></CreateQueueResult>"));
  const http::Response sent = form("Action=SendMessage&MessageBody=a%26b&Version=2012-11-05", "/000000000000/q");
  EXPECT_EQ(sent.status, 200) << sent.body;
  const http::Response received =
      form("Action=ReceiveMessage&QueueUrl=" + percent_encode(url("q")) + "&AttributeName.1=ApproximateReceiveCount");
  EXPECT_THAT(received.body, HasSubstr("<Body>a&amp;b</Body>"));
  EXPECT_THAT(received.body, HasSubstr("<Attribute><Name>ApproximateReceiveCount</Name><Value>1</Value></Attribute>"));
  const http::Response missing = form("Action=PurgeQueue", "/000000000000/absent");
  EXPECT_EQ(missing.status, 400);
  EXPECT_THAT(missing.body, HasSubstr("<Code>AWS.SimpleQueueService.NonExistentQueue</Code>"));
  EXPECT_THAT(form("").body, HasSubstr("<Code>InvalidAction</Code>"));
}

TEST_F(SqsApiTest, TextsThatNoXmlCarriesAreRefused) {
  create("q");
  const std::string queue = R"({"QueueUrl":")" + url("q") + R"(","MessageBody":"b")";
  for (const char* more :
       {R"("MessageAttributes":{"a":{"DataType":"String.\u0001","StringValue":"v"}})",
        R"("MessageAttributes":{"a":{"DataType":"Binary.\ufffe","BinaryValue":"AA=="}})",
        R"("MessageAttributes":{"\u0001":{"DataType":"String","StringValue":"v"}})",
        R"("MessageAttributes":{"a":{"DataType":"String","StringValue":"\u0000"}})", R"("MessageGroupId":"\u0001")",
        R"("MessageDeduplicationId":"\u0001")",
        R"("MessageSystemAttributes":{"AWSTraceHeader":{"DataType":"String","StringValue":"\u0001"}})",
        R"("MessageSystemAttributes":{"\u0001":{"DataType":"String","StringValue":"v"}})"}) {
    EXPECT_THAT(failure("SendMessage", queue + "," + more + "}"), HasSubstr("400 ")) << more;
  }
  EXPECT_THAT(failure("CreateQueue", R"({"QueueName":"\u0001"})"), HasSubstr("400 "));
  EXPECT_THAT(failure("CreateQueue", R"({"QueueName":"r","tags":{"\u0001":"v"}})"), HasSubstr("400 "));
  EXPECT_THAT(failure("TagQueue", R"({"QueueUrl":")" + url("q") + R"(","Tags":{"a":"\ufffe"}})"), HasSubstr("400 "));
  EXPECT_THAT(receive("q"), IsEmpty());
}

TEST_F(SqsApiTest, AQueueWhoseTagsAreRefusedIsNotMade) {
  EXPECT_EQ(failure("CreateQueue", R"({"QueueName":"q","tags":{"":"v"}})"), kInvalidParameter);
  EXPECT_EQ(failure("GetQueueUrl", R"({"QueueName":"q"})"), kNoQueue);
  ok("CreateQueue", R"({"QueueName":"q","tags":{"a":"v"}})");
  EXPECT_EQ(text(ok("ListQueueTags", R"({"QueueUrl":")" + url("q") + "\"}"), "Tags", "a"), "v");
}

TEST_F(SqsApiTest, ChangesOfOneQueueAtOnceAreAllKept) {
  create("q");
  const std::string queue = R"({"QueueUrl":")" + url("q") + "\"";
  const auto change = [&](const std::string& name, int value) {
    return start(json_request("SetQueueAttributes",
                              queue + R"(,"Attributes":{")" + name + R"(":")" + std::to_string(value) + R"("}})"));
  };
  for (int i = 1; i <= 20; ++i) {
    auto delay = change("DelaySeconds", i);
    auto visibility = change("VisibilityTimeout", i);
    EXPECT_EQ(wait(std::move(delay)).status, 200);
    EXPECT_EQ(wait(std::move(visibility)).status, 200);
    const auto attributes = store_->attributes("q");
    ASSERT_EQ(attributes->delay, std::chrono::seconds(i));
    ASSERT_EQ(attributes->visibility_timeout, std::chrono::seconds(i));
  }
}

TEST_F(SqsApiTest, ANumberOutOfItsRangeIsNamedAsItCame) {
  create("q");
  for (const char* number : {"-5", "0", "11", "5000"}) {
    EXPECT_THAT(
        json("ReceiveMessage", R"({"QueueUrl":")" + url("q") + R"(","MaxNumberOfMessages":)" + number + "}").body,
        HasSubstr("Value " + std::string(number) + " for parameter MaxNumberOfMessages"));
  }
}

TEST_F(SqsApiTest, AGetMayLookAndAnUnsignedOneMayNotTouch) {
  create("q");
  send("q", "m");
  const auto get = [&](const std::string& method, const std::string& query, bool is_signed) {
    http::Request request;
    request.method = method;
    request.target = "/000000000000/q?" + query;
    if (is_signed) {
      request.headers = {{"authorization", "AWS4-HMAC-SHA256 Credential=..."}};
    }
    return wait(start(std::move(request)));
  };
  for (const char* action : {"PurgeQueue", "DeleteQueue", "ReceiveMessage", "SendMessage&MessageBody=x",
                             "CreateQueue&QueueName=r", "SetQueueAttributes&Attribute.Name=DelaySeconds",
                             "TagQueue&Tag.1.Key=a&Tag.1.Value=b", "UntagQueue&TagKey.1=a"}) {
    for (const char* method : {"GET", "HEAD", "PUT"}) {
      const http::Response refused = get(method, std::string("Action=") + action, false);
      EXPECT_EQ(refused.status, 400) << method << action;
      EXPECT_THAT(refused.body, HasSubstr("send it with POST, or signed")) << method << action;
    }
  }
  EXPECT_EQ(get("GET", "Action=GetQueueAttributes&AttributeName.1=All", false).status, 200);
  EXPECT_EQ(get("GET", "Action=ListQueues", false).status, 200);
  EXPECT_THAT(get("GET", "Action=Dance", false).body, HasSubstr("<Code>InvalidAction</Code>"));
  EXPECT_THAT(receive("q", R"(,"VisibilityTimeout":0)"), SizeIs(1)) << "nothing was purged or received";
  EXPECT_EQ(get("GET", "Action=PurgeQueue", true).status, 200);
}

TEST_F(SqsApiTest, AHeadThatIsRefusedIsAnsweredInItsProtocol) {
  std::string denied;
  SqsApi::Options options;
  options.check_head = [](const http::Request&) {
    return std::optional(aws::SignatureProblem{aws::SignatureFault::kUnknownKey, "no such key"});
  };
  options.on_denied = [&](const http::Request&, int, std::string_view code, std::string_view) { denied = code; };
  api_ = std::make_unique<SqsApi>(*store_, options);
  const auto json = api_->admit(json_request("ListQueues", ""));
  ASSERT_TRUE(json);
  EXPECT_EQ(json->status, 403);
  EXPECT_THAT(json->body, HasSubstr("UnrecognizedClientException"));
  EXPECT_EQ(denied, "InvalidClientTokenId");
  EXPECT_THAT(api_->admit({})->body, HasSubstr("<Code>InvalidClientTokenId</Code>"));
  EXPECT_FALSE(SqsApi(*store_, {}).admit({}).has_value());
}

TEST_F(SqsApiTest, BaseUrlOfTheOptionsComesFirst) {
  api_ = std::make_unique<SqsApi>(*store_, SqsApi::Options{.base_url = "https://queues.example"});
  EXPECT_EQ(text(ok("CreateQueue", R"({"QueueName":"q"})"), "QueueUrl"), "https://queues.example/000000000000/q");
}

TEST_F(SqsApiTest, SoManyRequestsWaitForAThreadAndTheDestructionFinishesThem) {
  std::latch working(1);
  std::latch go_on(1);
  SqsApi::Options options;
  options.threads = 1;
  options.max_waiting = 2;
  options.check = [&](const http::Request& request) -> std::optional<aws::SignatureProblem> {
    if (http::header(request.headers, "x-first") == "yes") {
      working.count_down();
      go_on.wait();
    }
    return std::nullopt;
  };
  api_ = std::make_unique<SqsApi>(*store_, options);
  http::Request first = json_request("ListQueues", "{}");
  first.headers.emplace_back("x-first", "yes");
  std::vector<std::future<http::Response>> answers;
  answers.push_back(start(std::move(first)));
  working.wait();  // the only thread is busy
  for (int i = 0; i < 2; ++i) {
    answers.push_back(start(json_request("ListQueues", "{}")));
  }
  const http::Response refused = wait(start(json_request("ListQueues", "{}")));
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(http::header(refused.headers, "retry-after"), "1");
  go_on.count_down();
  api_.reset();
  for (auto& answer : answers) {
    EXPECT_EQ(wait(std::move(answer)).status, 200);
  }
}

}  // namespace
}  // namespace facepipe::serve
