// FIFO queues: order, group locks, deduplication, sequence numbers.
#include <gmock/gmock.h>

#include "queue/store/test_store.h"

namespace facepipe::queue {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class QueueStoreFifo : public StoreFixture {
 protected:
  QueueStoreFifo() { create("q.fifo", fifo_attributes()); }
};

TEST_F(QueueStoreFifo, OrderWithinAGroupAndSequenceNumbers) {
  std::vector<std::string> sequences;
  for (const char* body : {"1", "2", "3"}) {
    const auto sent = send("q.fifo", message(body, "g"));
    ASSERT_TRUE(sent);
    sequences.push_back(sent->sequence_number.value_or(""));
  }
  EXPECT_THAT(sequences, ElementsAre("10000000000000000001", "10000000000000000002", "10000000000000000003"));
  const auto received = receive("q.fifo");
  EXPECT_THAT(bodies(received), ElementsAre("1", "2", "3"));
  EXPECT_EQ(received[1].sequence_number, "10000000000000000002");
  EXPECT_EQ(received[1].group_id, "g");
  EXPECT_EQ(received[1].deduplication_id.size(), 64U) << "the body's SHA-256";
}

TEST_F(QueueStoreFifo, GroupIsLockedWhileAMessageIsInFlight) {
  for (const auto& [body, group] : {std::pair("a1", "a"), {"a2", "a"}, {"b1", "b"}}) {
    send_ok("q.fifo", message(body, group));
  }
  const auto first = receive("q.fifo", 1);
  EXPECT_THAT(bodies(first), ElementsAre("a1"));
  EXPECT_THAT(bodies(receive("q.fifo")), ElementsAre("b1")) << "group a is locked, b is not";
  EXPECT_THAT(receive("q.fifo"), IsEmpty());
  ASSERT_TRUE(remove("q.fifo", first[0].receipt_handle));
  EXPECT_THAT(bodies(receive("q.fifo")), ElementsAre("a2"));
}

TEST_F(QueueStoreFifo, LockEndsWithTheVisibilityTimeoutAndOrderStays) {
  send_ok("q.fifo", message("1", "g"));
  send_ok("q.fifo", message("2", "g"));
  receive("q.fifo", 1, Seconds(10));
  clock_.advance(Seconds(10));
  EXPECT_THAT(bodies(receive("q.fifo")), ElementsAre("1", "2"));
}

TEST_F(QueueStoreFifo, OneReturnedMessageWaitsForItsNeighbourInFlight) {
  send_ok("q.fifo", message("1", "g"));
  send_ok("q.fifo", message("2", "g"));
  const auto both = receive("q.fifo");
  ASSERT_THAT(both, SizeIs(2));
  ASSERT_TRUE(hide("q.fifo", both[0].receipt_handle, Seconds(0)));
  EXPECT_THAT(receive("q.fifo"), IsEmpty());
  ASSERT_TRUE(remove("q.fifo", both[1].receipt_handle));
  EXPECT_THAT(bodies(receive("q.fifo")), ElementsAre("1"));
}

TEST_F(QueueStoreFifo, ExpiredHandleDoesNotDelete) {
  send_ok("q.fifo", message("1", "g"));
  const std::string handle = receive("q.fifo", 1, Seconds(1)).at(0).receipt_handle;
  clock_.advance(Seconds(1));
  EXPECT_EQ(kind(remove("q.fifo", handle)), QueueErrorKind::kInvalidParameter);
  const std::string current = receive("q.fifo").at(0).receipt_handle;
  EXPECT_EQ(kind(remove("q.fifo", handle)), QueueErrorKind::kInvalidParameter);
  EXPECT_TRUE(remove("q.fifo", current));
  EXPECT_TRUE(remove("q.fifo", current)) << "gone is gone";
}

TEST_F(QueueStoreFifo, DuplicateWithinFiveMinutesIsTheFirstMessage) {
  const auto first = send("q.fifo", message("m", "g", "id"));
  ASSERT_TRUE(first);
  ASSERT_TRUE(remove("q.fifo", receive("q.fifo").at(0).receipt_handle));
  clock_.advance(Seconds(299));
  const auto again = send("q.fifo", message("other", "g", "id"));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->message_id, first->message_id);
  EXPECT_EQ(again->sequence_number, first->sequence_number);
  EXPECT_THAT(receive("q.fifo"), IsEmpty()) << "also after the first one was deleted";
  reopen();
  EXPECT_EQ(send("q.fifo", message("m", "g", "id"))->message_id, first->message_id);
  clock_.advance(Seconds(1));
  EXPECT_NE(send("q.fifo", message("m", "g", "id"))->message_id, first->message_id);
  EXPECT_THAT(receive("q.fifo"), SizeIs(1));
}

