// Queues themselves: creation, settings, tags, lists, purge, deletion.
#include <gmock/gmock.h>

#include "queue/store/test_store.h"

namespace facepipe::queue {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
class QueueStoreAdmin : public StoreFixture {};

TEST_F(QueueStoreAdmin, CreationIsIdempotentForEqualAttributes) {
  create("q");
  EXPECT_TRUE(store_->create_queue("q", {}));
  QueueAttributes other;
  other.delay = Seconds(1);
  EXPECT_EQ(kind(store_->create_queue("q", other)), QueueErrorKind::kQueueNameExists);
  EXPECT_EQ(kind(store_->create_queue("a b", {})), QueueErrorKind::kInvalidParameter);
  other.delay = Seconds(901);
  EXPECT_EQ(kind(store_->create_queue("r", other)), QueueErrorKind::kInvalidAttributeValue);
}

TEST_F(QueueStoreAdmin, AttributesSurviveReopening) {
  create("dead.fifo", fifo_attributes());
  QueueAttributes attributes = fifo_attributes();
  attributes.visibility_timeout = Seconds(7);
  attributes.delay = Seconds(3);
  attributes.receive_wait = Seconds(20);
  attributes.retention = Seconds(60);
  attributes.maximum_message_bytes = 1024;
  attributes.dead_letter_queue = "dead.fifo";
  attributes.max_receive_count = 5;
  create("q.fifo", attributes);
  reopen();
  const auto read = store_->attributes("q.fifo");
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, attributes);
}

TEST_F(QueueStoreAdmin, SetAttributes) {
  create("q");
  clock_.advance(Seconds(5));
  QueueAttributes attributes;
  attributes.visibility_timeout = Seconds(1);
  ASSERT_TRUE(store_->set_attributes("q", attributes));
  EXPECT_EQ(store_->attributes("q")->visibility_timeout, Seconds(1));
  const QueueStatistics now = statistics("q");
  EXPECT_EQ(now.modified_at - now.created_at, Seconds(5));
  attributes.fifo = true;
  EXPECT_EQ(kind(store_->set_attributes("q", attributes)), QueueErrorKind::kInvalidAttributeValue);
  EXPECT_EQ(kind(store_->set_attributes("absent", {})), QueueErrorKind::kQueueDoesNotExist);
}

TEST_F(QueueStoreAdmin, DeadLetterQueueMustExistAndBeOfTheSameType) {
  QueueAttributes attributes;
  attributes.dead_letter_queue = "dead";
  attributes.max_receive_count = 1;
  EXPECT_EQ(kind(store_->create_queue("q", attributes)), QueueErrorKind::kInvalidAttributeValue);
  create("dead.fifo", fifo_attributes());
  attributes.dead_letter_queue = "dead.fifo";
  EXPECT_EQ(kind(store_->create_queue("q", attributes)), QueueErrorKind::kInvalidAttributeValue);
  create("dead");
  attributes.dead_letter_queue = "dead";
  EXPECT_TRUE(store_->create_queue("q", attributes));
  EXPECT_THAT(*store_->dead_letter_sources("dead"), ElementsAre("q"));
  EXPECT_THAT(*store_->dead_letter_sources("q"), IsEmpty());
  EXPECT_EQ(kind(store_->dead_letter_sources("absent")), QueueErrorKind::kQueueDoesNotExist);
}

TEST_F(QueueStoreAdmin, WithoutItsDeadLetterQueueAQueueCanStillBeSet) {
  create("dead");
  QueueAttributes attributes;
  attributes.dead_letter_queue = "dead";
  attributes.max_receive_count = 1;
  create("q", attributes);
  ASSERT_TRUE(store_->delete_queue("dead"));
  attributes.retention = Seconds(60);
  const Status set = store_->set_attributes("q", attributes);
  EXPECT_TRUE(set) << set.error().message;
  EXPECT_EQ(store_->attributes("q").value(), attributes);
  attributes.dead_letter_queue = "another";
  EXPECT_EQ(kind(store_->set_attributes("q", attributes)), QueueErrorKind::kInvalidAttributeValue);
}

TEST_F(QueueStoreAdmin, ListIsSortedAndFilteredByPrefix) {
  for (const char* name : {"b", "ab", "a_b", "aab"}) {
    create(name);
  }
  EXPECT_THAT(*store_->list_queues(""), ElementsAre("a_b", "aab", "ab", "b"));
  EXPECT_THAT(*store_->list_queues("a_"), ElementsAre("a_b"));
  EXPECT_THAT(*store_->list_queues("%"), IsEmpty());
}

