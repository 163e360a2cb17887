#include "stage/recognition/live_gallery.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/temporary_folder.h"
#include "embed/test_embedder.h"

namespace facepipe::stage {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr seconds kPatience{60};

// Galleries of people who are known by name alone.
class LiveGalleryTest : public ::testing::Test {
 protected:
  LiveGalleryTest() { save({"ada"}); }

  static gallery::Gallery gallery_of(const std::vector<std::string>& names) {
    gallery::Gallery gallery({"m1", model::known_mode("standard").value(), 2});
    for (const std::string& name : names) {
      EXPECT_TRUE(gallery.add(name, std::vector<float>{0, 1}));
    }
    return gallery;
  }
  void save(const std::vector<std::string>& names) const {
    ASSERT_TRUE(gallery::save_gallery(gallery_of(names), file_, nullptr));
  }
  // Half of the file in its place, as a copy leaves it that was cut off.
  void damage() const { std::filesystem::resize_file(file_, std::filesystem::file_size(file_) / 2); }

  // Where nobody looks beside those who ask, unless `look_every` says so.
  std::unique_ptr<LiveGallery> open(milliseconds grace, milliseconds look_every = std::chrono::hours(1)) {
    const auto load = [this]() -> Result<recognize::FaceRecognizer> {
      if (slow_) {
        slow_();
      }
      FACEPIPE_ASSIGN(gallery::Gallery loaded, gallery::load_gallery(file_, nullptr));
      model::Manifest manifest;
      manifest.model_id = "m1";
      manifest.embedding_size = 2;
      const auto no_network = [](std::span<const image::RgbView>,
                                 const model::Preprocessing&) -> Result<std::vector<embed::Embedding>> {
        return std::vector<embed::Embedding>();
      };
      return recognize::FaceRecognizer::create(embed::testing::test_embedder(no_network), manifest, std::move(loaded));
    };
    auto live = LiveGallery::open(file_, load, grace, look_every, logger_);
    EXPECT_TRUE(live);
    return live ? *std::move(live) : nullptr;
  }
  static std::string names(LiveGallery& live) {
    const auto recognizer = live.current();
    std::string text;
    if (!recognizer) {
      return "stopped";
    }
    for (const auto& person : (*recognizer)->gallery().people()) {
      text += person.name + " ";
    }
    return text;
  }
  [[nodiscard]] std::ptrdiff_t lines(std::string_view event) {
    const std::lock_guard lock(mutex_);
    return std::count_if(lines_.begin(), lines_.end(),
                         [event](const std::string& line) { return line.find(event) != std::string::npos; });
  }
  template <typename Condition>
  static bool in_time(const Condition& condition) {
    const auto until = steady_clock::now() + kPatience;
    while (!condition() && steady_clock::now() < until) {
      std::this_thread::sleep_for(milliseconds(1));
    }
    return condition();
  }

  const TemporaryFolder folder_;
  const std::filesystem::path file_ = folder_ / "gallery.fpg";
  std::mutex mutex_;
  std::vector<std::string> lines_;
  Logger logger_{LogLevel::kInfo, [this](std::string_view line) {
                   const std::lock_guard lock(mutex_);
                   lines_.emplace_back(line);
                 }};
  std::function<void()> slow_;
};

TEST_F(LiveGalleryTest, AChangeIsSeenByTheNextBatch) {
  const auto live = open(kPatience);
  EXPECT_EQ(names(*live), "ada ");
  save({"ada", "bob"});
  EXPECT_EQ(names(*live), "ada bob ");
  save({"bob"});
  EXPECT_EQ(names(*live), "bob ");
}

TEST_F(LiveGalleryTest, ADamagedOneIsBridged) {
  const auto live = open(kPatience);
  EXPECT_TRUE(live->healthy());
  const auto whole = read_file(file_, 1U << 20U);
  damage();
  EXPECT_EQ(names(*live), "ada ");
  EXPECT_FALSE(live->healthy());
  EXPECT_EQ(live->failures(), 1);
  EXPECT_EQ(lines("gallery_not_loaded"), 1);
  EXPECT_EQ(names(*live), "ada ");
  ASSERT_TRUE(write_file_atomically(file_, *whole));
  EXPECT_EQ(names(*live), "ada ");
  EXPECT_TRUE(live->healthy());
  EXPECT_EQ(live->failures(), 1);
  EXPECT_EQ(lines("gallery_not_loaded"), 1);
  EXPECT_EQ(lines("gallery_loaded"), 1);
}

TEST_F(LiveGalleryTest, ADamagedOneIsNoticedAndRecoversWithoutABatch) {
  const auto live = open(kPatience, milliseconds(10));
  const auto whole = read_file(file_, 1U << 20U);
  damage();
  ASSERT_TRUE(in_time([&] { return lines("gallery_not_loaded") == 1; }));
  EXPECT_FALSE(live->healthy());
  ASSERT_TRUE(write_file_atomically(file_, *whole));
  EXPECT_TRUE(in_time([&] { return live->healthy(); }));
  EXPECT_EQ(lines("gallery_not_loaded"), 1);
  EXPECT_TRUE(in_time([&] { return lines("gallery_loaded") == 1; })) << "told after it is healthy";
}

TEST_F(LiveGalleryTest, PastTheGraceNobodyIsNamedUntilItIsLoaded) {
  const auto live = open(milliseconds(0));
  damage();
  std::atomic<bool> asked = false;
  std::string found;
  std::thread batch([&] {
    asked = true;
    found = names(*live);
  });
  ASSERT_TRUE(in_time([&] { return asked && lines("gallery_not_loaded") == 1; }));
  save({"bob"});
  batch.join();
  EXPECT_EQ(found, "bob ");
  damage();
  std::thread stopped([&] { found = names(*live); });
  ASSERT_TRUE(in_time([&] { return !live->healthy(); }));
  live->stop();
  stopped.join();
  EXPECT_EQ(found, "stopped");
}

TEST_F(LiveGalleryTest, OthersAreNotHeldUpByALoad) {
  const auto live = open(kPatience);
  std::mutex mutex;
  std::condition_variable changed;
  bool loading = false;
  bool released = false;
  slow_ = [&] {
    std::unique_lock lock(mutex);
    loading = true;
    changed.notify_all();
    changed.wait_for(lock, kPatience, [&] { return released; });
  };
  save({"bob"});
  std::thread loader([&] { static_cast<void>(live->current()); });
  {
    std::unique_lock lock(mutex);
    ASSERT_TRUE(changed.wait_for(lock, kPatience, [&] { return loading; }));
  }
  const auto before = steady_clock::now();
  EXPECT_EQ(names(*live), "ada ");
  EXPECT_LT(steady_clock::now() - before, kPatience / 2);
  {
    const std::lock_guard lock(mutex);
    released = true;
  }
  changed.notify_all();
  loader.join();
  EXPECT_EQ(names(*live), "bob ");
}

}  // namespace
}  // namespace facepipe::stage
