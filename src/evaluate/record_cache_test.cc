#include "evaluate/record_cache.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>

#include "base/file.h"
#include "base/temporary_folder.h"

namespace facepipe::evaluate {
namespace {

TEST(RecordCache, KeepsWhatWasPut) {
  const TemporaryFolder folder;
  const auto file = folder / "cache.tensors";
  {
    const auto cache = RecordCache::open(file, "model 1");
    ASSERT_TRUE(cache) << cache.error().message;
    EXPECT_FALSE((*cache)->find("a"));
    ASSERT_TRUE((*cache)->put("a", {1, 2.5F}));
    ASSERT_TRUE((*cache)->put("b", {}));
    ASSERT_TRUE((*cache)->put("c", {-1}));
    EXPECT_EQ(*(*cache)->find("a"), (std::vector<float>{1, 2.5F}));
    ASSERT_TRUE((*cache)->save());
  }
  const auto again = RecordCache::open(file, "model 1");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(*(*again)->find("a"), (std::vector<float>{1, 2.5F}));
  EXPECT_EQ(*(*again)->find("b"), std::vector<float>());
  EXPECT_EQ(*(*again)->find("c"), (std::vector<float>{-1}));
  EXPECT_FALSE((*again)->find("d"));
}

TEST(RecordCache, WhatARunThatIsKilledHasWrittenIsThere) {
  const TemporaryFolder folder;
  const auto file = folder / "cache.tensors";
  const auto cache = RecordCache::open(file, "model 1", std::chrono::seconds(0));
  ASSERT_TRUE(cache);
  ASSERT_TRUE((*cache)->put("a", {1}));
  const auto meanwhile = RecordCache::open(file, "model 1");
  ASSERT_TRUE(meanwhile);
  EXPECT_EQ(*(*meanwhile)->find("a"), (std::vector<float>{1}));
  const auto patient = RecordCache::open(folder / "other", "model 1", std::chrono::hours(1));
  ASSERT_TRUE((*patient)->put("a", {1}));
  EXPECT_FALSE(std::filesystem::exists(folder / "other"));
}

TEST(RecordCache, AnothersWorkIsRefused) {
  const TemporaryFolder folder;
  const auto file = folder / "cache.tensors";
  const auto cache = RecordCache::open(file, "model 1");
  ASSERT_TRUE(cache);
  ASSERT_TRUE((*cache)->put("a", {1}));
  ASSERT_TRUE((*cache)->save());
  const auto other = RecordCache::open(file, "model 2");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::kMismatch);
  EXPECT_NE(other.error().message.find("cache.tensors"), std::string::npos);
}

// Every byte of the file, damaged or cut off, is noticed; nothing that is found then differs from what was put.
TEST(RecordCache, DamageIsNoticed) {
  const TemporaryFolder folder;
  const auto file = folder / "cache.tensors";
  const auto cache = RecordCache::open(file, "model 1");
  ASSERT_TRUE(cache);
  ASSERT_TRUE((*cache)->put("abc", {1, 2}));
  ASSERT_TRUE((*cache)->save());
  const auto whole = read_file(file, 1 << 20U);
  ASSERT_TRUE(whole);
  std::size_t refused = 0;
  for (std::size_t i = 0; i < whole->size(); ++i) {
    Bytes damaged = *whole;
    damaged[i] ^= std::byte{0x01};
    ASSERT_TRUE(write_file_atomically(file, damaged));
    const auto opened = RecordCache::open(file, "model 1");
    refused += opened ? 0U : 1U;
    if (opened) {
      const auto found = (*opened)->find("abc");
      EXPECT_TRUE(!found || *found == (std::vector<float>{1, 2})) << i;
    } else {
      EXPECT_NE(opened.error().message.find("remove it to start anew"), std::string::npos);
    }
  }
  EXPECT_GT(refused, whole->size() * 9 / 10);
  ASSERT_TRUE(write_file_atomically(file, ByteView(*whole).first(whole->size() - 1)));
  EXPECT_FALSE(RecordCache::open(file, "model 1"));
}

TEST(RecordCache, AnEmptyPathKeepsNothing) {
  const auto cache = RecordCache::open({}, "model 1");
  ASSERT_TRUE(cache);
  ASSERT_TRUE((*cache)->put("a", {1}));
  EXPECT_TRUE((*cache)->save());
}

TEST(RecordCache, AFolderThatIsMissingIsAnError) {
  const TemporaryFolder folder;
  const auto cache = RecordCache::open(folder / "none" / "cache.tensors", "model 1");
  ASSERT_TRUE(cache);
  ASSERT_TRUE((*cache)->put("a", {1}));
  EXPECT_FALSE((*cache)->save());
}

}  // namespace
}  // namespace facepipe::evaluate
