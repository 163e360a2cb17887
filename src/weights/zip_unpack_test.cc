// Checksums and deflated entries, in the files of tests/data/weights and in hostile archives made here.
#include "weights/zip_unpack.h"

#include <gtest/gtest.h>

#include <string>

#include "weights/readers.h"
#include "weights/test_data.h"

namespace facepipe::weights {
namespace {

// "aaaa...": 1,000 bytes, raw deflate.
constexpr std::string_view kDeflatedAs("\x4b\x4c\x1c\x05\xa3\x60\x14\x0c\x77\x00\x00", 11);

ZipEntry deflated() {
  return {.name = "x/data.pkl", .data = as_bytes(kDeflatedAs), .method = 8, .full_size = 1000};
}

std::string unpack_error(const ZipEntry& entry, std::size_t max_inflated_bytes = 1000) {
  return weights::error_of(ZipUnpacker(max_inflated_bytes).unpack(entry));
}

TEST(ZipUnpack, ComparesTheChecksum) {
  ZipEntry entry{.name = "a", .data = as_bytes("123456789"), .method = 0, .crc32 = 0xCBF43926, .full_size = 9};
  EXPECT_EQ(unpack_error(entry), "no error");
  entry.data = as_bytes("123456788");
  EXPECT_EQ(unpack_error(entry), "zip entry 'a' is damaged: its CRC-32 is bcf309b0, expected cbf43926");
  entry.crc32 = 0;  // a checksum like any other
  EXPECT_EQ(unpack_error(entry), "zip entry 'a' is damaged: its CRC-32 is bcf309b0, expected 00000000");
  entry.crc32 = std::nullopt;  // an archive without checksums
  EXPECT_EQ(unpack_error(entry), "no error");
}

TEST(ZipUnpack, Inflates) {
  ZipUnpacker unpacker(1000);
  ZipEntry entry = deflated();
  entry.crc32 = crc32_of(as_bytes(std::string(1000, 'a')));
  const auto bytes = unpacker.unpack(entry);
  ASSERT_TRUE(bytes) << weights::error_of(bytes);
  EXPECT_EQ(as_text(*bytes), std::string(1000, 'a'));
  const ZipUnpacker moved = std::move(unpacker);
  EXPECT_EQ(as_text(*bytes), std::string(1000, 'a'));
  *entry.crc32 += 1;
  EXPECT_NE(unpack_error(entry).find("'x/data.pkl' is damaged: its CRC-32 is "), std::string::npos);
}

TEST(ZipUnpack, BoundsWhatIsInflatedBeforeItIs) {
  EXPECT_EQ(unpack_error(deflated(), 999),
            "zip entry 'x/data.pkl' would be inflated to 1000 bytes, expected at most 999 of an archive of this size");
  ZipUnpacker unpacker(1999);  // for all entries together
  EXPECT_TRUE(unpacker.unpack(deflated()));
  EXPECT_FALSE(unpacker.unpack(deflated()));
}

TEST(ZipUnpack, RefusesStreamsOfAnotherSize) {
  ZipEntry entry = deflated();
  for (const std::uint64_t size : {0U, 1U, 998U, 999U, 1001U}) {
    entry.full_size = size;
    EXPECT_EQ(unpack_error(entry, 2000),
              "zip entry 'x/data.pkl' is damaged: its 11 deflated bytes are not " + std::to_string(size) + " bytes");
  }
  entry.full_size = 1000;
  entry.data = entry.data.first(6);
  EXPECT_EQ(unpack_error(entry), "zip entry 'x/data.pkl' is damaged: its 6 deflated bytes are not 1000 bytes");
  entry.data = as_bytes("no stream at all");
  EXPECT_FALSE(ZipUnpacker(1000).unpack(entry));
}

TEST(ZipUnpack, NamesOtherMethods) {
  ZipEntry entry = deflated();
  entry.method = 12;
  EXPECT_EQ(unpack_error(entry), "zip entry 'x/data.pkl' is compressed by method 12, expected it stored or deflated");
}

// A flipped bit anywhere in a storage or in the pickle is seen, and its entry named.
TEST(ZipUnpack, EveryEntryThatIsReadIsChecked) {
  for (const char* name : {"state_zip.pt", "state_zip_protocol4.pt", "script_traced.pt"}) {
    const Bytes file = test_file(name);
    const auto entries = read_zip(file, {});
    ASSERT_TRUE(entries) << weights::error_of(entries);
    std::size_t checked = 0;
    for (const ZipEntry& entry : *entries) {
      const std::string_view member = entry.name.substr(entry.name.find('/') + 1);
      if ((member != "data.pkl" && !member.starts_with("data/")) || entry.data.empty()) {
        continue;
      }
      Bytes damaged = file;
      damaged[static_cast<std::size_t>(entry.data.data() - file.data())] ^= std::byte{1};
      const std::string error = weights::error_of(read_torch(damaged));
      EXPECT_EQ(error.rfind("zip entry '" + std::string(entry.name) + "' is damaged: its CRC-32 is ", 0), 0U) << error;
      ++checked;
    }
    EXPECT_GE(checked, 5U) << name;
  }
}

}  // namespace
}  // namespace facepipe::weights
