// Messages on standard queues: sending, receiving, visibility, redrive, retention, completion.
#include <gmock/gmock.h>

#include "base/file.h"
#include "queue/store/test_store.h"

namespace facepipe::queue {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class QueueStoreMessages : public StoreFixture {
 protected:
  QueueStoreMessages() { create("q"); }

  void create_with_dead_letter_queue(const std::string& name, int max_receive_count) {
    create("dead");
    QueueAttributes attributes;
    attributes.dead_letter_queue = "dead";
    attributes.max_receive_count = max_receive_count;
    create(name, attributes);
  }
};

TEST_F(QueueStoreMessages, WhatIsSentIsReceived) {
  OutgoingMessage outgoing = message("body \xe2\x82\xac");
  outgoing.attributes["kind"] = {"String", "test"};
  outgoing.attributes["raw"] = {"Binary", std::string("\0\xff", 2)};
  outgoing.group_id = "camera-1";
  outgoing.trace_header = "Root=1-5759e988-bd862e3fe1be46a994272793";
  const auto sent = send("q", outgoing);
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->message_id.size(), 36U);
  EXPECT_EQ(sent->message_id[14], '4');
  EXPECT_FALSE(sent->sequence_number.has_value());

  const auto sent_at = clock_.now();
  clock_.advance(Seconds(3));
  const auto received = receive("q");
  ASSERT_THAT(received, SizeIs(1));
  EXPECT_EQ(received[0].message_id, sent->message_id);
  EXPECT_EQ(received[0].body, outgoing.body);
  EXPECT_EQ(received[0].attributes, outgoing.attributes);
  EXPECT_EQ(received[0].group_id, "camera-1");
  EXPECT_EQ(received[0].trace_header, outgoing.trace_header);
  EXPECT_EQ(received[0].receive_count, 1);
  EXPECT_EQ(received[0].sent_at, sent_at);
  EXPECT_EQ(received[0].first_received_at, clock_.now());
  EXPECT_FALSE(received[0].sequence_number.has_value());
  EXPECT_EQ(received[0].dead_letter_source, "");
}

TEST_F(QueueStoreMessages, MessagesSurviveReopening) {
  send_ok("q", message("a"));
  send_ok("q", message("b"));
  const std::string handle = receive("q", 1).at(0).receipt_handle;
  reopen();
  EXPECT_TRUE(remove("q", handle)) << "handles outlive the process";
  EXPECT_THAT(bodies(receive("q")), ElementsAre("b"));
}

TEST_F(QueueStoreMessages, WhatIsDeletedIsOverwritten) {
  const std::string mark = "a face that was deleted";
  const auto is_in_file = [&] {
    const auto bytes = read_file(file(), std::size_t{64} << 20U);
    return bytes && as_text(*bytes).find(mark) != std::string_view::npos;
  };
  send_ok("q", message("kept"));
  send_ok("q", message(std::string(40'000, 'x') + mark + std::string(40'000, 'x')));
  reopen();
  EXPECT_TRUE(is_in_file());
  for (const ReceivedMessage& received : receive("q")) {
    EXPECT_TRUE(received.body == "kept" || remove("q", received.receipt_handle));
  }
  reopen();
  EXPECT_FALSE(is_in_file());
}

