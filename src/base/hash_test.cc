#include "base/hash.h"

#include <gtest/gtest.h>

#include <string>

namespace facepipe {
namespace {

std::string xxh64(std::string_view text) {
  Xxh64 digest;
  digest.update(as_bytes(text));
  return to_hex(digest.digest());
}

// Known answers of other implementations.
TEST(Xxh64, KnownDigests) {
  EXPECT_EQ(xxh64(""), "ef46db3751d8e999");
  EXPECT_EQ(xxh64("a"), "d24ec4f1a98c6e5b");
  EXPECT_EQ(xxh64("abc"), "44bc2cf5ad770999");
  EXPECT_EQ(xxh64("Nobody inspects the spammish repetition"), "fbcea83c8a378bf1");
}

TEST(Xxh64, PartsOfAnySizeGiveTheDigestOfTheWhole) {
  std::string text;
  for (int i = 0; i < 300; ++i) {
    text.push_back(static_cast<char>(i * 7));
  }
  const std::string whole = xxh64(text);
  for (std::size_t part = 1; part < text.size(); ++part) {
    Xxh64 digest;
    Sha256 sha;
    for (std::size_t at = 0; at < text.size(); at += part) {
      digest.update(as_bytes(std::string_view(text).substr(at, part)));
      sha.update(as_bytes(std::string_view(text).substr(at, part)));
    }
    EXPECT_EQ(to_hex(digest.digest()), whole) << part;
    EXPECT_EQ(sha.hex(), sha256_hex(as_bytes(text))) << part;
  }
}

TEST(Xxh64, EveryFlippedBitIsFound) {
  std::string text(200, 'x');
  const std::string whole = xxh64(text);
  for (char& c : text) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      const char kept = c;
      c = static_cast<char>(static_cast<unsigned char>(c) ^ (1U << bit));
      EXPECT_NE(xxh64(text), whole);
      c = kept;
    }
  }
}

TEST(Hash, HexHasItsLeadingZeros) {
  EXPECT_EQ(to_hex(0x0123456789abcdefULL), "0123456789abcdef");
  EXPECT_EQ(to_hex(1), "0000000000000001");
}

TEST(ConstantTime, IsEqualityOfBytes) {
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("xbc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abcd"));
  EXPECT_FALSE(equal_in_constant_time(std::string_view("a\0b", 3), std::string_view("a\0c", 3)));
}

}  // namespace
}  // namespace facepipe
