// Tested by zip_test.cc.
#include "weights/zip.h"

#include <algorithm>

#include "weights/parse.h"

namespace facepipe::weights {
namespace {

constexpr std::uint32_t kEnd64Signature = 0x06064B50;
constexpr std::uint32_t kEnd64LocatorSignature = 0x07064B50;
constexpr std::size_t kEndBytes = 22;
constexpr std::size_t kEnd64LocatorBytes = 20;
constexpr std::size_t kMaxCommentBytes = 0xFFFF;
constexpr std::uint16_t kZip64Extra = 0x0001;
constexpr std::uint32_t kSeeZip64 = 0xFFFFFFFF;  // a 32-bit field whose value is in the zip64 one
constexpr std::uint16_t kEncrypted = 0x0001;

struct Directory {
  std::uint64_t entry_count = 0;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

struct CentralHeader {
  std::string_view name;
  std::uint16_t flags = 0;
  std::uint16_t method = 0;
  std::uint32_t crc32 = 0;
  std::uint64_t stored_size = 0;
  std::uint64_t full_size = 0;
  std::uint64_t local_offset = 0;
};

struct LocatedEntry {
  ZipEntry entry;
  std::uint64_t begin = 0;  // of the local header
  std::uint64_t end = 0;    // of the data
};

// The end record lies at the very end, but for a comment whose length it states.
std::optional<std::size_t> find_end_record(ByteView file) {
  const std::size_t last = file.size() < kEndBytes ? 0 : file.size() - kEndBytes;
  for (std::size_t comment = 0; file.size() >= kEndBytes && comment <= std::min(last, kMaxCommentBytes); ++comment) {
    ByteReader reader(file.subspan(last - comment));
    if (reader.u32() == kEndSignature) {
      reader.skip(16);
      if (reader.u16() == comment) {
        return last - comment;
      }
    }
  }
  return std::nullopt;
}

Result<Directory> read_end64_record(ByteView file, std::uint64_t offset) {
  FACEPIPE_ASSIGN(const ByteView record, slice(file, offset, 56, "zip: the zip64 end record"));
  ByteReader reader(record);
  if (reader.u32() != kEnd64Signature) {
    return invalid_data("zip: the zip64 end record is not where its locator says");
  }
  reader.skip(20);  // its size, two versions, two disk numbers
  Directory directory;
  const std::uint64_t entries_here = reader.u64();
  directory.entry_count = reader.u64();
  directory.size = reader.u64();
  directory.offset = reader.u64();
  if (entries_here != directory.entry_count) {
    return unsupported("zip: an archive of several disks");
  }
  return directory;
}

Result<Directory> find_directory(ByteView file) {
  const std::optional<std::size_t> end = find_end_record(file);
  if (!end) {
    return invalid_data("zip: no end of central directory: the file is cut short or no archive");
  }
  if (*end >= kEnd64LocatorBytes) {
    ByteReader locator(file.subspan(*end - kEnd64LocatorBytes));
    if (locator.u32() == kEnd64LocatorSignature) {
      locator.skip(4);
      return read_end64_record(file, locator.u64());
    }
  }
  ByteReader reader(file.subspan(*end));
  reader.skip(8);  // signature, two disk numbers
  const std::uint16_t entries_here = reader.u16();
  Directory directory;
  directory.entry_count = reader.u16();
  directory.size = reader.u32();
  directory.offset = reader.u32();
  if (entries_here != directory.entry_count) {
    return unsupported("zip: an archive of several disks");
  }
  return directory;
}

// Replaces the saturated fields by those of the zip64 extra field, which holds them in this order.
void apply_zip64(ByteView extra, CentralHeader& header) {
  ByteReader reader(extra);
  while (reader.remaining() >= 4) {
    const std::uint16_t id = reader.u16();
    ByteReader field(reader.take(reader.u16()));
    if (id != kZip64Extra) {
      continue;
    }
    for (std::uint64_t* value : {&header.full_size, &header.stored_size, &header.local_offset}) {
      if (*value == kSeeZip64 && field.remaining() >= 8) {
        *value = field.u64();
      }
    }
  }
}

Result<CentralHeader> read_central_header(ByteReader& reader) {
  if (reader.u32() != kCentralSignature) {
    return invalid_data("zip: the central directory is malformed");
  }
  CentralHeader header;
  reader.skip(4);  // versions
  header.flags = reader.u16();
  header.method = reader.u16();
  reader.skip(4);  // time, date
  header.crc32 = reader.u32();
  header.stored_size = reader.u32();
  header.full_size = reader.u32();
  const std::uint16_t name_bytes = reader.u16();
  const std::uint16_t extra_bytes = reader.u16();
  const std::uint16_t comment_bytes = reader.u16();
  reader.skip(8);  // disk, attributes
  header.local_offset = reader.u32();
  header.name = as_text(reader.take(name_bytes));
  apply_zip64(reader.take(extra_bytes), header);
  reader.skip(comment_bytes);
  if (reader.overrun()) {
    return invalid_data("zip: the central directory is cut short");
  }
  return header;
}

Result<LocatedEntry> locate(ByteView file, const Directory& directory, const CentralHeader& header) {
  const std::string what = "zip entry " + quote(header.name);
  if ((header.flags & kEncrypted) != 0) {
    return unsupported(what + " is encrypted");
  }
  LocatedEntry located;
  located.entry = {
      .name = header.name, .data = {}, .method = header.method, .crc32 = header.crc32, .full_size = header.full_size};
  if (header.method == 0 && header.stored_size != header.full_size) {
    return invalid_data(what + " has two sizes");
  }
  const ByteView before_directory = file.first(static_cast<std::size_t>(directory.offset));
  FACEPIPE_ASSIGN(const ByteView local, slice(before_directory, header.local_offset, 30, what));
  ByteReader reader(local);
  const std::uint32_t signature = reader.u32();
  reader.skip(22);
  const std::uint16_t name_bytes = reader.u16();
  const std::uint16_t extra_bytes = reader.u16();
  FACEPIPE_ASSIGN(const ByteView name, slice(before_directory, header.local_offset + 30, name_bytes, what));
  if (signature != kLocalSignature || as_text(name) != header.name) {
    return invalid_data(what + " has another header than the directory says");
  }
  const std::uint64_t data_offset = header.local_offset + 30 + name_bytes + extra_bytes;
  FACEPIPE_ASSIGN(located.entry.data, slice(before_directory, data_offset, header.stored_size, what));
  located.begin = header.local_offset;
  located.end = data_offset + header.stored_size;
  return located;
}

}  // namespace

bool is_zip(ByteView file) {
  return as_text(file).starts_with("PK\x03\x04");
}

Result<std::vector<ZipEntry>> read_zip(ByteView file, const ReadLimits& limits) {
  FACEPIPE_ASSIGN(const Directory directory, find_directory(file));
  if (directory.entry_count > limits.max_entries) {
    return too_large("zip: " + std::to_string(directory.entry_count) + " entries, at most " +
                     std::to_string(limits.max_entries) + " are read");
  }
  FACEPIPE_ASSIGN(const ByteView central, slice(file, directory.offset, directory.size, "zip: the central directory"));
  if (central.size() / kCentralBytes < directory.entry_count) {
    return invalid_data("zip: the central directory is smaller than its entries");
  }
  std::vector<LocatedEntry> located;
  located.reserve(static_cast<std::size_t>(directory.entry_count));
  ByteReader reader(central);
  for (std::uint64_t i = 0; i < directory.entry_count; ++i) {
    FACEPIPE_ASSIGN(const CentralHeader header, read_central_header(reader));
    FACEPIPE_ASSIGN(LocatedEntry entry, locate(file, directory, header));
    located.push_back(entry);
  }
  std::sort(located.begin(), located.end(), [](const auto& a, const auto& b) { return a.begin < b.begin; });
  const bool has_checksums =
      std::any_of(located.begin(), located.end(), [](const auto& each) { return each.entry.crc32 != 0U; });
  std::vector<ZipEntry> entries;
  entries.reserve(located.size());
  std::uint64_t used_to = 0;
  for (const LocatedEntry& entry : located) {
    if (entry.begin < used_to) {
      return invalid_data("zip entry " + quote(entry.entry.name) + " overlaps another");
    }
    used_to = entry.end;
    entries.push_back(entry.entry);
    if (!has_checksums) {
      entries.back().crc32.reset();
    }
  }
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  const auto twice =
      std::adjacent_find(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.name == b.name; });
  if (twice != entries.end()) {
    return invalid_data("zip entry " + quote(twice->name) + " is there twice");
  }
  return entries;
}

}  // namespace facepipe::weights
