#include "weights/zip.h"

#include <gtest/gtest.h>

#include <string>

#include "weights/byte_writer.h"
#include "weights/zip_unpack.h"
#include "weights/zip_writer.h"

namespace facepipe::weights {
namespace {

struct Fields {  // of a central header, where a test wants them different from an honest archive's
  std::uint16_t flags = 0;
  std::uint16_t method = 0;
  std::uint32_t crc32 = 0;
  std::uint32_t stored_size = 4;
  std::uint32_t full_size = 4;
  std::uint32_t local_offset = 0;
  std::string name = "a";
  Bytes extra{};
};

void add_local(ByteWriter& out, std::string_view name, std::string_view data) {
  out.u32(0x04034B50).zeros(22).u16(static_cast<std::uint16_t>(name.size())).u16(0).text(name).text(data);
}

void add_central(ByteWriter& out, const Fields& fields) {
  out.u32(0x02014B50).u32(0).u16(fields.flags).u16(fields.method).u32(0).u32(fields.crc32);
  out.u32(fields.stored_size).u32(fields.full_size).u16(static_cast<std::uint16_t>(fields.name.size()));
  out.u16(static_cast<std::uint16_t>(fields.extra.size())).u16(0).zeros(8).u32(fields.local_offset);
  out.text(fields.name).bytes(fields.extra);
}

void add_end(ByteWriter& out, std::uint16_t count, std::size_t central_offset, std::string_view comment = "") {
  const std::size_t central_bytes = out.size() - central_offset;
  out.u32(0x06054B50).u32(0).u16(count).u16(count).u32(static_cast<std::uint32_t>(central_bytes));
  out.u32(static_cast<std::uint32_t>(central_offset)).u16(static_cast<std::uint16_t>(comment.size())).text(comment);
}

// One entry "a" of "data" at 0, described by `fields`.
Bytes archive_of(const Fields& fields, std::string_view comment = "") {
  ByteWriter out;
  add_local(out, "a", "data");
  const std::size_t central_offset = out.size();
  add_central(out, fields);
  add_end(out, 1, central_offset, comment);
  return std::move(out).take();
}

std::string error_of(ByteView file, const ReadLimits& limits = {}) {
  const auto entries = read_zip(file, limits);
  return entries ? "no error" : entries.error().message;
}

TEST(Zip, ReadsWhatItWrites) {
  const Bytes file = write_zip({{"b/long name", as_bytes("second")}, {"a", as_bytes("")}, {"c", as_bytes("xyz")}});
  EXPECT_TRUE(is_zip(file));
  const auto entries = read_zip(file, {});
  ASSERT_TRUE(entries) << entries.error().message;
  ASSERT_EQ(entries->size(), 3U);
  EXPECT_EQ((*entries)[0].name, "a");
  EXPECT_TRUE((*entries)[0].data.empty());
  EXPECT_EQ((*entries)[1].name, "b/long name");
  EXPECT_EQ(as_text((*entries)[1].data), "second");
  EXPECT_EQ((*entries)[1].data.data() - file.data(), 64);
  EXPECT_EQ(((*entries)[2].data.data() - file.data()) % 64, 0);
  EXPECT_EQ((*entries)[2].method, 0U);
}

TEST(Zip, WritesTheChecksum) {
  const Bytes file = write_zip({{"a", as_bytes("123456789")}});
  const std::string_view crc_field = as_text(file).substr(14, 4);
  EXPECT_EQ(crc_field, "\x26\x39\xF4\xCB");  // CRC-32's check value 0xCBF43926
}

TEST(Zip, ReadsAnEmptyArchive) {
  const auto entries = read_zip(write_zip({}), {});
  ASSERT_TRUE(entries);
  EXPECT_TRUE(entries->empty());
}

TEST(Zip, AllowsAComment) {
  EXPECT_EQ(error_of(archive_of({}, "PK\x05\x06 is no end record")), "no error");
}

TEST(Zip, ReadsZip64) {
  ByteWriter extra;
  extra.u16(0x0042).u16(2).u16(0);  // another field first
  extra.u16(0x0001).u16(24).u64(4).u64(4).u64(0);
  ByteWriter out;
  add_local(out, "a", "data");
  const std::size_t central_offset = out.size();
  add_central(out, {.crc32 = 0x12345678,
                    .stored_size = 0xFFFFFFFF,
                    .full_size = 0xFFFFFFFF,
                    .local_offset = 0xFFFFFFFF,
                    .extra = std::move(extra).take()});
  const std::size_t end64_offset = out.size();
  out.u32(0x06064B50).u64(44).zeros(12).u64(1).u64(1).u64(end64_offset - central_offset).u64(central_offset);
  out.u32(0x07064B50).u32(0).u64(end64_offset).u32(1);
  out.u32(0x06054B50).u32(0).u16(0xFFFF).u16(0xFFFF).u32(0xFFFFFFFF).u32(0xFFFFFFFF).u16(0);
  const Bytes file = std::move(out).take();
  const auto entries = read_zip(file, {});
  ASSERT_TRUE(entries) << entries.error().message;
  ASSERT_EQ(entries->size(), 1U);
  EXPECT_EQ(as_text((*entries)[0].data), "data");
  EXPECT_EQ((*entries)[0].crc32, 0x12345678U);
}

// A checksum of 0 is one that was not written only where no entry has another.
TEST(Zip, TellsArchivesWithoutChecksums) {
  const auto without = read_zip(archive_of({}), {});
  ASSERT_TRUE(without) << without.error().message;
  EXPECT_EQ((*without)[0].crc32, std::nullopt);

  ByteWriter out;
  add_local(out, "a", "data");
  add_local(out, "b", "data");
  const std::size_t central_offset = out.size();
  add_central(out, {});
  add_central(out, {.crc32 = 7, .local_offset = 35, .name = "b"});
  add_end(out, 2, central_offset);
  const Bytes file = std::move(out).take();
  const auto entries = read_zip(file, {});
  ASSERT_TRUE(entries) << entries.error().message;
  EXPECT_EQ((*entries)[0].crc32, 0U);
  EXPECT_EQ((*entries)[1].crc32, 7U);
}

// Bit 3: the local header has no checksum and no sizes, a descriptor behind the data has. The directory's count.
TEST(Zip, ReadsEntriesWithDataDescriptors) {
  ByteWriter out;
  add_local(out, "a", "data");
  out.u32(0x08074B50).u32(0xADF3F363).u32(4).u32(4);
  const std::size_t second_at = out.size();
  add_local(out, "b", "data");
  out.u32(0xADF3F363).u32(4).u32(4);  // its signature may be left out
  const std::size_t central_offset = out.size();
  add_central(out, {.flags = 8, .crc32 = 0xADF3F363});
  add_central(out,
              {.flags = 8, .crc32 = 0xADF3F364, .local_offset = static_cast<std::uint32_t>(second_at), .name = "b"});
  add_end(out, 2, central_offset);
  const Bytes file = std::move(out).take();
  const auto entries = read_zip(file, {});
  ASSERT_TRUE(entries) << entries.error().message;
  ZipUnpacker unpacker(0);
  const auto first = unpacker.unpack((*entries)[0]);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(as_text(*first), "data");
  const auto second = unpacker.unpack((*entries)[1]);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message, "zip entry 'b' is damaged: its CRC-32 is adf3f363, expected adf3f364");
}

TEST(Zip, MarksCompressedEntries) {
  const auto entries = read_zip(archive_of({.method = 8, .full_size = 100}), {});
  ASSERT_TRUE(entries) << entries.error().message;
  EXPECT_EQ((*entries)[0].method, 8U);
  EXPECT_EQ((*entries)[0].full_size, 100U);
}

TEST(Zip, RefusesEntriesThatAreNotWhereTheySay) {
  EXPECT_EQ(error_of(archive_of({.stored_size = 5, .full_size = 5})),
            "zip entry 'a' at byte 31, 5 bytes, is outside the file of 35 bytes");
  EXPECT_EQ(error_of(archive_of({.stored_size = 0xFFFFFFF0, .full_size = 0xFFFFFFF0})),
            "zip entry 'a' at byte 31, 4294967280 bytes, is outside the file of 35 bytes");
  EXPECT_EQ(error_of(archive_of({.local_offset = 1'000'000'000})),
            "zip entry 'a' at byte 1000000000, 30 bytes, is outside the file of 35 bytes");
  EXPECT_EQ(error_of(archive_of({.local_offset = 1})), "zip entry 'a' has another header than the directory says");
  EXPECT_EQ(error_of(archive_of({.name = "b"})), "zip entry 'b' has another header than the directory says");
  EXPECT_EQ(error_of(archive_of({.full_size = 3})), "zip entry 'a' has two sizes");
  EXPECT_EQ(error_of(archive_of({.flags = 1})), "zip entry 'a' is encrypted");
}

TEST(Zip, RefusesOverlapsAndDuplicates) {
  ByteWriter overlap;
  add_local(overlap, "a", "data");
  std::size_t central_offset = overlap.size();
  add_central(overlap, {});
  add_central(overlap, {});
  add_end(overlap, 2, central_offset);
  EXPECT_EQ(error_of(std::move(overlap).take()), "zip entry 'a' overlaps another");

  EXPECT_EQ(error_of(write_zip({{"a", as_bytes("1")}, {"a", as_bytes("2")}})), "zip entry 'a' is there twice");
}

TEST(Zip, RefusesDirectoriesThatLie) {
  ByteWriter out;
  add_local(out, "a", "data");
  const std::size_t central_offset = out.size();
  add_central(out, {});
  add_end(out, 60'000, central_offset);
  const Bytes file = std::move(out).take();
  EXPECT_EQ(error_of(file), "zip: the central directory is smaller than its entries");
  EXPECT_EQ(error_of(file, {.max_entries = 10}), "zip: 60000 entries, at most 10 are read");
  EXPECT_EQ(error_of(as_bytes("PK\x03\x04")), "zip: no end of central directory: the file is cut short or no archive");
}

TEST(Zip, SurvivesTruncation) {
  const Bytes file = write_zip({{"a", as_bytes("data")}, {"b", as_bytes("more")}});
  for (std::size_t size = 0; size < file.size(); ++size) {
    const Bytes cut(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(read_zip(cut, {})) << size;
  }
}

}  // namespace
}  // namespace facepipe::weights
