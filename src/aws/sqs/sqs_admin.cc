// Tested by sqs_admin_test.cc and, against a real server, by tests/e2e/test_queue.py
#include "aws/sqs/sqs_admin.h"

#include <simdjson.h>

#include <utility>

#include "base/json_writer.h"

namespace facepipe::aws {
namespace {

constexpr std::int64_t kPage = 1'000;   // the API's largest
constexpr std::size_t kMaxPages = 100;  // an endpoint that pages for ever must end somewhere

Result<simdjson::dom::element> parse(simdjson::dom::parser& parser, const std::string& json, std::string_view action) {
  simdjson::dom::element root;
  if (parser.parse(json).get(root) != simdjson::SUCCESS || !root.is_object()) {
    return Error{ErrorCode::kInvalidData, std::string(action) + ": expected a JSON object"};
  }
  return root;
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
    FACEPIPE_ASSIGN(const std::string answer, endpoint.call("ListQueues", std::move(body).text()));
    simdjson::dom::parser parser;
    FACEPIPE_ASSIGN(const simdjson::dom::element root, parse(parser, answer, "ListQueues"));
    simdjson::dom::array found;
    if (root["QueueUrls"].get_array().get(found) == simdjson::SUCCESS) {  // absent: none
      for (const simdjson::dom::element url : found) {
        std::string_view text;
        if (url.get_string().get(text) == simdjson::SUCCESS) {
          urls.emplace_back(text);
        }
      }
    }
    std::string_view next;
    if (root["NextToken"].get_string().get(next) != simdjson::SUCCESS || next.empty()) {
      return urls;
    }
    token = next;
  }
  return Error{ErrorCode::kTooLarge, "ListQueues: expected at most 100 pages of 1,000 queues, got more"};
}

Result<std::map<std::string, std::string>> queue_attributes(SqsQueue& endpoint, const std::string& queue_url) {
  JsonWriter body;
  body.begin_object().key("QueueUrl").string(queue_url).key("AttributeNames");
  body.begin_array().string("All").end_array().end_object();
  FACEPIPE_ASSIGN(const std::string answer, endpoint.call("GetQueueAttributes", std::move(body).text()));
  simdjson::dom::parser parser;
  FACEPIPE_ASSIGN(const simdjson::dom::element root, parse(parser, answer, "GetQueueAttributes"));
  std::map<std::string, std::string> attributes;
  simdjson::dom::object found;
  if (root["Attributes"].get_object().get(found) == simdjson::SUCCESS) {
    for (const auto& [name, value] : found) {
      std::string_view text;
      if (value.get_string().get(text) == simdjson::SUCCESS) {
        attributes.emplace(std::string(name), std::string(text));
      }
    }
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
