#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/log.h"

namespace facepipe {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::chrono::seconds kLogPatience{30};

class LogWriterTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::signal(SIGPIPE, SIG_IGN);
    ASSERT_EQ(::pipe(ends_.data()), 0);
  }
  void TearDown() override {
    close_reader();
    ::close(ends_[1]);
  }
  void close_reader() {
    if (ends_[0] >= 0) {
      ::close(ends_[0]);
      ends_[0] = -1;
    }
  }
  // Fills the pipe, so that the next write blocks; returns how many bytes that took.
  [[nodiscard]] std::size_t fill() const {
    ::fcntl(ends_[1], F_SETFL, O_NONBLOCK);
    std::size_t filled = 0;
    while (::write(ends_[1], "#", 1) == 1) {
      ++filled;
    }
    ::fcntl(ends_[1], F_SETFL, 0);
    return filled;
  }
  // What comes until `end` has come, for kLogPatience at most.
  [[nodiscard]] std::string read_until(std::string_view end) const {
    std::string text;
    std::array<char, 4096> part{};
    ::fcntl(ends_[0], F_SETFL, O_NONBLOCK);
    const auto deadline = steady_clock::now() + kLogPatience;
    while (text.find(end) == std::string::npos && steady_clock::now() < deadline) {
      const ssize_t count = ::read(ends_[0], part.data(), part.size());
      if (count > 0) {
        text.append(part.data(), static_cast<std::size_t>(count));
      } else {
        ::usleep(1'000);
      }
    }
    return text;
  }
  [[nodiscard]] std::unique_ptr<LogWriter> start(std::size_t queue_bytes = LogWriter::kQueueBytes) const {
    auto writer = LogWriter::start(ends_[1], queue_bytes);
    EXPECT_TRUE(writer);
    return *std::move(writer);
  }
  std::array<int, 2> ends_{-1, -1};
};

TEST_F(LogWriterTest, LinesComeOutInOrderAndBeforeTheEnd) {
  std::string expected;
  {
    const auto writer = start();
    const Logger::Sink sink = writer->sink();
    for (int i = 0; i < 200; ++i) {
      sink("line " + std::to_string(i));
      expected += "line " + std::to_string(i) + "\n";
    }
    EXPECT_TRUE(writer->flush(kLogPatience));
    writer->write("last");
  }
  EXPECT_EQ(read_until("last\n"), expected + "last\n");
}

TEST_F(LogWriterTest, NobodyWaitsForAFullPipeAndDropsAreSaidInTheirPlace) {
  const std::size_t filled = fill();
  const auto writer = start(10'000);
  const auto begin = steady_clock::now();
  constexpr int kLines = 1'000;
  for (int i = 0; i < kLines; ++i) {
    writer->write("line " + std::to_string(i) + std::string(90, '.'));
  }
  EXPECT_FALSE(writer->flush(milliseconds(20)));
  EXPECT_LT(steady_clock::now() - begin, kLogPatience) << "a write would have waited for ever";
  const std::string text = read_until("log_dropped").substr(filled);
  writer->write("after");
  const std::string rest = read_until("after\n");
  const std::string all = text + rest;
  // The first ones in order, then the notice with the number of the others, then what came later.
  int kept = 0;
  while (all.find("line " + std::to_string(kept) + ".") != std::string::npos) {
    ++kept;
  }
  EXPECT_GT(kept, 50);
  EXPECT_LT(kept, 150);
  const std::size_t notice =
      all.find(R"("level":"warning","event":"log_dropped","lines":)" + std::to_string(kLines - kept) + "}\n");
  ASSERT_NE(notice, std::string::npos) << all;
  EXPECT_LT(all.find("line " + std::to_string(kept - 1) + "."), notice);
  EXPECT_LT(notice, all.find("after\n"));
  EXPECT_EQ(all.find("log_dropped"), all.rfind("log_dropped"));
}

TEST_F(LogWriterTest, TheEndDoesNotWaitForAFullPipe) {
  (void)fill();
  auto writer = start();
  writer->write("never read");
  const auto begin = steady_clock::now();
  writer->close(milliseconds(100));
  EXPECT_GE(steady_clock::now() - begin, milliseconds(100));
  writer->write("after the end");  // dropped
  writer.reset();
  EXPECT_LT(steady_clock::now() - begin, kLogPatience) << "either would have waited for ever";
  EXPECT_NE(read_until("never read\n").find("never read\n"), std::string::npos);  // lets the thread go
}

TEST_F(LogWriterTest, ALogThatNobodyReadsAnyMoreIsNoEndAndNoLoop) {
  close_reader();
  const auto writer = start();
  writer->write("lost");
  EXPECT_TRUE(writer->flush(kLogPatience));  // dropped, which is not waited for
  const auto begin = steady_clock::now();
  writer->close(2 * kLogPatience);
  EXPECT_LT(steady_clock::now() - begin, kLogPatience);
}

TEST_F(LogWriterTest, ANonBlockingDescriptorLosesNothing) {
  const std::size_t filled = fill();
  ::fcntl(ends_[1], F_SETFL, O_NONBLOCK);
  const auto writer = start();
  writer->write("waits");
  EXPECT_FALSE(writer->flush(milliseconds(50)));
  EXPECT_EQ(read_until("waits\n").substr(filled), "waits\n");
}

TEST(LogWriterDeathTest, AFailedCheckComesAfterWhatWasLoggedBefore) {
  EXPECT_DEATH(
      {
        auto writer = LogWriter::start(STDERR_FILENO);
        for (int i = 0; i < 500; ++i) {
          (*writer)->write("before");
        }
        (*writer)->write("the last line");
        FACEPIPE_CHECK(1 > 2);
      },
      "the last line\n.*check failed");
}

}  // namespace
}  // namespace facepipe
