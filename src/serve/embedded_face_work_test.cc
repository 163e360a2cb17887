#include "serve/embedded_face_work.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/temporary_folder.h"

namespace facepipe::serve {
namespace {

using stage::Completion;
using stage::Settled;
using ::testing::ElementsAre;

struct EmbeddedFaceWorkTest : ::testing::Test {
  EmbeddedFaceWorkTest() {
    store = queue::QueueStore::open(folder / "queues.db", {}).value();
    EXPECT_TRUE(store->create_queue("faces", {}));
    EXPECT_TRUE(store->create_queue("answers", {}));
    work.emplace(*store, "faces", "answers");
  }
  Completion take(const std::string& body) {
    queue::OutgoingMessage message;
    message.body = body;
    EXPECT_TRUE(store->queue("faces")->send(message));
    const auto received = work->receive({}).value();
    message.body = "to " + body;
    return {received.front().receipt_handle, message};
  }
  const TemporaryFolder folder;
  std::unique_ptr<queue::QueueStore> store;
  std::optional<EmbeddedFaceWork> work;
};

TEST_F(EmbeddedFaceWorkTest, EachOutcomeOfAStoreHasItsName) {
  const std::vector<Completion> completions = {take("done"), take("gone"), take("refused"), take("removed")};
  ASSERT_TRUE(store->queue("faces")->remove(completions[1].receipt_handle));
  std::vector<Completion> batch = completions;
  batch[2].answer->body = "";
  batch[3].answer.reset();
  const auto results = work->complete(batch);
  ASSERT_EQ(results.size(), 4U);
  EXPECT_EQ(results[0].settled, Settled::kDone);
  EXPECT_EQ(results[1].settled, Settled::kGone);
  EXPECT_EQ(results[2].settled, Settled::kRefused);
  EXPECT_EQ(results[3].settled, Settled::kDone);
  EXPECT_EQ(store->statistics("answers")->visible, 1);
  EXPECT_EQ(store->statistics("faces")->in_flight, 1);
}

TEST_F(EmbeddedFaceWorkTest, AQueueThatSomebodyDeletedIsWaitedFor) {
  const Completion completion = take("a");
  ASSERT_TRUE(store->delete_queue("answers"));
  EXPECT_EQ(work->complete({&completion, 1}).front().settled, Settled::kAway);
  ASSERT_TRUE(store->create_queue("answers", {}));
  EXPECT_EQ(work->complete({&completion, 1}).front().settled, Settled::kDone);
}

TEST_F(EmbeddedFaceWorkTest, OfAQueueThatSomebodyMadeAnewTheMessageIsGone) {
  const Completion completion = take("a");
  ASSERT_TRUE(store->delete_queue("faces"));
  ASSERT_TRUE(store->create_queue("faces", {}));
  EXPECT_EQ(work->complete({&completion, 1}).front().settled, Settled::kGone);
  EXPECT_EQ(store->statistics("answers")->visible, 0);
}

TEST_F(EmbeddedFaceWorkTest, KeepsWhyAMessageFailed) {
  queue::OutgoingMessage message;
  message.body = "a";
  ASSERT_TRUE(store->queue("faces")->send(message));
  const auto received = work->receive({}).value();
  ASSERT_TRUE(work->put_back(received.front(), std::chrono::seconds{0}, "exhausted: no memory"));
  const auto stored = store->peek("faces", 0, 1).value();
  ASSERT_EQ(stored.size(), 1U);
  EXPECT_EQ(stored.front().failure, "exhausted: no memory");
}

TEST_F(EmbeddedFaceWorkTest, GivesBackAtOnce) {
  const Completion completion = take("a");
  ASSERT_TRUE(work->change_visibility(completion.receipt_handle, std::chrono::seconds{0}));
  EXPECT_EQ(work->receive({}).value().size(), 1U);
}

}  // namespace
}  // namespace facepipe::serve
