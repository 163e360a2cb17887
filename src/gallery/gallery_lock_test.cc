#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "base/file_lock.h"
#include "base/temporary_folder.h"
#include "gallery/gallery.h"

namespace facepipe::gallery {
namespace {

class GalleryLock : public ::testing::Test {
 protected:
  const TemporaryFolder folder_;
  const std::filesystem::path file_ = folder_ / "people.gallery";
};

TEST_F(GalleryLock, EditorsAtOnceLoseNoChange) {
  constexpr int kEditors = 4;
  constexpr int kChanges = 5;
  ASSERT_TRUE(save_gallery(Gallery({"m1", model::known_mode("standard").value(), 1}), file_, nullptr));
  std::vector<std::jthread> editors;
  for (int editor = 0; editor < kEditors; ++editor) {
    editors.emplace_back([&, editor] {
      for (int change = 0; change < kChanges; ++change) {
        const auto lock = FileLock::acquire(file_, std::chrono::minutes(2));
        ASSERT_TRUE(lock) << lock.error().message;
        auto gallery = load_gallery(file_, nullptr);
        ASSERT_TRUE(gallery) << gallery.error().message;
        ASSERT_TRUE(gallery->add("p" + std::to_string(editor) + "-" + std::to_string(change), std::vector<float>{1}));
        ASSERT_TRUE(save_gallery(*gallery, file_, nullptr));
      }
    });
  }
  editors.clear();
  const auto gallery = load_gallery(file_, nullptr);
  ASSERT_TRUE(gallery);
  EXPECT_EQ(gallery->people().size(), static_cast<std::size_t>(kEditors * kChanges));
}

}  // namespace
}  // namespace facepipe::gallery