TEST_F(QueueStoreFifo, ContentBasedDeduplication) {
  const std::string first = send_ok("q.fifo", message("same", "g"));
  EXPECT_EQ(send_ok("q.fifo", message("same", "h")), first) << "the id's scope is the queue";
  EXPECT_NE(send_ok("q.fifo", message("same", "g", "explicit")), first);
  EXPECT_THAT(receive("q.fifo"), SizeIs(2));
}

TEST_F(QueueStoreFifo, WhatAFifoQueueNeeds) {
  create("explicit.fifo", fifo_attributes(false));
  EXPECT_EQ(kind(send("q.fifo", message("m"))), QueueErrorKind::kMissingParameter) << "no group";
  EXPECT_EQ(kind(send("explicit.fifo", message("m", "g"))), QueueErrorKind::kInvalidParameter) << "no deduplication id";
  OutgoingMessage delayed = message("m", "g", "i");
  delayed.delay = Seconds(1);
  EXPECT_EQ(kind(send("explicit.fifo", delayed)), QueueErrorKind::kInvalidParameter) << "no delay of one message";
}

TEST_F(QueueStoreFifo, DelayedHeadHoldsItsGroup) {
  QueueAttributes attributes = fifo_attributes();
  attributes.delay = Seconds(10);
  create("slow.fifo", attributes);
  send_ok("slow.fifo", message("1", "g"));
  attributes.delay = Seconds(0);
  ASSERT_TRUE(store_->set_attributes("slow.fifo", attributes));
  send_ok("slow.fifo", message("2", "g"));
  EXPECT_THAT(receive("slow.fifo"), IsEmpty()) << "2 must not overtake 1";
  clock_.advance(Seconds(10));
  EXPECT_THAT(bodies(receive("slow.fifo")), ElementsAre("1", "2"));
}

TEST_F(QueueStoreFifo, PoisonMessageFreesItsGroup) {
  create("dead.fifo", fifo_attributes());
  QueueAttributes attributes = fifo_attributes();
  attributes.dead_letter_queue = "dead.fifo";
  attributes.max_receive_count = 1;
  create("work.fifo", attributes);
  const std::string id = send_ok("work.fifo", message("poison", "g"));
  send_ok("work.fifo", message("good", "g"));
  receive("work.fifo", 1, Seconds(1));
  clock_.advance(Seconds(1));
  EXPECT_THAT(bodies(receive("work.fifo", 1)), ElementsAre("good"));
  const auto dead = receive("dead.fifo");
  ASSERT_THAT(dead, SizeIs(1));
  EXPECT_EQ(dead[0].message_id, id);
  EXPECT_EQ(dead[0].group_id, "g");
  EXPECT_EQ(dead[0].sequence_number, "10000000000000000001");
}

TEST_F(QueueStoreFifo, ExpiredHeadFreesItsGroup) {
  QueueAttributes attributes = fifo_attributes();
  attributes.retention = Seconds(60);
  create("short.fifo", attributes);
  send_ok("short.fifo", message("old", "g"));
  receive("short.fifo", 1, Seconds(1000));
  clock_.advance(Seconds(59));
  send_ok("short.fifo", message("new", "g"));
  EXPECT_THAT(receive("short.fifo"), IsEmpty());
  clock_.advance(Seconds(1));
  EXPECT_THAT(bodies(receive("short.fifo")), ElementsAre("new"));
}

TEST_F(QueueStoreFifo, PurgeUnlocksGroups) {
  send_ok("q.fifo", message("1", "g"));
  receive("q.fifo");
  ASSERT_TRUE(store_->purge("q.fifo"));
  send_ok("q.fifo", message("2", "g"));
  EXPECT_THAT(bodies(receive("q.fifo")), ElementsAre("2"));
}

TEST_F(QueueStoreFifo, DeletionUnlocksForListeners) {
  send_ok("q.fifo", message("1", "g"));
  const std::string handle = receive("q.fifo").at(0).receipt_handle;
  int heard = 0;
  static_cast<void>(store_->add_listener([&](const std::string&) { ++heard; }));
  ASSERT_TRUE(remove("q.fifo", handle));
  EXPECT_EQ(heard, 1);
}

// A group's whole backlog in lock must not slow the others down: 2,000 messages of one group, one of another.
TEST_F(QueueStoreFifo, BacklogOfALockedGroupDoesNotHideOthers) {
  for (int i = 0; i < 200; ++i) {
    std::vector<OutgoingMessage> batch;
    for (int k = 0; k < 10; ++k) {
      batch.push_back(message(std::to_string(i * 10 + k), "big"));
    }
    ASSERT_TRUE(store_->send_batch("q.fifo", batch));
  }
  send_ok("q.fifo", message("small", "small"));
  EXPECT_THAT(receive("q.fifo", 1), SizeIs(1));
  EXPECT_THAT(bodies(receive("q.fifo")), ElementsAre("small"));
}

}  // namespace
}  // namespace facepipe::queue
