// For tests: an SqsApi over a store in a folder of its own, called without a network.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <utility>

#include "base/temporary_folder.h"
#include "queue/store/queue_store.h"
#include "serve/sqs/protocol.h"
#include "serve/sqs/sqs_api.h"

namespace facepipe::serve {

class SqsFixture : public ::testing::Test {
 protected:
  using Node = sqs::Node;

  SqsFixture() {
    auto opened = queue::QueueStore::open(folder_ / "queues.db", {});
    EXPECT_TRUE(opened) << opened.error().message;
    store_ = *std::move(opened);
    api_ = std::make_unique<SqsApi>(*store_, SqsApi::Options{});
  }

  static std::string url(const std::string& queue) { return "http://sqs.test:9324/000000000000/" + queue; }

  std::future<http::Response> start(http::Request request) {
    auto promise = std::make_shared<std::promise<http::Response>>();
    std::future<http::Response> answer = promise->get_future();
    request.headers.emplace_back("host", "sqs.test:9324");
    api_->handle(std::move(request),
                 http::Responder([promise](http::Response response) { promise->set_value(std::move(response)); }));
    return answer;
  }

  static http::Response wait(std::future<http::Response> answer) {
    if (answer.wait_for(std::chrono::minutes(1)) != std::future_status::ready) {
      ADD_FAILURE() << "no answer within a minute";
      return {};
    }
    return answer.get();
  }

  static http::Request json_request(const std::string& action, std::string body) {
    http::Request request;
    request.method = "POST";
    request.headers = {{"content-type", "application/x-amz-json-1.0"}, {"x-amz-target", "AmazonSQS." + action}};
    request.body = std::move(body);
    return request;
  }

  http::Response json(const std::string& action, std::string body) {
    return wait(start(json_request(action, std::move(body))));
  }

  // The result of a call that must succeed.
  Node ok(const std::string& action, std::string body) {
    const http::Response response = json(action, std::move(body));
    EXPECT_EQ(response.status, 200) << action << ": " << response.body;
    auto parsed = sqs::parse_json(response.body);
    EXPECT_TRUE(parsed) << response.body;
    return parsed ? *std::move(parsed) : Node();
  }

  // "status __type | x-amzn-query-error" of a call that must fail.
  std::string failure(const std::string& action, std::string body) {
    const http::Response response = json(action, std::move(body));
    const auto parsed = sqs::parse_json(response.body);
    const auto type = parsed ? sqs::required_text(*parsed, "__type") : Result<std::string>(parsed.error());
    return std::to_string(response.status) + " " + (type ? *type : "no type: " + response.body) + " | " +
           std::string(http::header(response.headers, "x-amzn-query-error"));
  }

  http::Response form(std::string body, std::string target = "/") {
    http::Request request;
    request.method = "POST";
    request.target = std::move(target);
    request.headers = {{"content-type", "application/x-www-form-urlencoded"}};
    request.body = std::move(body);
    return wait(start(std::move(request)));
  }

  void create(const std::string& name, const std::string& attributes = "{}") {
    ok("CreateQueue", R"({"QueueName":")" + name + R"(","Attributes":)" + attributes + "}");
  }
  std::string send(const std::string& queue, const std::string& body, const std::string& more = "") {
    return text(ok("SendMessage", R"({"QueueUrl":")" + url(queue) + R"(","MessageBody":")" + body + "\"" + more + "}"),
                "MessageId");
  }
  // The messages of a receive without a wait.
  Node::List receive(const std::string& queue, const std::string& more = "") {
    const Node result = ok("ReceiveMessage", R"({"QueueUrl":")" + url(queue) + "\"" + more + "}");
    const Node* messages = result.find("Messages");
    return messages == nullptr ? Node::List() : *messages->list();
  }
  // A text below `node` along member names; "(none)" if there is none.
  template <typename... Names>
  static std::string text(const Node& node, const std::string& name, const Names&... rest) {
    const Node* found = node.find(name);
    if (found == nullptr) {
      return "(none)";
    }
    if constexpr (sizeof...(rest) == 0) {
      return found->text() == nullptr ? "(no text)" : *found->text();
    } else {
      return text(*found, rest...);
    }
  }

  const TemporaryFolder folder_;
  std::unique_ptr<queue::QueueStore> store_;
  std::unique_ptr<SqsApi> api_;
};

}  // namespace facepipe::serve
