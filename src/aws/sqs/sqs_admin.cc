// Tested by sqs_admin_test.cc and, against a real server, by tests/e2e/test_queue.py
#include "aws/sqs/sqs_admin.h"

#include "base/json_reader.h"
#include "base/json_writer.h"

namespace facepipe::aws {
namespace {

constexpr std::int64_t kPage = 1'000;   // the API's largest
constexpr std::size_t kMaxPages = 100;  // an endpoint that pages for ever must end somewhere

// The answer to a call of the API, an object.
Result<JsonDocument> ask(SqsQueue& endpoint, std::string_view action, JsonWriter body) {
  FACEPIPE_ASSIGN(const std::string answer, endpoint.call(action, std::move(body).text()));
  return JsonDocument::parse_object(answer, {.context = action});
}

}  // namespace

Result<std::vector<std::string>> list_queue_urls(SqsQueue& endpoint) {
  std::vector<std::string> urls;
  std::string token;
  for (std::size_t page = 0; page < kMaxPages; ++page) {
    JsonWriter body;
    body.begin_object().key("MaxResults").integer(kPage);
    if (!token.empty()) {
      body.key("NextToken").string(token);
    }
    body.end_object();
    FACEPIPE_ASSIGN(const JsonDocument answer, ask(endpoint, "ListQueues", std::move(body)));
    if (const JsonValue found = answer["QueueUrls"]) {  // absent: none
      FACEPIPE_TRY(found.each_item([&urls](const JsonValue& url) -> Status {
        FACEPIPE_ASSIGN(const std::string_view text, url.string());
        urls.emplace_back(text);
        return {};
      }));
    }
    token = answer["NextToken"].as_string().value_or(std::string_view());
    if (token.empty()) {
      return urls;
    }
  }
  return Error{ErrorCode::kTooLarge, "ListQueues: expected at most 100 pages of 1,000 queues, got more"};
}

Result<std::map<std::string, std::string>> queue_attributes(SqsQueue& endpoint, const std::string& queue_url) {
  JsonWriter body;
  body.begin_object().key("QueueUrl").string(queue_url).key("AttributeNames");
  body.begin_array().string("All").end_array().end_object();
  FACEPIPE_ASSIGN(const JsonDocument answer, ask(endpoint, "GetQueueAttributes", std::move(body)));
  std::map<std::string, std::string> attributes;
  if (const JsonValue found = answer["Attributes"]) {
    FACEPIPE_TRY(found.each_field([&attributes](std::string_view name, const JsonValue& value) -> Status {
      FACEPIPE_ASSIGN(const std::string_view text, value.string());
      attributes.insert_or_assign(std::string(name), std::string(text));
      return {};
    }));
  }
  return attributes;
}

Status purge_queue(SqsQueue& endpoint, const std::string& queue_url) {
  JsonWriter body;
  body.begin_object().key("QueueUrl").string(queue_url).end_object();
  FACEPIPE_TRY(endpoint.call("PurgeQueue", std::move(body).text()));
  return {};
}

}  // namespace facepipe::aws
