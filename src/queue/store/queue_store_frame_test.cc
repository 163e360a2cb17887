// Frames that are stored whole, once within their window.
#include <gmock/gmock.h>

#include "queue/store/test_store.h"

namespace facepipe::queue {
namespace {

using ::testing::ElementsAre;

class QueueStoreFrame : public StoreFixture {
 protected:
  QueueStoreFrame() { create("faces"); }
  Result<int> send_frame(const std::string& key, std::vector<OutgoingMessage> messages) {
    const int faces = static_cast<int>(messages.size());
    return store_->send_frame({key, Seconds(300), "faces", std::move(messages), faces});
  }
};

TEST_F(QueueStoreFrame, IsStoredOnceWithinItsWindow) {
  EXPECT_EQ(store_->find_frame("f").value(), std::nullopt);
  EXPECT_EQ(send_frame("f", {message("a"), message("b")}).value(), 2);
  EXPECT_EQ(store_->find_frame("f").value(), 2);
  EXPECT_EQ(send_frame("f", {message("c")}).value(), 2) << "the count of the one that was stored first";
  EXPECT_EQ(statistics("faces").visible, 2);
  clock_.advance(Seconds(301));
  EXPECT_EQ(store_->find_frame("f").value(), std::nullopt);
  EXPECT_EQ(send_frame("f", {message("d")}).value(), 1);
  EXPECT_EQ(statistics("faces").visible, 3);
}

TEST_F(QueueStoreFrame, IsKnownAfterARestart) {
  EXPECT_TRUE(send_frame("f", {message("a")}));
  reopen();
  EXPECT_EQ(store_->find_frame("f").value(), 1);
}

TEST_F(QueueStoreFrame, OfMoreThanTenFacesIsOneTransaction) {
  std::vector<OutgoingMessage> messages;
  for (int i = 0; i < 37; ++i) {
    messages.push_back(message(std::string(100'000, 'x')));
  }
  EXPECT_EQ(send_frame("f", messages).value(), 37);
  EXPECT_EQ(statistics("faces").visible, 37);
}

TEST_F(QueueStoreFrame, IsStoredWholeOrNotAtAll) {
  max_file_bytes_ = 1 << 20;
  reopen();
  std::vector<OutgoingMessage> messages(20, message(std::string(100'000, 'x')));
  const auto sent = send_frame("f", messages);
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, ErrorCode::kExhausted);
  EXPECT_EQ(statistics("faces").visible, 0);
  EXPECT_EQ(store_->find_frame("f").value(), std::nullopt);
  EXPECT_TRUE(send_frame("f", {message("small")})) << "it may come again";
}

TEST_F(QueueStoreFrame, WithABadMessageIsRefusedWhole) {
  const auto sent = send_frame("f", {message("good"), message("")});
  EXPECT_EQ(kind(sent), QueueErrorKind::kMissingParameter);
  EXPECT_EQ(statistics("faces").visible, 0);
  EXPECT_EQ(kind(store_->send_frame({"f", Seconds(1), "absent", {message("m")}, 1})),
            QueueErrorKind::kQueueDoesNotExist);
}

TEST_F(QueueStoreFrame, HealthTellsAFullStoreAndItsRecovery) {
  max_file_bytes_ = 3 << 20;
  reopen();
  EXPECT_TRUE(store_->health());
  const std::vector<OutgoingMessage> messages(10, message(std::string(1 << 20, 'x')));
  ASSERT_FALSE(send_frame("f", messages));
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
