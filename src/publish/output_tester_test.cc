#include "publish/output_tester.h"

#include <gtest/gtest.h>

#include <future>

#include "base/json_reader.h"

namespace facepipe::publish {
namespace {

// Keeps what it is sent, and waits where it is told to.
class Probe final : public Publisher {
 public:
  const std::string& name() const override { return name_; }
  Outcome send(const faces::Event& event) override {
    event_ = event;
    if (wait_.valid()) {
      begun_.set_value();
      wait_.wait();
    }
    return outcome_;
  }
  std::string name_ = "webhook http://127.0.0.1 #00000000";
  faces::Event event_;
  Outcome outcome_;
  std::shared_future<void> wait_;
  std::promise<void> begun_;
};

class OutputTesterTest : public ::testing::Test {
 protected:
  OutputTesterTest() {
    auto probe = std::make_unique<Probe>();
    probe_ = probe.get();
    tester_.emplace(std::move(probe), clock_);
  }
  ManualClock clock_{Clock::TimePoint(std::chrono::milliseconds(1'700'000'000'123))};
  Probe* probe_ = nullptr;
  std::optional<OutputTester> tester_;
};

TEST_F(OutputTesterTest, SendsATestAndTellsWhatBecameOfIt) {
  probe_->outcome_ = {.kind = Outcome::Kind::kAgain, .error = "HTTP status 500", .status = 500};
  const auto tested = tester_->test("Ann's token");
  ASSERT_TRUE(tested);
  EXPECT_EQ(tested->outcome.status, 500);
  EXPECT_EQ(tested->outcome.error, "HTTP status 500");
  EXPECT_EQ(probe_->event_.what.type, "test");
  EXPECT_EQ(probe_->event_.what.key, tested->key);
  EXPECT_EQ(tested->key.size(), 32U);
  EXPECT_EQ(probe_->event_.what.time, clock_.now());
  const auto data = JsonDocument::parse_object(probe_->event_.what.json, {});
  ASSERT_TRUE(data);
  EXPECT_EQ((*data)["output"].as_string(), probe_->name_);
  EXPECT_EQ((*data)["by"].as_string(), "Ann's token");
}

TEST_F(OutputTesterTest, NotTwiceAtOnce) {
  ASSERT_TRUE(tester_->test("a"));
  EXPECT_FALSE(tester_->test("a")) << "the last one was just now";
}

TEST_F(OutputTesterTest, NotWhileOneIsUnderWay) {
  std::promise<void> end;
  probe_->wait_ = end.get_future().share();
  auto first = std::async(std::launch::async, [&] { return tester_->test("a"); });
  probe_->begun_.get_future().wait();
  EXPECT_FALSE(tester_->test("b"));
  end.set_value();
  EXPECT_TRUE(first.get());
}

}  // namespace
}  // namespace facepipe::publish
