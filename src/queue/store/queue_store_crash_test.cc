// A process that is killed in the middle of sending: every acknowledged message is there afterwards.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>
#include <thread>

#include "queue/store/test_store.h"
#include "sqlite/test_killed_writer.h"

namespace facepipe::queue {
namespace {

using Id = std::array<char, 36>;  // of a message
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
      Id id{};
      std::ranges::copy(sent->front()->message_id, id.begin());
      sqlite::say(pipe, id);
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

TEST(QueueStoreCrash, AcknowledgedMessagesSurviveAKill) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "queues.db";
  std::set<std::string> acknowledged;
  for (const std::size_t kill_after : {1U, 40U, 111U}) {
    for (const Id& id : sqlite::said_until_killed<Id>(kill_after, [&](int pipe) { send_for_ever(file, pipe); })) {
      acknowledged.emplace(id.data(), id.size());
    }
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
