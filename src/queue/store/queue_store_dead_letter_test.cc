// Why a message failed, how it gets to the dead-letter queue, and how it comes back.
#include <gmock/gmock.h>

#include "queue/store/message_rows.h"
#include "queue/store/test_store.h"

namespace facepipe::queue {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class QueueStoreDeadLetter : public StoreFixture {
 protected:
  QueueStoreDeadLetter() {
    create("dead");
    QueueAttributes attributes;
    attributes.dead_letter_queue = "dead";
    attributes.max_receive_count = 2;
    create("q", attributes);
  }
  // Receives and puts back until the message is dead.
  void kill(const std::string& reason) {
    for (int i = 0; i < 2; ++i) {
      const auto received = receive("q", 1);
      ASSERT_THAT(received, SizeIs(1));
      if (!reason.empty()) {
        ASSERT_TRUE(put_back("q", received.front().receipt_handle, Seconds(2), reason + std::to_string(i)));
      }
      clock_.advance(Seconds(31));
    }
    EXPECT_THAT(receive("q"), IsEmpty());
  }
};

TEST_F(QueueStoreDeadLetter, CarriesItsLastReasonAndItsReceiptsAsAttributes) {
  OutgoingMessage poison = message("poison");
  poison.attributes["own"] = {"String", "kept"};
  send_ok("q", poison);
  kill("invalid-data: try ");
  const auto letters = receive("dead");
  ASSERT_THAT(letters, SizeIs(1));
  const MessageAttributes expected = {{"own", {"String", "kept"}},
                                      {"facepipe.reason", {"String", "invalid-data: try 1"}},
                                      {"facepipe.receive_count", {"Number", "2"}}};
  EXPECT_EQ(letters.front().attributes, expected);
  EXPECT_EQ(letters.front().body, "poison");
  EXPECT_EQ(letters.front().dead_letter_source, "q");
}

TEST_F(QueueStoreDeadLetter, WithoutAReasonSaysSo) {
  send_ok("q", message("crashes its worker"));
  kill("");
  const auto letters = receive("dead");
  ASSERT_THAT(letters, SizeIs(1));
  EXPECT_THAT(letters.front().attributes.at("facepipe.reason").value, ::testing::StartsWith("unknown"));
}

TEST_F(QueueStoreDeadLetter, WithTenAttributesOfItsOwnKeepsThem) {
  OutgoingMessage poison = message("poison");
  for (int i = 0; i < 10; ++i) {
    poison.attributes["a" + std::to_string(i)] = {"String", "v"};
  }
  send_ok("q", poison);
  kill("why ");
  EXPECT_EQ(receive("dead").at(0).attributes, poison.attributes);
}

TEST_F(QueueStoreDeadLetter, PutBackHidesForAsLongAsItSays) {
  send_ok("q", message("m"));
  const auto received = receive("q");
  ASSERT_TRUE(put_back("q", received.at(0).receipt_handle, Seconds(5), "why"));
  clock_.advance(Seconds(4));
  EXPECT_THAT(receive("q"), IsEmpty());
  clock_.advance(Seconds(2));
  EXPECT_THAT(receive("q"), SizeIs(1));
  EXPECT_EQ(kind(put_back("q", received.at(0).receipt_handle, Seconds(5), "late")),
            QueueErrorKind::kMessageNotInflight);
  EXPECT_EQ(kind(put_back("q", "made up", Seconds(5), "why")), QueueErrorKind::kReceiptHandleIsInvalid);
}

TEST_F(QueueStoreDeadLetter, PeekShowsWithoutReceiving) {
  send_ok("q", message("first"));
  clock_.advance(Seconds(1));
  OutgoingMessage delayed = message("second");
  delayed.delay = Seconds(60);
  send_ok("q", delayed);
  (void)receive("q");
  for (int i = 0; i < 2; ++i) {
    const auto seen = store_->peek("q", 0, 10);
    ASSERT_TRUE(seen);
    ASSERT_THAT(*seen, SizeIs(2));
    EXPECT_EQ(seen->at(0).body, "first");
    EXPECT_EQ(seen->at(0).state, MessageState::kInFlight);
    EXPECT_EQ(seen->at(0).receive_count, 1);
    EXPECT_EQ(seen->at(1).state, MessageState::kDelayed);
  }
  EXPECT_EQ(store_->peek("q", 1, 1).value().at(0).body, "second");
  EXPECT_THAT(store_->peek("q", 2, 10).value(), IsEmpty());
  EXPECT_EQ(kind(store_->peek("q", 0, 0)), QueueErrorKind::kInvalidParameter);
  EXPECT_EQ(kind(store_->peek("absent", 0, 1)), QueueErrorKind::kQueueDoesNotExist);
}

TEST_F(QueueStoreDeadLetter, RedriveMovesBackInOrderAsIfNew) {
  for (const char* body : {"one", "two", "three"}) {
    send_ok("q", message(body));
  }
  for (int i = 0; i < 2; ++i) {
    for (const ReceivedMessage& received : receive("q")) {
      ASSERT_TRUE(put_back("q", received.receipt_handle, Seconds(1), "no memory"));
    }
    clock_.advance(Seconds(2));
  }
  EXPECT_THAT(receive("q"), IsEmpty());
  EXPECT_EQ(store_->redrive("dead", "", 2).value(), 2);
  const auto back = receive("q");
  EXPECT_THAT(bodies(back), ElementsAre("one", "two"));
  EXPECT_EQ(back.at(0).receive_count, 1);
  EXPECT_THAT(back.at(0).attributes, IsEmpty()) << "the reason is of the last life";
  EXPECT_EQ(back.at(0).dead_letter_source, "");
  EXPECT_EQ(store_->redrive("dead", "", 100).value(), 1);
  EXPECT_EQ(store_->redrive("dead", "", 100).value(), 0);
  EXPECT_EQ(statistics("dead").visible, 0);
}

TEST_F(QueueStoreDeadLetter, RedriveOfAnOldLetterDoesNotExpire) {
  QueueAttributes attributes;
  attributes.retention = Seconds(1'209'600);
  ASSERT_TRUE(store_->set_attributes("dead", attributes));
  send_ok("q", message("old"));
  kill("why ");
  clock_.advance(Seconds(5 * 86'400));  // past q's retention
  EXPECT_EQ(store_->redrive("dead", "", 1).value(), 1);
  EXPECT_THAT(bodies(receive("q")), ElementsAre("old"));
}

TEST_F(QueueStoreDeadLetter, RedriveNeedsAPlaceToGo) {
  send_ok("dead", message("sent here"));
  EXPECT_EQ(store_->redrive("dead", "", 10).value(), 0) << "it has no source";
  EXPECT_EQ(kind(store_->redrive("dead", "absent", 10)), QueueErrorKind::kQueueDoesNotExist);
  EXPECT_EQ(kind(store_->redrive("dead", "dead", 10)), QueueErrorKind::kInvalidParameter);
  EXPECT_EQ(kind(store_->redrive("absent", "q", 10)), QueueErrorKind::kQueueDoesNotExist);
  create("q.fifo", fifo_attributes());
  EXPECT_EQ(kind(store_->redrive("dead", "q.fifo", 10)), QueueErrorKind::kInvalidParameter);
  EXPECT_EQ(store_->redrive("dead", "q", 10).value(), 1);
  EXPECT_THAT(bodies(receive("q")), ElementsAre("sent here"));
}

TEST_F(QueueStoreDeadLetter, RedrivePassesOverWhatHasNowhereToGo) {
  send_ok("dead", message("sent here"));
  send_ok("dead", message("and here"));
  send_ok("q", message("m"));
  kill("why ");
  EXPECT_EQ(store_->redrive("dead", "", 1).value(), 1);
  EXPECT_THAT(bodies(receive("q")), ElementsAre("m"));
  EXPECT_EQ(statistics("dead").visible, 2);
}

TEST_F(QueueStoreDeadLetter, RedriveOnFifoQueuesKeepsTheGroupsOrder) {
  create("dead.fifo", fifo_attributes());
  QueueAttributes attributes = fifo_attributes();
  attributes.dead_letter_queue = "dead.fifo";
  attributes.max_receive_count = 1;
  create("q.fifo", attributes);
  send_ok("q.fifo", message("a", "g"));
  send_ok("q.fifo", message("b", "g"));
  EXPECT_THAT(receive("q.fifo"), SizeIs(2));
  clock_.advance(Seconds(31));
  EXPECT_THAT(receive("q.fifo"), IsEmpty());
  EXPECT_EQ(store_->redrive("dead.fifo", "", 10).value(), 2);
  EXPECT_THAT(bodies(receive("q.fifo")), ElementsAre("a", "b"));
}

// What serve's own workers receive; the store is closed under them, as by a kill.
class QueueStoreInterrupted : public QueueStoreDeadLetter {
 protected:
  std::vector<ReceivedMessage> hold(int at_most = 10) {
    ReceiveOptions options;
    options.max_messages = at_most;
    options.ends_with_process = true;
    auto received = store_->receive_now("q", options);
    EXPECT_TRUE(received);
    return received ? *std::move(received) : std::vector<ReceivedMessage>();
  }
};

TEST_F(QueueStoreInterrupted, IsThereAtOnceAndTheReceiptDoesNotCount) {
  send_ok("q", message("a"));
  send_ok("q", message("b"));
  ASSERT_THAT(hold(1), SizeIs(1));
  ASSERT_THAT(receive("q"), SizeIs(1)) << "over the SQS port: that client lives on";
  reopen();
  const auto again = receive("q");
  ASSERT_THAT(bodies(again), ElementsAre("a"));
  EXPECT_EQ(again.front().receive_count, 1);
}

TEST_F(QueueStoreInterrupted, WhatWasGivenBackOrPutBackWasNotInterrupted) {
  send_ok("q", message("a"));
  send_ok("q", message("b"));
  const auto held = hold();
  ASSERT_THAT(held, SizeIs(2));
  ASSERT_TRUE(put_back("q", held.at(0).receipt_handle, Seconds(20), "why"));
  ASSERT_TRUE(hide("q", held.at(1).receipt_handle, Seconds(0)));
  reopen();
  const auto given_back = receive("q");
  ASSERT_THAT(bodies(given_back), ElementsAre("b"));
  EXPECT_EQ(given_back.front().receive_count, 2);
}

// A stop gives back what was not begun, or waited for a store that was full: nothing of it failed.
TEST_F(QueueStoreInterrupted, WhatIsGivenBackAtOnceUsesUpNoReceipt) {
  send_ok("q", message("a"));
  for (int i = 0; i < 5; ++i) {
    const auto held = hold();
    ASSERT_THAT(held, SizeIs(1)) << i;
    EXPECT_EQ(held.front().receive_count, i + 1);
    ASSERT_TRUE(hide("q", held.front().receipt_handle, Seconds(0)));
    reopen();
  }
  for (int i = 0; i < 2; ++i) {  // a client of the SQS port: as Amazon counts
    const auto received = receive("q");
    ASSERT_THAT(received, SizeIs(1));
    ASSERT_TRUE(hide("q", received.front().receipt_handle, Seconds(0)));
  }
  EXPECT_THAT(receive("q"), IsEmpty());
  EXPECT_THAT(receive("dead"), SizeIs(1));
}

TEST_F(QueueStoreInterrupted, ASuspectIsServedAlone) {
  send_ok("q", message("suspect"));
  for (int i = 0; i < 2; ++i) {
    ASSERT_THAT(hold(), SizeIs(1));
    reopen();
  }
  send_ok("q", message("x"));
  send_ok("q", message("y"));
  EXPECT_THAT(bodies(hold()), ElementsAre("suspect"));
  EXPECT_THAT(bodies(hold()), ElementsAre("x", "y"));
}

TEST_F(QueueStoreInterrupted, WhatEndsTheProcessEachTimeIsADeadLetterInTheEnd) {
  send_ok("q", message("poison"));
  int receipts = 0;
  while (receipts < 100 && !hold().empty()) {
    ++receipts;
    reopen();
  }
  EXPECT_EQ(receipts, 22) << "20 that do not count, and the two of max_receive_count";
  const auto letters = receive("dead");
  ASSERT_THAT(letters, SizeIs(1));
  EXPECT_THAT(letters.front().attributes.at("facepipe.reason").value, ::testing::StartsWith("unknown"));
}

TEST_F(QueueStoreInterrupted, OnAFifoQueueTheGroupIsFreeAgain) {
  create("f.fifo", fifo_attributes());
  send_ok("f.fifo", message("first", "g"));
  send_ok("f.fifo", message("second", "g"));
  ReceiveOptions options;
  options.ends_with_process = true;
  ASSERT_EQ(store_->receive_now("f.fifo", options).value().size(), 1U);
  EXPECT_THAT(receive("f.fifo"), IsEmpty());
  reopen();
  EXPECT_THAT(bodies(receive("f.fifo")), ElementsAre("first", "second"));
}

}  // namespace
}  // namespace facepipe::queue
