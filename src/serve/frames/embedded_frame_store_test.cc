#include "serve/frames/embedded_frame_store.h"

#include <gtest/gtest.h>

#include "base/temporary_folder.h"
namespace facepipe::serve {
namespace {

struct EmbeddedFrameStoreTest : ::testing::Test {
  EmbeddedFrameStoreTest() {
    auto opened = queue::QueueStore::open(folder / "queues.db", {});
    EXPECT_TRUE(opened);
    store = *std::move(opened);
    EXPECT_TRUE(store->create_queue("faces", {}));
    EXPECT_TRUE(store->create_queue("answers", {}));
  }
  static queue::OutgoingMessage message(std::string body) {
    queue::OutgoingMessage message;
    message.body = std::move(body);
    return message;
  }

  const TemporaryFolder folder;
  std::unique_ptr<queue::QueueStore> store;
};

TEST_F(EmbeddedFrameStoreTest, FacesGoToTheRequestQueueAndTheLackOfThemToTheAnswers) {
  EmbeddedFrameStore frames(*store, "faces", "answers", std::chrono::seconds(300));
  EXPECT_EQ(frames.store({"two", {message("a"), message("b")}, std::nullopt}).value(), 2);
  EXPECT_EQ(frames.store({"none", {}, message("No-Face")}).value(), 0);
  EXPECT_EQ(store->statistics("faces")->visible, 2);
  EXPECT_EQ(store->statistics("answers")->visible, 1);
  EXPECT_EQ(frames.find("two").value(), 2);
  EXPECT_EQ(frames.find("none").value(), 0);
  EXPECT_EQ(frames.find("other").value(), std::nullopt);
  EXPECT_EQ(frames.store({"two", {message("a"), message("b")}, std::nullopt}).value(), 2) << "known: not stored again";
  EXPECT_EQ(store->statistics("faces")->visible, 2);
}

TEST_F(EmbeddedFrameStoreTest, WithoutAWindowNothingIsRemembered) {
  EmbeddedFrameStore frames(*store, "faces", "answers", std::chrono::seconds(0));
  EXPECT_EQ(frames.store({"one", {message("a")}, std::nullopt}).value(), 1);
  EXPECT_EQ(frames.find("one").value(), std::nullopt);
  EXPECT_EQ(frames.store({"one", {message("a")}, std::nullopt}).value(), 1);
  EXPECT_EQ(store->statistics("faces")->visible, 2);
}

}  // namespace
}  // namespace facepipe::serve
