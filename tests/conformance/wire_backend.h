// An SQS endpoint as a backend of the conformance suite: queues are made over the wire and used through aws::SqsQueue,
// opened as the programs open theirs (aws/access/open_queue.h).
#pragma once

#include <gtest/gtest.h>
#include <simdjson.h>
#include <unistd.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "aws/credentials/default_credentials.h"
#include "aws/credentials/open_queue.h"
#include "aws/signing/sigv4.h"
#include "base/json_writer.h"
#include "message_queue_suite.h"

namespace facepipe::conformance {

class WireBackend final : public QueueBackend {
 public:
  // `environment` has what opening a queue needs; `differences` are the server's.
  WireBackend(std::string endpoint, Environment environment, std::set<Difference> differences)
      : endpoint_(std::move(endpoint)), environment_(std::move(environment)), differences_(std::move(differences)) {
    static int count = 0;
    prefix_ = "c" + std::to_string(::getpid()) + "-" + std::to_string(++count) + "-";
  }

  std::unique_ptr<MessageQueue> create(const std::string& name, const queue::QueueAttributes& attributes) override {
    const auto url = make_queue(prefix_ + name, attributes);
    EXPECT_TRUE(url) << (url ? "" : url.error().message);
    if (!url) {
      return nullptr;
    }
    urls_[name] = *url;
    aws::QueueOptions options;
    options.environment = environment_;
    options.endpoint = endpoint_;
    auto opened = aws::open_queue(*url, std::move(options));
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().message);
    if (!opened) {
      return nullptr;
    }
    kept_.push_back({std::move(opened->credentials), std::move(opened->signer), nullptr});
    return std::move(opened->queue);
  }
  [[nodiscard]] std::set<Difference> differences() const override { return differences_; }

 private:
  // The ARN of a queue of this backend: its URL ends in account and name.
  [[nodiscard]] std::string arn(const std::string& name) const {
    const std::string& url = urls_.at(name);
    const std::size_t last = url.rfind('/');
    const std::size_t before = url.rfind('/', last - 1);
    return "arn:aws:sqs:us-east-1:" + url.substr(before + 1, last - before - 1) + ":" + url.substr(last + 1);
  }

  [[nodiscard]] std::string create_body(const std::string& name, const queue::QueueAttributes& attributes) const {
    JsonWriter json;
    json.begin_object().key("QueueName").string(name).key("Attributes").begin_object();
    json.key("MaximumMessageSize").string(std::to_string(attributes.maximum_message_bytes));
    if (attributes.fifo) {
      json.key("FifoQueue").string("true");
      json.key("ContentBasedDeduplication").string(attributes.content_based_deduplication ? "true" : "false");
    }
    if (!attributes.dead_letter_queue.empty()) {
      JsonWriter policy;
      policy.begin_object().key("deadLetterTargetArn").string(arn(attributes.dead_letter_queue));
      policy.key("maxReceiveCount").string(std::to_string(attributes.max_receive_count)).end_object();
      json.key("RedrivePolicy").string(std::move(policy).text());
    }
    json.end_object().end_object();
    return std::move(json).text();
  }

  // The new queue's URL.
  [[nodiscard]] Result<std::string> make_queue(const std::string& name, const queue::QueueAttributes& attributes) {
    FACEPIPE_ASSIGN(const http::Url origin, http::parse_url(endpoint_));
    http::Request request;
    request.method = "POST";
    request.headers = {{"content-type", "application/x-amz-json-1.0"}, {"x-amz-target", "AmazonSQS.CreateQueue"}};
    request.body = create_body(name, attributes);
    const auto provider =
        aws::make_default_credentials({.environment = environment_, .region = "", .instance_metadata = false});
    if (const auto credentials = provider->get()) {
      aws::sign_v4(request, origin, {"us-east-1", "sqs"}, *credentials, system_clock().now());
    } else if (credentials.error().code != ErrorCode::kNotFound) {
      return credentials.error();
    }
    FACEPIPE_ASSIGN(const http::Response response, http::Client(origin, {}).send(request));
    simdjson::dom::parser parser;
    std::string_view url;
    if (response.status != 200 || parser.parse(response.body)["QueueUrl"].get(url) != simdjson::SUCCESS) {
      return Error{ErrorCode::kInvalidData, "CreateQueue: " + std::to_string(response.status) + " " + response.body};
    }
    return std::string(url);
  }

  std::string endpoint_;
  Environment environment_;
  std::set<Difference> differences_;
  std::string prefix_;                       // of queue names: no test meets another's queues
  std::map<std::string, std::string> urls_;  // by the suite's name
  std::vector<aws::OpenedQueue> kept_;       // what the queues look at
};

}  // namespace facepipe::conformance
