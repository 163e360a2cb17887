#include "serve/frames/store_sink.h"

#include <gtest/gtest.h>

#include "base/temporary_folder.h"
namespace facepipe::serve {
namespace {

struct StoreSinkTest : ::testing::Test {
  StoreSinkTest() {
    auto opened = queue::QueueStore::open(folder / "queues.db", {});
    EXPECT_TRUE(opened);
    store = *std::move(opened);
    EXPECT_TRUE(store->create_queue("faces", {}));
    EXPECT_TRUE(store->create_queue("answers", {}));
  }
  static stage::DetectedFrame frame(std::string key, std::vector<std::string> faces) {
    stage::FrameInfo info;
    info.request_id = "r1";
    info.camera = "door";
    return {std::move(info), std::move(key), std::move(faces)};
  }

  const TemporaryFolder folder;
  std::unique_ptr<queue::QueueStore> store;
};

TEST_F(StoreSinkTest, FacesGoToTheRequestQueueAndTheLackOfThemToTheAnswers) {
  StoreSink frames(*store, "faces", "answers", std::chrono::seconds(300));
  EXPECT_EQ(frames.store(frame("two", {"a", "b"})).value().faces, 2);
  EXPECT_EQ(frames.store(frame("none", {})).value().faces, 0);
  EXPECT_EQ(store->statistics("faces")->visible, 2);
  EXPECT_EQ(store->statistics("answers")->visible, 1);
  EXPECT_EQ(frames.find("two").value(), 2);
  EXPECT_EQ(frames.find("none").value(), 0);
  EXPECT_EQ(frames.find("other").value(), std::nullopt);
  const auto again = frames.store(frame("two", {"a"}));
  EXPECT_EQ(again->faces, 2) << "known: not stored again";
  EXPECT_TRUE(again->earlier);
  EXPECT_EQ(store->statistics("faces")->visible, 2);
}

TEST_F(StoreSinkTest, WithoutAWindowNothingIsRemembered) {
  StoreSink frames(*store, "faces", "answers", std::chrono::seconds(0));
  EXPECT_EQ(frames.store(frame("one", {"a"})).value().faces, 1);
  EXPECT_EQ(frames.find("one").value(), std::nullopt);
  EXPECT_FALSE(frames.store(frame("one", {"a"})).value().earlier);
  EXPECT_EQ(store->statistics("faces")->visible, 2);
}

}  // namespace
}  // namespace facepipe::serve
