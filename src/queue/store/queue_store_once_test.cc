// What is stored whole, once within its window.
#include <gmock/gmock.h>

#include "queue/store/test_store.h"

namespace facepipe::queue {
namespace {

using ::testing::ElementsAre;

class QueueStoreOnce : public StoreFixture {
 protected:
  QueueStoreOnce() { create("faces"); }
  Result<StoredOnce> store_once(const std::string& key, const std::vector<OutgoingMessage>& messages) {
    return store_->send_once("faces", {key, Seconds(300), static_cast<int>(messages.size())}, messages);
  }
  Result<int> send_once(const std::string& key, const std::vector<OutgoingMessage>& messages) {
    FACEPIPE_ASSIGN(const StoredOnce stored, store_once(key, messages));
    return stored.value;
  }
};

TEST_F(QueueStoreOnce, IsStoredOnceWithinItsWindow) {
  EXPECT_EQ(store_->find_once("f").value(), std::nullopt);
  EXPECT_FALSE(store_once("f", {message("a"), message("b")}).value().earlier);
  EXPECT_EQ(store_->find_once("f").value(), 2);
  EXPECT_TRUE(store_once("f", {message("c")}).value().earlier);
  EXPECT_EQ(send_once("f", {message("c")}).value(), 2) << "the value of the one that was stored first";
  EXPECT_EQ(statistics("faces").visible, 2);
  clock_.advance(Seconds(301));
  EXPECT_EQ(store_->find_once("f").value(), std::nullopt);
  EXPECT_EQ(send_once("f", {message("d")}).value(), 1);
  EXPECT_EQ(statistics("faces").visible, 3);
}

TEST_F(QueueStoreOnce, IsKnownAfterARestart) {
  EXPECT_TRUE(send_once("f", {message("a")}));
  reopen();
  EXPECT_EQ(store_->find_once("f").value(), 1);
}

TEST_F(QueueStoreOnce, WhatSomebodyTookAwayIsStoredWhenItComesAgain) {
  EXPECT_TRUE(send_once("f", {message("a")}));
  ASSERT_TRUE(store_->purge("faces"));
  EXPECT_FALSE(store_once("f", {message("a")}).value().earlier);
  EXPECT_EQ(statistics("faces").visible, 1);
  ASSERT_TRUE(store_->delete_queue("faces"));
  create("faces");
  EXPECT_FALSE(store_once("f", {message("a")}).value().earlier);
  EXPECT_EQ(statistics("faces").visible, 1);
}

TEST_F(QueueStoreOnce, OfMoreThanTenMessagesIsOneTransaction) {
  std::vector<OutgoingMessage> messages;
  for (int i = 0; i < 37; ++i) {
    messages.push_back(message(std::string(100'000, 'x')));
  }
  EXPECT_EQ(send_once("f", messages).value(), 37);
  EXPECT_EQ(statistics("faces").visible, 37);
}

TEST_F(QueueStoreOnce, IsStoredWholeOrNotAtAll) {
  max_file_bytes_ = 1 << 20;
  reopen();
  std::vector<OutgoingMessage> messages(20, message(std::string(100'000, 'x')));
  const auto sent = send_once("f", messages);
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, ErrorCode::kExhausted);
  EXPECT_EQ(statistics("faces").visible, 0);
  EXPECT_EQ(store_->find_once("f").value(), std::nullopt);
  EXPECT_TRUE(send_once("f", {message("small")})) << "it may come again";
}

TEST_F(QueueStoreOnce, WithABadMessageIsRefusedWhole) {
  const auto sent = send_once("f", {message("good"), message("")});
  EXPECT_EQ(kind(sent), QueueErrorKind::kMissingParameter);
  EXPECT_EQ(statistics("faces").visible, 0);
  EXPECT_EQ(kind(store_->send_once("absent", {"f", Seconds(1), 1}, {})), QueueErrorKind::kQueueDoesNotExist);
}

TEST_F(QueueStoreOnce, HealthTellsAFullStoreAndItsRecovery) {
  max_file_bytes_ = 3 << 20;
  reopen();
  EXPECT_TRUE(store_->health());
  const std::vector<OutgoingMessage> messages(10, message(std::string(1 << 20, 'x')));
  ASSERT_FALSE(send_once("f", messages));
  const Status full = store_->health();
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, ErrorCode::kExhausted);
  clock_.advance(Seconds(2));
  (void)statistics("faces");  // an operation: the trial write comes after it
  (void)statistics("faces");  // returns after that
  EXPECT_TRUE(store_->health()) << "a message of the largest size fits";
  EXPECT_FALSE(send("absent", message("m")));
  EXPECT_TRUE(store_->health()) << "a caller's mistake is no trouble of the store";
}

}  // namespace
}  // namespace facepipe::queue