TEST_F(QueueStoreAdmin, DeletedQueueIsGoneWithItsMessages) {
  create("q");
  send_ok("q", message("m"));
  const std::string handle = receive("q").at(0).receipt_handle;
  ASSERT_TRUE(store_->delete_queue("q"));
  EXPECT_EQ(kind(store_->delete_queue("q")), QueueErrorKind::kQueueDoesNotExist);
  EXPECT_EQ(kind(send("q", message("m"))), QueueErrorKind::kQueueDoesNotExist);
  EXPECT_EQ(kind(store_->receive_now("q", {})), QueueErrorKind::kQueueDoesNotExist);
  create("q");
  EXPECT_EQ(statistics("q").in_flight, 0);
  EXPECT_EQ(kind(remove("q", handle)), QueueErrorKind::kReceiptHandleIsInvalid) << "a handle of the former queue";
}

TEST_F(QueueStoreAdmin, PurgeTakesEverythingOnceAMinute) {
  create("q");
  send_ok("q", message("a"));
  receive("q");
  send_ok("q", message("b"));
  OutgoingMessage delayed = message("c");
  delayed.delay = Seconds(10);
  send_ok("q", delayed);
  ASSERT_TRUE(store_->purge("q"));
  const QueueStatistics after = statistics("q");
  EXPECT_EQ(after.visible + after.in_flight + after.delayed, 0);
  EXPECT_EQ(kind(store_->purge("q")), QueueErrorKind::kPurgeInProgress);
  clock_.advance(Seconds(60));
  EXPECT_TRUE(store_->purge("q"));
  EXPECT_EQ(kind(store_->purge("absent")), QueueErrorKind::kQueueDoesNotExist);
}

TEST_F(QueueStoreAdmin, Tags) {
  create("q");
  ASSERT_TRUE(store_->change_tags("q", {{"a", "1"}, {"b", "2"}}, {}));
  const std::vector<std::string> removed{"a", "absent"};
  ASSERT_TRUE(store_->change_tags("q", {{"b", "3"}}, removed));
  EXPECT_EQ(*store_->tags("q"), (QueueTags{{"b", "3"}}));
  QueueTags many;
  for (int i = 0; i < 50; ++i) {
    many["t" + std::to_string(i)] = "";
  }
  EXPECT_EQ(kind(store_->change_tags("q", many, {})), QueueErrorKind::kInvalidParameter);
  EXPECT_EQ(*store_->tags("q"), (QueueTags{{"b", "3"}})) << "a refused change changes nothing";
  EXPECT_EQ(kind(store_->change_tags("q", {{"", "v"}}, {})), QueueErrorKind::kInvalidParameter);
  EXPECT_EQ(kind(store_->tags("absent")), QueueErrorKind::kQueueDoesNotExist);
}

TEST_F(QueueStoreAdmin, AQueueIsMadeWithItsTagsOrNotAtAll) {
  EXPECT_EQ(kind(store_->create_queue("q", {}, {{"", "v"}})), QueueErrorKind::kInvalidParameter);
  EXPECT_THAT(*store_->list_queues(""), IsEmpty());
  ASSERT_TRUE(store_->create_queue("q", {}, {{"a", "1"}}));
  EXPECT_EQ(*store_->tags("q"), (QueueTags{{"a", "1"}}));
  ASSERT_TRUE(store_->create_queue("q", {}, {{"a", "2"}}));
  EXPECT_EQ(*store_->tags("q"), (QueueTags{{"a", "1"}})) << "it was there already";
}

TEST_F(QueueStoreAdmin, AChangeThatIsRefusedChangesNothing) {
  create("q");
  const Status refused = store_->change_attributes("q", [](const QueueAttributes&) -> Result<QueueAttributes> {
    return queue_error(QueueErrorKind::kInvalidAttributeName, "no such attribute");
  });
  EXPECT_EQ(kind(refused), QueueErrorKind::kInvalidAttributeName);
  const auto hide_longer = [](QueueAttributes attributes) -> Result<QueueAttributes> {
    attributes.visibility_timeout += Seconds(50'000);
    return attributes;
  };
  EXPECT_EQ(kind(store_->change_attributes("q", hide_longer)), QueueErrorKind::kInvalidAttributeValue);
  EXPECT_EQ(store_->attributes("q").value(), QueueAttributes{});
}

TEST_F(QueueStoreAdmin, Statistics) {
  create("q");
  EXPECT_FALSE(statistics("q").oldest_sent_at.has_value());
  send_ok("q", message("a"));
  const auto first = clock_.now();
  clock_.advance(Seconds(2));
  send_ok("q", message("b"));
  OutgoingMessage delayed = message("c");
  delayed.delay = Seconds(10);
  send_ok("q", delayed);
  receive("q", 1, Seconds(5));
  QueueStatistics now = statistics("q");
  EXPECT_EQ(now.visible, 1);
  EXPECT_EQ(now.in_flight, 1);
  EXPECT_EQ(now.delayed, 1);
  EXPECT_EQ(now.oldest_sent_at, first);
  clock_.advance(Seconds(5));
  now = statistics("q");
  EXPECT_EQ(now.visible, 2);
  EXPECT_EQ(now.in_flight, 0);
  EXPECT_EQ(now.delayed, 1);
}

}  // namespace
}  // namespace facepipe::queue
