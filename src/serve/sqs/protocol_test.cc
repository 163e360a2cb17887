// The two protocols' parsing and writing.
#include "serve/sqs/protocol.h"

#include <gtest/gtest.h>

#include "queue/queue_error.h"
#include "serve/sqs/node.h"

namespace facepipe::serve::sqs {
namespace {

using queue::QueueErrorKind;

template <typename T>
QueueErrorKind kind(const Result<T>& result) {
  return result ? QueueErrorKind::kNone : queue::queue_error_kind(result.error());
}

std::string as_json(const Node& node) {
  return json_response(node, "id").body;
}

TEST(JsonProtocol, RoundTrip) {
  const std::string text = R"({"a":"x","n":5,"t":true,"l":["y",{}],"o":{"k":"v"}})";
  const auto node = parse_json(text);
  ASSERT_TRUE(node);
  EXPECT_EQ(as_json(*node), text);
  const auto empty = parse_json("");
  ASSERT_TRUE(empty);
  EXPECT_EQ(as_json(*empty), "{}");
}

TEST(JsonProtocol, MalformedTexts) {
  for (const char* text : {"{", "[]", "5", "\"x\"", "null", "{\"a\":}", "{\"a\":\"\\ud800\"}", "{\"a\":\"\xff\"}"}) {
    EXPECT_EQ(kind(parse_json(text)), QueueErrorKind::kMalformedRequest) << text;
  }
  std::string deep = "{\"a\":";
  for (int i = 0; i < 20; ++i) {
    deep += "[";
  }
  EXPECT_EQ(kind(parse_json(deep + std::string(20, ']') + "}")), QueueErrorKind::kMalformedRequest);
  EXPECT_EQ(kind(parse_json(std::string(100'000, '['))), QueueErrorKind::kMalformedRequest);
}

TEST(JsonProtocol, HasABoundOnWhatItBecomes) {
  const auto array_of = [](std::size_t items) {
    std::string text = R"({"a\"[[":"\\","l":[0)";
    for (std::size_t i = 1; i < items; ++i) {
      text += ",0";
    }
    return text + "]}";
  };
  EXPECT_EQ(kind(parse_json(array_of(9'900))), QueueErrorKind::kNone);
  EXPECT_EQ(kind(parse_json(array_of(10'001))), QueueErrorKind::kMalformedRequest);
  EXPECT_EQ(kind(parse_json(R"({"text":")" + std::string(100'000, ',') + "\"}")), QueueErrorKind::kNone);
  EXPECT_EQ(kind(parse_json(R"({"text":")" + std::string(kMaxJsonBytes, 'a') + "\"}")),
            QueueErrorKind::kMalformedRequest);
}

TEST(JsonProtocol, ActionOfTheTargetHeader) {
  http::Request request;
  EXPECT_EQ(json_action(request), "");
  request.headers = {{"x-amz-target", "AmazonSQS.SendMessage"}};
  EXPECT_EQ(json_action(request), "SendMessage");
}

TEST(JsonProtocol, Error) {
  const http::Response response = json_error({400, "com.amazonaws.sqs#X", "Code", true, "why"}, "the-id");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body, R"({"__type":"com.amazonaws.sqs#X","message":"why"})");
  EXPECT_EQ(http::header(response.headers, "content-type"), "application/x-amz-json-1.0");
  EXPECT_EQ(http::header(response.headers, "x-amzn-query-error"), "Code;Sender");
  EXPECT_EQ(http::header(response.headers, "x-amzn-requestid"), "the-id");
}

TEST(Node, ReadersNameTheParameter) {
  const auto node = parse_json(R"({"t":"x","e":"","n":7,"s":"8","l":["a","b"],"m":{"k":"v","n":1,"b":true},"z":null})");
  ASSERT_TRUE(node);
  EXPECT_EQ(*required_text(*node, "t"), "x");
  EXPECT_EQ(kind(required_text(*node, "e")), QueueErrorKind::kMissingParameter);
  EXPECT_EQ(kind(required_text(*node, "z")), QueueErrorKind::kMissingParameter);
  EXPECT_EQ(kind(required_text(*node, "n")), QueueErrorKind::kMalformedRequest);
  EXPECT_EQ(**optional_integer(*node, "n"), 7);
  EXPECT_EQ(**optional_integer(*node, "s"), 8);
  EXPECT_EQ(kind(optional_integer(*node, "t")), QueueErrorKind::kMalformedRequest);
  EXPECT_FALSE(optional_integer(*node, "absent")->has_value());
  EXPECT_EQ(*text_list(*node, "l"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(kind(text_list(*node, "t")), QueueErrorKind::kMalformedRequest);
  EXPECT_EQ(*text_map(*node, "m"), (std::map<std::string, std::string>{{"b", "true"}, {"k", "v"}, {"n", "1"}}));
  EXPECT_EQ(kind(object_list(*node, "l")), QueueErrorKind::kMalformedRequest);
  EXPECT_EQ(required_text(*node, "absent").error().message,
            "MissingParameter: The request must contain the parameter absent.");
}

Node form_node(std::string_view text) {
  const auto node = parse_form(http::form_pairs(text));
  EXPECT_TRUE(node);
  return node ? *node : Node();
}

TEST(QueryProtocol, FlattenedNamesBecomeTheJsonModels) {
  EXPECT_EQ(as_json(form_node("Action=X&QueueUrl=u&MaxNumberOfMessages=3")),
            R"({"Action":"X","MaxNumberOfMessages":"3","QueueUrl":"u"})");
  EXPECT_EQ(as_json(form_node("AttributeName.2=b&AttributeName.10=c&AttributeName.1=a")),
            R"({"AttributeNames":["a","b","c"]})");
  EXPECT_EQ(as_json(form_node("AttributeName=All")), R"({"AttributeNames":["All"]})");
  EXPECT_EQ(as_json(form_node("Attribute.1.Name=DelaySeconds&Attribute.1.Value=5")),
            R"({"Attributes":{"DelaySeconds":"5"}})");
  EXPECT_EQ(as_json(form_node("Attribute.Name=VisibilityTimeout&Attribute.Value=35")),
            R"({"Attributes":{"VisibilityTimeout":"35"}})");
  EXPECT_EQ(as_json(form_node("Tag.1.Key=a&Tag.1.Value=1&Tag.2.Key=b")), R"({"Tags":{"a":"1","b":""}})");
  EXPECT_EQ(as_json(form_node("SendMessageBatchRequestEntry.1.Id=i&SendMessageBatchRequestEntry.1.MessageBody=a%20b"
                              "&SendMessageBatchRequestEntry.1.MessageAttribute.1.Name=n"
                              "&SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.DataType=String"
                              "&SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.StringValue=v")),
            R"({"Entries":[{"Id":"i","MessageAttributes":{"n":{"DataType":"String","StringValue":"v"}},)"
            R"("MessageBody":"a b"}]})");
  EXPECT_EQ(as_json(form_node("")), "{}");
}

TEST(QueryProtocol, HostileForms) {
  EXPECT_EQ(kind(parse_form(http::form_pairs("a.b.c.d.e.f.g.h.i=1"))), QueueErrorKind::kMalformedRequest);
  std::string many;
  for (std::size_t i = 0; i <= http::kMaxPairs; ++i) {
    many += "a=1&";
  }
  http::Request request;
  request.body = many;
  EXPECT_EQ(kind(form_of(request)), QueueErrorKind::kMalformedRequest);
  request = {};
  request.target = "/?" + many;
  EXPECT_EQ(kind(form_of(request)), QueueErrorKind::kMalformedRequest);
  request = {};
  request.body = "MessageBody=" + std::string(kMaxFormBytes, 'a');
  EXPECT_EQ(kind(form_of(request)), QueueErrorKind::kMalformedRequest);
  EXPECT_EQ(as_json(form_node("Attribute.x.Name=a&Attribute.99999999999.Name=b&Attribute=c&.=d&Attribute.1.Value=e")),
            R"({"":{"":"d"},"Attributes":{}})");
}

TEST(QueryProtocol, ActionOfBodyOrTarget) {
  http::Request request;
  request.target = "/?Action=ListQueues&Version=2012-11-05";
  EXPECT_EQ(query_action(*form_of(request)), "ListQueues");
  request.target = "/";
  request.body = "Action=SendMessage";
  EXPECT_EQ(query_action(*form_of(request)), "SendMessage");
  request.body = "";
  EXPECT_EQ(query_action(*form_of(request)), "");
}

constexpr std::string_view kEnvelope = R"( xmlns="http://queue.amazonaws.com/doc/2012-11-05/">)";

TEST(QueryProtocol, XmlResults) {
  EXPECT_EQ(xml_response("DeleteQueue", Node(Node::Object()), "r").body,
            "<?xml version=\"1.0\"?><DeleteQueueResponse" + std::string(kEnvelope) +
                "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></DeleteQueueResponse>");
  const auto result = parse_json(R"({"Messages":[{"MessageId":"1","Body":"<&>\"\r\n","Attributes":{"SenderId":"s"},)"
                                 R"("MessageAttributes":{"n":{"StringValue":"v","DataType":"String"}}}]})");
  ASSERT_TRUE(result);
  EXPECT_EQ(xml_response("ReceiveMessage", *result, "r").body,
            "<?xml version=\"1.0\"?><ReceiveMessageResponse" + std::string(kEnvelope) +
                "<ReceiveMessageResult><Message><MessageId>1</MessageId><Body>&lt;&amp;&gt;&quot;&#13;\n</Body>"
                "<Attribute><Name>SenderId</Name><Value>s</Value></Attribute><MessageAttribute><Name>n</Name><Value>"
                "<StringValue>v</StringValue><DataType>String</DataType></Value></MessageAttribute></Message>"
                "</ReceiveMessageResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>"
                "</ReceiveMessageResponse>");
}

TEST(QueryProtocol, XmlOfATextThatXmlCannotCarry) {
  Node node;
  node.add("Body", std::string("a\x01\xff<b\xef\xbf\xbe"));
  EXPECT_NE(xml_response("X", node, "r")
                .body.find("<Body>a\xef\xbf\xbd\xef\xbf\xbd&lt;b\xef\xbf\xbd\xef\xbf\xbd"
                           "\xef\xbf\xbd</Body>"),
            std::string::npos);
}

TEST(QueryProtocol, XmlBatchEntriesAreNamedAfterTheAction) {
  const auto result = parse_json(R"({"Successful":[{"Id":"a"}],"Failed":[{"Id":"b","SenderFault":true}]})");
  ASSERT_TRUE(result);
  const std::string body = xml_response("DeleteMessageBatch", *result, "r").body;
  EXPECT_NE(body.find("<DeleteMessageBatchResultEntry><Id>a</Id></DeleteMessageBatchResultEntry>"), std::string::npos)
      << body;
  EXPECT_NE(body.find("<BatchResultErrorEntry><Id>b</Id><SenderFault>true</SenderFault></BatchResultErrorEntry>"),
            std::string::npos)
      << body;
}

TEST(QueryProtocol, XmlError) {
  const http::Response response = xml_error({503, "type", "Code", false, "a < b"}, "r");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(http::header(response.headers, "content-type"), "text/xml");
  EXPECT_EQ(response.body, "<?xml version=\"1.0\"?><ErrorResponse" + std::string(kEnvelope) +
                               "<Error><Type>Receiver</Type><Code>Code</Code><Message>a &lt; b</Message><Detail/>"
                               "</Error><RequestId>r</RequestId></ErrorResponse>");
}

}  // namespace
}  // namespace facepipe::serve::sqs
