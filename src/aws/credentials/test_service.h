// For tests: an HTTP service on loopback that answers from a script and notes what it was asked.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/process.h"
#include "base/temporary_folder.h"
#include "http/server/server.h"

namespace facepipe::aws {

class FakeService {
 public:
  FakeService() : logger_(LogLevel::kError, stderr_sink()) {
    auto started = http::Server::start(
        {}, [this](http::Request request, http::Responder responder) { handle(std::move(request), responder); },
        logger_);
    EXPECT_TRUE(started) << started.error().message;
    server_ = *std::move(started);
  }

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }
  // Answers come in this order; past the last it is 599.
  FakeService& answer(int status, std::string body) {
    const std::lock_guard lock(mutex_);
    answers_.push_back({status, {}, std::move(body)});
    return *this;
  }
  [[nodiscard]] std::vector<http::Request> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void handle(http::Request request, http::Responder& responder) {
    const std::lock_guard lock(mutex_);
    requests_.push_back(std::move(request));
    http::Response response{599, {}, ""};
    if (!answers_.empty()) {
      response = std::move(answers_.front());
      answers_.pop_front();
    }
    responder(std::move(response));
  }

  mutable std::mutex mutex_;
  std::deque<http::Response> answers_;
  std::vector<http::Request> requests_;
  Logger logger_;
  std::unique_ptr<http::Server> server_;  // last: its threads use the others
};

// A folder that is HOME for as long as the test runs.
class HomeTest : public ::testing::Test {
 protected:
  HomeTest() { std::filesystem::create_directory(home_ / ".aws"); }

  // The path of a new file under HOME.
  [[nodiscard]] std::string write(const std::string& name, const std::string& content) const {
    std::ofstream(home_ / name) << content;
    return (home_ / name).string();
  }
  // An environment that looks at nothing of this machine.
  [[nodiscard]] Environment environment(Environment more = {}) const {
    more.emplace("HOME", home_.path().string());
    more.emplace("PATH", "/usr/bin:/bin");
    more.emplace("AWS_EC2_METADATA_DISABLED", "true");
    return more;
  }

  const TemporaryFolder home_;
};

inline std::string sts_answer(const std::string& action, const std::string& expiration) {
  return "<" + action + "Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  <" + action +
         "Result>\n    <Credentials>\n      <AccessKeyId>ASIAROLE</AccessKeyId>\n"
         "      <SecretAccessKey>role&amp;secret</SecretAccessKey>\n      <SessionToken>role-token==</SessionToken>\n"
         "      <Expiration>" +
         expiration + "</Expiration>\n    </Credentials>\n  </" + action + "Result>\n</" + action + "Response>";
}

inline std::string endpoint_json(const std::string& token_field = "Token") {
  return R"({"AccessKeyId":"ASIAJSON","SecretAccessKey":"json-secret",")" + token_field +
         R"(":"json-token","Expiration":"2030-01-01T00:00:00Z"})";
}

}  // namespace facepipe::aws