TEST_F(QueueStoreMessages, VisibilityTimeout) {
  send_ok("q", message("m"));
  const auto first = receive("q", 10, Seconds(10));
  ASSERT_THAT(first, SizeIs(1));
  clock_.advance(std::chrono::milliseconds(9'999));
  EXPECT_THAT(receive("q"), IsEmpty());
  clock_.advance(std::chrono::milliseconds(1));
  const auto second = receive("q");
  ASSERT_THAT(second, SizeIs(1));
  EXPECT_EQ(second[0].receive_count, 2);
  EXPECT_EQ(second[0].first_received_at, first[0].first_received_at);
  EXPECT_NE(second[0].receipt_handle, first[0].receipt_handle);
}

TEST_F(QueueStoreMessages, QueuesOwnTimeoutIsTheDefaultAndZeroHidesNothing) {
  QueueAttributes attributes;
  attributes.visibility_timeout = Seconds(2);
  ASSERT_TRUE(store_->set_attributes("q", attributes));
  send_ok("q", message("m"));
  EXPECT_THAT(receive("q", 10, Seconds(0)), SizeIs(1));
  EXPECT_THAT(receive("q"), SizeIs(1));
  EXPECT_THAT(receive("q"), IsEmpty());
  clock_.advance(Seconds(2));
  EXPECT_THAT(receive("q"), SizeIs(1));
}

TEST_F(QueueStoreMessages, ChangeVisibility) {
  send_ok("q", message("m"));
  const std::string handle = receive("q").at(0).receipt_handle;
  ASSERT_TRUE(hide("q", handle, Seconds(100)));
  clock_.advance(Seconds(99));
  EXPECT_THAT(receive("q"), IsEmpty());
  ASSERT_TRUE(hide("q", handle, Seconds(0)));
  EXPECT_EQ(kind(hide("q", handle, Seconds(5))), QueueErrorKind::kMessageNotInflight);
  const auto again = receive("q");
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_EQ(kind(hide("q", handle, Seconds(5))), QueueErrorKind::kMessageNotInflight) << "an earlier receipt";
  ASSERT_TRUE(remove("q", again[0].receipt_handle));
  EXPECT_EQ(kind(hide("q", again[0].receipt_handle, Seconds(5))), QueueErrorKind::kInvalidParameter);
  EXPECT_EQ(kind(hide("q", "nonsense", Seconds(5))), QueueErrorKind::kReceiptHandleIsInvalid);
  EXPECT_EQ(kind(hide("q", handle, Seconds(43'201))), QueueErrorKind::kInvalidParameter);
}

TEST_F(QueueStoreMessages, VisibilityIsLimitedToTwelveHoursFromTheReceipt) {
  send_ok("q", message("m"));
  const std::string handle = receive("q", 1, Seconds(100)).at(0).receipt_handle;
  clock_.advance(Seconds(50));
  EXPECT_EQ(kind(hide("q", handle, Seconds(43'200))), QueueErrorKind::kInvalidParameter);
  EXPECT_TRUE(hide("q", handle, Seconds(43'150)));
}

TEST_F(QueueStoreMessages, Removal) {
  send_ok("q", message("m"));
  const std::string old_handle = receive("q", 1, Seconds(1)).at(0).receipt_handle;
  clock_.advance(Seconds(1));
  ASSERT_THAT(receive("q"), SizeIs(1));
  EXPECT_TRUE(remove("q", old_handle)) << "a standard queue takes a handle of an earlier receipt";
  EXPECT_TRUE(remove("q", old_handle)) << "and is content if the message is gone";
  clock_.advance(Seconds(100));
  EXPECT_THAT(receive("q"), IsEmpty());
  EXPECT_EQ(kind(remove("q", "made-up")), QueueErrorKind::kReceiptHandleIsInvalid);
  EXPECT_EQ(kind(remove("absent", old_handle)), QueueErrorKind::kQueueDoesNotExist);
}

TEST_F(QueueStoreMessages, Delay) {
  OutgoingMessage delayed = message("later");
  delayed.delay = Seconds(5);
  send_ok("q", delayed);
  send_ok("q", message("now"));
  EXPECT_EQ(*store_->next_visible_in("q"), std::chrono::milliseconds(5'000));
  EXPECT_THAT(bodies(receive("q")), ElementsAre("now"));
  clock_.advance(Seconds(5));
  EXPECT_THAT(bodies(receive("q")), ElementsAre("later"));
}

TEST_F(QueueStoreMessages, QueuesOwnDelay) {
  QueueAttributes attributes;
  attributes.delay = Seconds(5);
  create("slow", attributes);
  send_ok("slow", message("a"));
  OutgoingMessage at_once = message("b");
  at_once.delay = Seconds(0);
  send_ok("slow", at_once);
  EXPECT_THAT(bodies(receive("slow")), ElementsAre("b"));
  clock_.advance(Seconds(5));
  EXPECT_THAT(bodies(receive("slow")), ElementsAre("a"));
}

TEST_F(QueueStoreMessages, NextVisibleIsNothingWithoutHiddenMessages) {
  EXPECT_FALSE(store_->next_visible_in("q")->has_value());
  send_ok("q", message("m"));
  EXPECT_FALSE(store_->next_visible_in("q")->has_value());
  EXPECT_EQ(kind(store_->next_visible_in("absent")), QueueErrorKind::kQueueDoesNotExist);
}

TEST_F(QueueStoreMessages, PoisonMessageMovesToTheDeadLetterQueue) {
  create_with_dead_letter_queue("work", 2);
  OutgoingMessage poison = message("poison");
  poison.attributes["a"] = {"String", "v"};
  const std::string id = send_ok("work", poison);
  const auto sent_at = clock_.now();
  for (int i = 0; i < 2; ++i) {
    ASSERT_THAT(receive("work"), SizeIs(1));
    clock_.advance(Seconds(30));
    EXPECT_EQ(statistics("dead").visible, 0) << "it moves when it would be received once more, not before";
  }
  send_ok("work", message("good"));
  EXPECT_THAT(bodies(receive("work", 1)), ElementsAre("good")) << "the move costs the caller nothing";
  const auto dead = receive("dead");
  ASSERT_THAT(dead, SizeIs(1));
  EXPECT_EQ(dead[0].message_id, id);
  EXPECT_EQ(dead[0].body, "poison");
  EXPECT_EQ(dead[0].attributes.at("a"), poison.attributes.at("a"));
  EXPECT_TRUE(dead[0].attributes.contains("facepipe.reason"));
  EXPECT_EQ(dead[0].sent_at, sent_at);
  EXPECT_EQ(dead[0].dead_letter_source, "work");
  EXPECT_EQ(dead[0].receive_count, 3) << "receives are counted over both queues";
}

TEST_F(QueueStoreMessages, DeadLetterQueuesCanBeChained) {
  create("last");
  QueueAttributes attributes;
  attributes.dead_letter_queue = "last";
  attributes.max_receive_count = 1;
  create("dead", attributes);
  attributes.dead_letter_queue = "dead";
  create("work", attributes);
  send_ok("work", message("m"));
  receive("work", 1, Seconds(0));
  receive("work", 1, Seconds(0));
  EXPECT_THAT(receive("dead", 1, Seconds(0)), SizeIs(1)) << "counted anew on the queue it moved to";
  EXPECT_THAT(receive("dead", 1, Seconds(0)), IsEmpty());
  EXPECT_THAT(receive("last"), SizeIs(1));
}

TEST_F(QueueStoreMessages, WithoutItsDeadLetterQueueAMessageStays) {
  create_with_dead_letter_queue("work", 1);
  send_ok("work", message("m"));
  receive("work", 1, Seconds(0));
  ASSERT_TRUE(store_->delete_queue("dead"));
  EXPECT_THAT(receive("work"), SizeIs(1));
}

TEST_F(QueueStoreMessages, HandleOfAMovedMessageDoesNotDeleteIt) {
  create_with_dead_letter_queue("work", 1);
  send_ok("work", message("m"));
  const std::string handle = receive("work", 1, Seconds(0)).at(0).receipt_handle;
  receive("work");
  EXPECT_TRUE(remove("work", handle));
  EXPECT_THAT(receive("dead"), SizeIs(1));
}

TEST_F(QueueStoreMessages, RetentionCountsFromSending) {
  QueueAttributes attributes;
  attributes.retention = Seconds(60);
  create("short", attributes);
  send_ok("short", message("old"));
  clock_.advance(Seconds(30));
  send_ok("short", message("new"));
  receive("short", 1, Seconds(5));
  clock_.advance(Seconds(30));
  EXPECT_EQ(statistics("short").visible, 1);
  EXPECT_THAT(bodies(receive("short")), ElementsAre("new"));
  clock_.advance(Seconds(30));
  EXPECT_EQ(statistics("short").in_flight, 0) << "a message in flight expires too";
}

TEST_F(QueueStoreMessages, BatchHasAResultPerEntryInOrder) {
  std::vector<OutgoingMessage> batch{message("a"), message(""), message("c"), message("\x01")};
  const auto results = store_->send_batch("q", batch);
  ASSERT_TRUE(results);
  ASSERT_THAT(*results, SizeIs(4));
  EXPECT_TRUE((*results)[0]);
  EXPECT_EQ(kind((*results)[1]), QueueErrorKind::kMissingParameter);
  EXPECT_TRUE((*results)[2]);
  EXPECT_EQ(kind((*results)[3]), QueueErrorKind::kInvalidMessageContents);
  EXPECT_THAT(bodies(receive("q")), ElementsAre("a", "c"));
}

TEST_F(QueueStoreMessages, BatchLimits) {
  EXPECT_EQ(kind(store_->send_batch("q", {})), QueueErrorKind::kEmptyBatchRequest);
  const std::vector<OutgoingMessage> eleven(11, message("m"));
  EXPECT_EQ(kind(store_->send_batch("q", eleven)), QueueErrorKind::kTooManyEntriesInBatchRequest);
  const std::vector<OutgoingMessage> half_megabytes(2, message(std::string(524'288, 'x')));
  EXPECT_TRUE(store_->send_batch("q", half_megabytes));
  const std::vector<OutgoingMessage> a_byte_more{message(std::string(524'288, 'x')),
                                                 message(std::string(524'289, 'x'))};
  EXPECT_EQ(kind(store_->send_batch("q", a_byte_more)), QueueErrorKind::kBatchRequestTooLong);
  EXPECT_EQ(kind(store_->remove_batch("q", {})), QueueErrorKind::kEmptyBatchRequest);
  EXPECT_EQ(kind(store_->change_visibility_batch("q", {})), QueueErrorKind::kEmptyBatchRequest);
  EXPECT_THAT(receive("q"), SizeIs(2));
}

TEST_F(QueueStoreMessages, QueuesOwnSizeLimit) {
  QueueAttributes attributes;
  attributes.maximum_message_bytes = 1024;
  create("small", attributes);
  EXPECT_TRUE(send("small", message(std::string(1024, 'x'))));
  EXPECT_EQ(kind(send("small", message(std::string(1025, 'x')))), QueueErrorKind::kMessageTooLong);
}

TEST_F(QueueStoreMessages, StandardQueueRefusesDeduplicationIds) {
  EXPECT_EQ(kind(send("q", message("m", "", "id"))), QueueErrorKind::kInvalidParameter);
}

TEST_F(QueueStoreMessages, CompletionSettlesAndAnswersTogether) {
  create("answers");
  send_ok("q", message("m"));
  const std::string handle = receive("q").at(0).receipt_handle;
  const OutgoingMessage answer = message("answer");
  ASSERT_TRUE(complete("q", handle, "answers", answer));
  EXPECT_THAT(bodies(receive("answers")), ElementsAre("answer"));
  EXPECT_EQ(statistics("q").in_flight, 0);
  EXPECT_EQ(kind(complete("q", handle, "answers", answer)), QueueErrorKind::kMessageNotInflight);
  EXPECT_EQ(statistics("answers").visible, 0) << "the second completion answers nothing";
}

TEST_F(QueueStoreMessages, OfTwoReceiptsTheFirstCompletionWins) {
  create("answers");
  send_ok("q", message("m"));
  const std::string slow = receive("q", 1, Seconds(1)).at(0).receipt_handle;
  clock_.advance(Seconds(1));
  const std::string fast = receive("q").at(0).receipt_handle;
  const OutgoingMessage answer = message("answer");
  EXPECT_TRUE(complete("q", fast, "answers", answer));
  EXPECT_EQ(kind(complete("q", slow, "answers", answer)), QueueErrorKind::kMessageNotInflight);
  EXPECT_THAT(receive("answers"), SizeIs(1));
}

TEST_F(QueueStoreMessages, FailedCompletionChangesNothing) {
  create("answers.fifo", fifo_attributes());
  send_ok("q", message("m"));
  const std::string handle = receive("q", 1, Seconds(10)).at(0).receipt_handle;
  const OutgoingMessage answer = message("no group");  // the removal is undone with it
  EXPECT_EQ(kind(complete("q", handle, "answers.fifo", answer)), QueueErrorKind::kMissingParameter);
  EXPECT_EQ(kind(complete("q", handle, "absent", answer)), QueueErrorKind::kQueueDoesNotExist);
  EXPECT_EQ(statistics("answers.fifo").visible, 0);
  EXPECT_EQ(statistics("q").in_flight, 1);
  EXPECT_TRUE(complete("q", handle, "absent")) << "without answers no queue is needed";
  EXPECT_EQ(statistics("q").in_flight, 0);
}

TEST_F(QueueStoreMessages, EachOfABatchIsCompletedOrLeftByItself) {
  create("answers.fifo", fifo_attributes());
  for (const char* body : {"a", "b", "c", "d"}) {
    send_ok("q", message(body));
  }
  std::vector<Completion> completions;
  for (const ReceivedMessage& received : receive("q", 4, Seconds(10))) {
    completions.push_back({received.receipt_handle, message("answer to " + received.body, "g")});
  }
  ASSERT_THAT(completions, SizeIs(4));
  completions[1].answer = message("no group");  // the removal is undone with it
  ASSERT_TRUE(remove("q", completions[2].receipt_handle));
  completions[3].answer->body = "";
  const auto results = store_->complete_batch("q", "answers.fifo", completions);
  ASSERT_TRUE(results) << results.error().message;
  ASSERT_THAT(*results, SizeIs(4));
  EXPECT_TRUE((*results)[0]);
  EXPECT_EQ(kind((*results)[1]), QueueErrorKind::kMissingParameter);
  EXPECT_EQ(kind((*results)[2]), QueueErrorKind::kMessageNotInflight);
  EXPECT_EQ(kind((*results)[3]), QueueErrorKind::kMissingParameter);
  EXPECT_THAT(bodies(receive("answers.fifo", 10)), ElementsAre("answer to a"));
  EXPECT_EQ(statistics("q").in_flight, 2);

  EXPECT_EQ(kind(store_->complete_batch("absent", "answers.fifo", completions)), QueueErrorKind::kQueueDoesNotExist);
  EXPECT_EQ(kind(store_->complete_batch("q", "answers.fifo", {})), QueueErrorKind::kEmptyBatchRequest);
  const std::vector<Completion> eleven(11, completions[0]);
  EXPECT_EQ(kind(store_->complete_batch("q", "answers.fifo", eleven)), QueueErrorKind::kTooManyEntriesInBatchRequest);
}

TEST_F(QueueStoreMessages, ListenersHearOfWhatMayBeReceivable) {
  std::vector<std::string> heard;
  const int id = store_->add_listener([&](const std::string& name) { heard.push_back(name); });
  send_ok("q", message("m"));
  EXPECT_THAT(heard, ElementsAre("q"));
  const std::string handle = receive("q").at(0).receipt_handle;
  EXPECT_THAT(heard, SizeIs(1)) << "receiving makes nothing receivable";
  ASSERT_TRUE(hide("q", handle, Seconds(0)));
  EXPECT_THAT(heard, ElementsAre("q", "q"));
  store_->remove_listener(id);
  send_ok("q", message("m"));
  EXPECT_THAT(heard, SizeIs(2));
}

}  // namespace
}  // namespace facepipe::queue
