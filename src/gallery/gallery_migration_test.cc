// Files of format 1, as an earlier release wrote them (tests/data/gallery), open and are written as format 2.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/temporary_folder.h"
#include "gallery/gallery.h"
#include "gallery/person_id.h"

namespace facepipe::gallery {
namespace {

class GalleryMigration : public ::testing::Test {
 protected:
  static Bytes sample(const char* name) {
    auto bytes = read_file(std::filesystem::path(FACEPIPE_SOURCE_DIR) / "tests/data/gallery" / name, 1 << 16);
    EXPECT_TRUE(bytes) << bytes.error().message;
    return *std::move(bytes);
  }
  static Gallery opened(const Bytes& bytes) {
    auto gallery = gallery_from_bytes(bytes);
    EXPECT_TRUE(gallery) << gallery.error().message;
    return *std::move(gallery);
  }
  static int version_of(const Bytes& bytes) { return std::to_integer<int>(bytes[8]); }

  // What both samples hold.
  static void expect_the_two(const Gallery& gallery) {
    EXPECT_EQ(gallery.origin().model_id, "");
    EXPECT_EQ(gallery.origin().preprocessing, model::known_mode("classic").value());
    EXPECT_EQ(gallery.distance_threshold(), std::nullopt);
    ASSERT_EQ(gallery.people().size(), 2U);
    EXPECT_EQ(gallery.people()[0].name, "Zo\xC3\xAB");
    EXPECT_EQ(gallery.people()[1].name, "B");
    ASSERT_EQ(gallery.embedding_count(), 2U);
    EXPECT_EQ(std::vector<float>(gallery.embedding(0).begin(), gallery.embedding(0).end()),
              (std::vector<float>{0.5F, -1, 2, 0.25F}));
    EXPECT_EQ(std::vector<float>(gallery.embedding(1).begin(), gallery.embedding(1).end()),
              (std::vector<float>{1, 2, 3, 4}));
    // Recorded answers keep these ids: they may not change.
    EXPECT_EQ(to_string(gallery.people()[0].id), "2e27267a7e144f9e");
    EXPECT_EQ(to_string(gallery.people()[1].id), "b1930a7547013386");
  }

  const TemporaryFolder folder_;
};

TEST_F(GalleryMigration, Format1OpensWithTheSameIdsEachTime) {
  const Bytes bytes = sample("format1.fpg");
  ASSERT_EQ(version_of(bytes), 1);
  expect_the_two(opened(bytes));
  expect_the_two(opened(bytes));
}

TEST_F(GalleryMigration, TheNextChangeWritesFormat2AndKeepsTheIds) {
  const auto file = folder_ / "gallery.fpg";
  ASSERT_TRUE(write_file_atomically(file, sample("format1.fpg")));
  auto gallery = load_gallery(file, nullptr);
  ASSERT_TRUE(gallery) << gallery.error().message;
  const PersonId zoe = gallery->people()[0].id;
  ASSERT_TRUE(gallery->rename(zoe, "Zoe"));
  ASSERT_TRUE(save_gallery(*gallery, file, nullptr));
  const Bytes written = *read_file(file, 1 << 16);
  EXPECT_EQ(version_of(written), 2);
  const Gallery again = opened(written);
  EXPECT_EQ(again.id_of("Zoe").value(), zoe);
  EXPECT_EQ(again.people()[1].id, gallery->people()[1].id);
  ASSERT_TRUE(gallery->rename(zoe, "Zo\xC3\xAB"));
  expect_the_two(*gallery);
}

TEST_F(GalleryMigration, Format2OpensAndKeepsItsIds) {
  const Bytes bytes = sample("format2.fpg");
  ASSERT_EQ(version_of(bytes), 2);
  expect_the_two(opened(bytes));
  expect_the_two(opened(gallery_to_bytes(opened(bytes))));
}

TEST_F(GalleryMigration, AGalleryThatBecomesMappedKeepsItsIds) {
  const auto file = folder_ / "gallery.fpg";
  for (const char* name : {"format1.fpg", "format2.fpg"}) {
    ASSERT_TRUE(write_file_atomically(file, sample(name)));
    ASSERT_TRUE(save_mapped_gallery(*load_gallery(file, nullptr), file));
    const Bytes written = *read_file(file, 1 << 20);
    EXPECT_EQ(version_of(written), 3);
    expect_the_two(opened(written));
    expect_the_two(*load_gallery(file, nullptr));
  }
}

TEST_F(GalleryMigration, ASealedFileHasTheSameIds) {
  const auto file = folder_ / "sealed.fpg";
  ASSERT_TRUE(write_file_atomically(file, sample("format1-sealed.fpg")));
  ASSERT_TRUE(write_file_atomically(folder_ / "key", sample("format1-sealed.key"), /*private_file=*/true));
  const SealingKey key = *SealingKey::from_file(folder_ / "key");
  const auto gallery = load_gallery(file, &key);
  ASSERT_TRUE(gallery) << gallery.error().message;
  expect_the_two(*gallery);
  ASSERT_TRUE(save_gallery(*gallery, file, &key));
  const auto again = load_gallery(file, &key);
  ASSERT_TRUE(again) << again.error().message;
  expect_the_two(*again);
}

}  // namespace
}  // namespace facepipe::gallery
