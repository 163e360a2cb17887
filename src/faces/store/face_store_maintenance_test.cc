#include <gtest/gtest.h>

#include "faces/store/maintenance.h"
#include "faces/store/schema.h"
#include "faces/store/test_face_store.h"

namespace facepipe::faces {
namespace {

class FaceMaintenanceTest : public FaceStoreFixture {
 protected:
  void write_some() {
    write_ok({.faces = {face(1), face_of(2, 7, "Wilhelmina")},
              .visits = {visit(1)},
              .pictures = {picture(91, 7), picture(92, 8)},
              .events = {event("visit.named", R"({"name":"Wilhelmina"})")}});
  }
  void damage() {
    store_.reset();
    Bytes bytes = *read_file(file(), std::size_t{1} << 30U);
    for (std::size_t i = 1; i < bytes.size() / 4'096; i += 7) {
      bytes[i * 4'096 + 5] ^= std::byte{0x5a};
    }
    ASSERT_TRUE(write_file_atomically(file(), bytes, true));
  }
};

TEST_F(FaceMaintenanceTest, SoundStoreIsSaidToBe) {
  write_some();
  const auto running = check_face_store(file(), std::nullopt);
  ASSERT_TRUE(running) << running.error().message;
  EXPECT_TRUE(running->in_use);
  EXPECT_EQ(running->counts.faces, 2);
  store_.reset();
  const auto stopped = check_face_store(file(), std::nullopt);
  ASSERT_TRUE(stopped) << stopped.error().message;
  EXPECT_FALSE(stopped->in_use);
  EXPECT_EQ(stopped->format_version, kFormatVersion);
  EXPECT_EQ(stopped->counts.pictures, 2);
  EXPECT_TRUE(stopped->problems.empty());
  EXPECT_EQ(stopped->unreadable, 0);
  EXPECT_FALSE(stopped->sealed);
  EXPECT_EQ(check_face_store(folder_.path() / "none.db", std::nullopt).error().code, ErrorCode::kNotFound);
}

TEST_F(FaceMaintenanceTest, PicturesAreListed) {
  write_some();
  std::vector<PictureId> pictures;
  ASSERT_TRUE(each_picture(file(), std::nullopt, [&](const PictureRecord& one, std::span<const float> embedding) {
    pictures.push_back(one.id);
    EXPECT_EQ(embedding.size(), 2U);
  }));
  EXPECT_EQ(pictures, (std::vector{PictureId{91}, PictureId{92}}));
}

TEST_F(FaceMaintenanceTest, CopyIsMadeWhileTheStoreIsInUse) {
  write_some();
  const std::filesystem::path copy = folder_.path() / "copy.db";
  const Status copied = backup_face_store(file(), copy);
  ASSERT_TRUE(copied) << copied.error().message;
  EXPECT_EQ(backup_face_store(file(), copy).error().code, ErrorCode::kAlreadyExists);
  write_ok({.faces = {face(3)}});
  const auto opened = SqliteFaceStore::open(copy, options_);
  ASSERT_TRUE(opened);
  EXPECT_EQ((*opened)->counts()->faces, 2);
}

TEST_F(FaceMaintenanceTest, EnrolledPicturesAreTakenOutOfADamagedStore) {
  for (std::uint64_t i = 1; i <= 100; ++i) {
    NewPicture one = picture(i, 7);
    one.crop.picture.resize(3'000);
    write_ok({.faces = {face(i)}, .pictures = {one}});
  }
  options_.changeable_retention = {"known"};
  reopen();
  write_ok({.retention = {{"known", 60}}});
  damage();
  const auto salvage = salvage_face_store(file(), std::nullopt, clock_);
  ASSERT_TRUE(salvage) << salvage.error().message;
  EXPECT_GT(salvage->pictures, 20);
  EXPECT_TRUE(std::filesystem::exists(salvage->damaged));
  reopen();
  EXPECT_EQ(store_->counts()->pictures, salvage->pictures);
  EXPECT_EQ(store_->retention().known, std::chrono::seconds(60)) << "what was changed stays so";
  EXPECT_EQ(store_->counts()->faces, 0);
  EXPECT_EQ(salvage_face_store(file(), std::nullopt, clock_).error().code, ErrorCode::kUnavailable);
}

TEST_F(FaceMaintenanceTest, NameIsErasedFromAStoppedStore) {
  write_some();
  EXPECT_EQ(erase_from_face_store(file(), std::nullopt, std::nullopt, "Wilhelmina").error().code,
            ErrorCode::kUnavailable);
  EXPECT_EQ(*count_mentions(file(), std::nullopt, "Wilhelmina"), 2);
  store_.reset();
  const auto erased = erase_from_face_store(file(), std::nullopt, std::nullopt, "Wilhelmina");
  ASSERT_TRUE(erased) << erased.error().message;
  EXPECT_EQ(*erased, 3) << "a face, a picture of the same person, an event";
  EXPECT_EQ(all_bytes().find("Wilhelmina"), std::string::npos);
  EXPECT_EQ(all_bytes().find("enrolled 91"), std::string::npos);
  EXPECT_NE(all_bytes().find("enrolled 92"), std::string::npos);
  EXPECT_EQ(*count_mentions(file(), std::nullopt, "Wilhelmina"), 0);
}

TEST_F(FaceMaintenanceTest, FileIsKnownByItsStart) {
  write_some();
  store_.reset();
  EXPECT_TRUE(is_face_store(*read_file(file(), std::size_t{1} << 30U)));
  EXPECT_FALSE(is_face_store(as_bytes("SQLite format 3")));
}

}  // namespace
}  // namespace facepipe::faces
