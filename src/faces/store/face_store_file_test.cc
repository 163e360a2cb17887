#include <gtest/gtest.h>
#include <sys/stat.h>

#include "faces/store/schema.h"
#include "faces/store/test_face_store.h"
#include "sqlite/log_room.h"

namespace facepipe::faces {
namespace {

class FaceFileTest : public FaceStoreFixture {
 protected:
  Error refusal() {
    const auto opened = SqliteFaceStore::open(file(), options_);
    EXPECT_FALSE(opened);
    return opened ? Error{} : opened.error();
  }
  void put(std::string_view sql) {
    store_.reset();
    auto database = sqlite::Database::open(file(), "face store");
    ASSERT_TRUE(database);
    const Status done = (*database)->execute(std::string(sql));
    ASSERT_TRUE(done) << done.error().message;
  }
};

// -1: the file is not there.
std::int64_t blocks(const std::filesystem::path& path) {
  struct stat info{};
  return ::stat(path.c_str(), &info) == 0 ? std::int64_t{info.st_blocks} * 512 : -1;
}

TEST_F(FaceFileTest, LogHasItsBlocksAndTheReserveHasThemMeanwhile) {
  const std::filesystem::path log = file().native() + "-wal";
  EXPECT_GE(blocks(log), sqlite::kLogRoomBytes);
  EXPECT_EQ(blocks(sqlite::reserve_file(file())), -1);
  store_.reset();
  EXPECT_EQ(blocks(log), -1);
  EXPECT_GE(blocks(sqlite::reserve_file(file())), sqlite::kLogRoomBytes + sqlite::kLogIndexBytes);
  reopen();
  EXPECT_GE(blocks(log), sqlite::kLogRoomBytes);
  EXPECT_EQ(blocks(sqlite::reserve_file(file())), -1);
}

TEST_F(FaceFileTest, EmptiedLogHasItsBlocksAgain) {
  write_ok({.faces = {face_of(1, 7, "Ann")}});
  const auto erased = store_->erase(PersonId{7});
  ASSERT_TRUE(erased) << erased.error().message;
  EXPECT_GE(blocks(file().native() + "-wal"), sqlite::kLogRoomBytes);
}

TEST_F(FaceFileTest, RefusedOpeningLeavesTheReserve) {
  put("PRAGMA user_version = 99");
  store_.reset();
  EXPECT_EQ(refusal().code, ErrorCode::kUnsupported);
  EXPECT_GE(blocks(sqlite::reserve_file(file())), sqlite::kLogRoomBytes);
}

TEST_F(FaceFileTest, IsItsOwnersAlone) {
  struct stat info{};
  ASSERT_EQ(::stat(file().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(FaceFileTest, OneProcessHasIt) {
  const Error error = refusal();
  EXPECT_EQ(error.code, ErrorCode::kUnavailable);
  EXPECT_NE(error.message.find("another process"), std::string::npos) << error.message;
}

TEST_F(FaceFileTest, AnotherReleasesVersionIsRefused) {
  put("PRAGMA user_version = 99");
  EXPECT_EQ(refusal().code, ErrorCode::kUnsupported);
}

TEST_F(FaceFileTest, AnotherKindOfDatabaseIsRefused) {
  put("PRAGMA application_id = 1");
  EXPECT_EQ(refusal().code, ErrorCode::kInvalidData);
}

TEST_F(FaceFileTest, DamageIsFoundAtTheOpening) {
  for (std::uint64_t i = 1; i <= 50; ++i) {
    write_ok({.faces = {face(i)}});
  }
  store_.reset();
  Bytes bytes = *read_file(file(), std::size_t{1} << 30U);
  for (std::size_t i = 8'192; i < bytes.size(); ++i) {
    bytes[i] ^= static_cast<std::byte>(i % 251);
  }
  ASSERT_TRUE(write_file_atomically(file(), bytes, true));
  const Error error = refusal();
  EXPECT_EQ(error.code, ErrorCode::kInvalidData);
  EXPECT_NE(error.message.find("faces.db"), std::string::npos) << error.message;
}

TEST_F(FaceFileTest, WhatIsNoDatabaseIsRefused) {
  store_.reset();
  ASSERT_TRUE(write_file_atomically(file(), as_bytes(std::string(20'000, 'x')), true));
  EXPECT_EQ(refusal().code, ErrorCode::kInvalidData);
}

TEST_F(FaceFileTest, FullStoreTakesNothingHalfAndGoesOn) {
  options_.max_file_bytes = 2 << 20;
  options_.retention.unknown.reset();
  options_.retention.max_bytes = 0;
  reopen();
  NewFace large = face(1);
  large.crop->picture.resize(100'000, std::byte{1});
  std::uint64_t id = 0;
  Result<Written> last = Written{};
  while (last && id < 100) {
    large.record.id = FaceId{++id};
    last = store_->write({.faces = {large}, .visits = {visit(id)}});
  }
  ASSERT_FALSE(last);
  EXPECT_EQ(last.error().code, ErrorCode::kExhausted);
  EXPECT_FALSE(store_->health());
  EXPECT_EQ(store_->face(FaceId{id}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_->visit(VisitId{id}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_->counts()->crops, store_->counts()->faces);
  for (std::uint64_t i = 1; i <= 5; ++i) {
    EXPECT_TRUE(store_->erase_face(FaceId{i}));
  }
  EXPECT_TRUE(store_->write({.faces = {large}}));
  EXPECT_TRUE(store_->health());
}

// A long page on another connection holds up no write.
TEST_F(FaceFileTest, ReadersAndTheWriterGoOnTogether) {
  Batch batch;
  for (std::uint64_t i = 1; i <= 500; ++i) {
    batch.faces.push_back(face(i));
  }
  write_ok(batch);
  std::atomic<bool> stop = false;
  std::vector<std::thread> readers(4);
  for (std::thread& reader : readers) {
    reader = std::thread([&] {
      while (!stop) {
        const auto page = store_->faces({}, {.limit = kMaxPage, .after = {}});
        ASSERT_TRUE(page) << page.error().message;
        EXPECT_EQ(page->records.size(), kMaxPage);
      }
    });
  }
  for (std::uint64_t i = 1'000; i < 1'100; ++i) {
    write_ok({.faces = {face(i)}});
  }
  stop = true;
  for (std::thread& reader : readers) {
    reader.join();
  }
}

}  // namespace
}  // namespace facepipe::faces
