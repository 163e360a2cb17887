// A process that is killed in the middle of sending: every acknowledged message is there afterwards.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <set>
#include <thread>

#include "queue/store/test_store.h"

namespace facepipe::queue {
namespace {

constexpr std::size_t kIdLength = 36;
constexpr int kSenders = 4;

// The child: sends until it is killed, and writes the id of each acknowledged message into the pipe.
[[noreturn]] void send_for_ever(const std::filesystem::path& file, int pipe) {
  auto opened = QueueStore::open(file, {});
  if (!opened || !(*opened)->create_queue("q", {})) {
    ::_exit(1);
  }
  const auto send = [&] {
    const OutgoingMessage message{std::string(3'000, 'x'), {}, {}, {}, {}, {}};
    while (true) {
      const auto sent = (*opened)->send_batch("q", std::span(&message, 1));
      if (!sent || !sent->front()) {
        ::_exit(2);
      }
      // One write of less than PIPE_BUF is whole or absent.
      if (::write(pipe, sent->front()->message_id.data(), kIdLength) != static_cast<ssize_t>(kIdLength)) {
        ::_exit(3);
      }
    }
  };
  std::vector<std::thread> senders;
  for (int i = 0; i < kSenders; ++i) {
    senders.emplace_back(send);
  }
  while (true) {
    ::pause();
  }
}

std::set<std::string> acknowledged_until_killed(const std::filesystem::path& file, std::size_t kill_after) {
  std::array<int, 2> pipe{};
  EXPECT_EQ(::pipe(pipe.data()), 0);
  const pid_t child = ::fork();
  EXPECT_GE(child, 0);
  if (child == 0) {
    ::close(pipe[0]);
    send_for_ever(file, pipe[1]);
  }
  ::close(pipe[1]);
  std::set<std::string> acknowledged;
  std::array<char, kIdLength> id{};
  bool killed = false;
  while (::read(pipe[0], id.data(), id.size()) == static_cast<ssize_t>(id.size())) {
    acknowledged.emplace(id.data(), id.size());
    if (!killed && acknowledged.size() >= kill_after) {
      killed = ::kill(child, SIGKILL) == 0;
    }
  }
  ::close(pipe[0]);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "the child ended by itself: " << status;
  return acknowledged;
}

TEST(QueueStoreCrash, AcknowledgedMessagesSurviveAKill) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "queues.db";
  std::set<std::string> acknowledged;
  for (const std::size_t kill_after : {1U, 40U, 111U}) {
    acknowledged.merge(acknowledged_until_killed(file, kill_after));
    auto store = QueueStore::open(file, {});
    ASSERT_TRUE(store) << store.error().message;
  }
  auto store = QueueStore::open(file, {});
  ASSERT_TRUE(store) << store.error().message;
  std::set<std::string> found;
  ReceiveOptions options;
  options.max_messages = 10;
  options.visibility_timeout = std::chrono::seconds(600);
  while (true) {
    const auto received = (*store)->receive_now("q", options);
    ASSERT_TRUE(received);
    if (received->empty()) {
      break;
    }
    for (const ReceivedMessage& message : *received) {
      EXPECT_TRUE(found.insert(message.message_id).second) << "delivered twice";
      EXPECT_EQ(message.body.size(), 3'000U);
    }
  }
  EXPECT_GE(acknowledged.size(), 152U);
  for (const std::string& id : acknowledged) {
    EXPECT_TRUE(found.contains(id)) << id;
  }
}

}  // namespace
}  // namespace facepipe::queue
