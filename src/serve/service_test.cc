#include "serve/service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace facepipe::serve {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Story = std::vector<std::string>;

class ToldService final : public Service {
 public:
  ToldService(std::string name, Story& story, Status outcome)
      : name_(std::move(name)), story_(story), outcome_(std::move(outcome)) {}
  ~ToldService() override { story_.push_back("~" + name_); }
  Status start() override {
    story_.push_back("start " + name_);
    return outcome_;
  }
  void request_stop() override { story_.push_back("request " + name_); }
  void stop(const StopClock& clock) override {
    left = clock.left();
    story_.push_back("stop " + name_);
  }
  std::chrono::milliseconds left{-1};

 private:
  const std::string name_;
  Story& story_;
  const Status outcome_;
};

struct ServiceListTest : ::testing::Test {
  ToldService& add(const std::string& name, Status outcome = {}) {
    return list->add(std::make_unique<ToldService>(name, story, std::move(outcome)));
  }
  Story story;
  std::unique_ptr<ServiceList> list = std::make_unique<ServiceList>();
};

TEST_F(ServiceListTest, StopsInReverseOnce) {
  add("a");
  const ToldService& b = add("b");
  ASSERT_TRUE(list->start());
  list->stop(std::chrono::milliseconds(60'000));
  EXPECT_GT(b.left.count(), 0);
  EXPECT_LE(b.left.count(), 60'000);
  list->stop(std::chrono::milliseconds(0));
  list.reset();
  EXPECT_THAT(story, ElementsAre("start a", "start b", "request b", "request a", "stop b", "stop a", "~b", "~a"));
}

TEST_F(ServiceListTest, WhatFailedToStartIsStoppedAndWhatComesAfterItIsNot) {
  add("a");
  add("b", Error{ErrorCode::kUnavailable, "port 1 is taken"});
  add("c");
  const Status started = list->start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().message, "port 1 is taken");
  list.reset();
  EXPECT_THAT(story, ElementsAre("start a", "start b", "request b", "request a", "stop b", "stop a", "~c", "~b", "~a"));
}

TEST_F(ServiceListTest, WithoutAStartNothingIsStopped) {
  add("a");
  list->stop(std::chrono::milliseconds(0));
  EXPECT_THAT(story, IsEmpty());
}

}  // namespace
}  // namespace facepipe::serve
