// Tested by mapped_gallery_test.cc.
#include "gallery/journal.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <string>

#include "base/hash.h"

namespace facepipe::gallery {
namespace {

constexpr std::size_t kAlignment = 8;
constexpr std::size_t kFixed = 8;  // number and owner, at the start of every content

struct RecordHeader {
  std::uint32_t content_bytes = 0;
  RecordKind kind{};
  std::uint8_t is_last = 0;  // of its change
  std::uint16_t zero = 0;
  std::uint64_t change = 0;  // where the change's first record starts
  std::uint64_t extent = 0;  // XXH64 of all that must hold of a record that is overwritten, too
  std::uint64_t digest = 0;  // XXH64 of kind and content
};
static_assert(sizeof(RecordHeader) == kRecordHeader && offsetof(RecordHeader, kind) == kRecordKindAt);

std::uint64_t extent_of(const RecordHeader& header, std::uint64_t base_id, std::uint64_t offset) {
  const std::array<std::uint64_t, 5> parts = {base_id, offset, header.content_bytes, header.is_last, header.change};
  Xxh64 hash;
  hash.update(std::as_bytes(std::span(parts)));
  return hash.digest();
}

std::uint64_t record_digest(RecordKind kind, ByteView content) {
  Xxh64 hash;
  hash.update(std::as_bytes(std::span(&kind, 1)));
  hash.update(content);
  return hash.digest();
}

std::size_t padded(std::size_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

RecordHeader header_at(ByteView bytes, std::size_t at) {
  RecordHeader header;
  std::memcpy(&header, bytes.data() + at, sizeof header);
  return header;
}

// A record whose extent is whole and lies within the bytes.
bool is_record(ByteView bytes, std::size_t at, std::uint64_t base_id, std::size_t offset) {
  if (bytes.size() - at < kRecordHeader) {
    return false;
  }
  const RecordHeader header = header_at(bytes, at);
  return header.extent == extent_of(header, base_id, offset + at) && header.content_bytes >= kFixed &&
         padded(header.content_bytes) <= bytes.size() - at - kRecordHeader;
}

Record record_at(ByteView bytes, std::size_t at, std::size_t offset) {
  const RecordHeader header = header_at(bytes, at);
  Record record;
  record.kind = header.kind;
  record.offset = offset + at;
  record.content_bytes = header.content_bytes;
  const ByteView content = bytes.subspan(at + kRecordHeader, header.content_bytes);
  if (record.kind == RecordKind::kVoid) {
    record.is_erased =
        header.digest == 0 && std::ranges::all_of(content, [](std::byte byte) { return byte == std::byte{0}; });
    return record;
  }
  std::memcpy(&record.number, content.data(), sizeof record.number);
  std::memcpy(&record.owner, content.data() + sizeof record.number, sizeof record.owner);
  const ByteView rest = content.subspan(kFixed);
  if (record.kind == RecordKind::kPerson && rest.size() == sizeof record.id) {
    std::memcpy(&record.id, rest.data(), sizeof record.id);
  }
  if (record.kind == RecordKind::kEmbedding || record.kind == RecordKind::kRejected) {
    record.values = {reinterpret_cast<const float*>(rest.data()), rest.size() / sizeof(float)};
  } else {
    record.text = as_text(rest);
  }
  return record;
}

}  // namespace

void JournalWriter::add(RecordKind kind, std::uint32_t number, std::uint32_t owner, ByteView content) {
  last_ = bytes_.size();
  bytes_.resize(last_ + kRecordHeader + padded(kFixed + content.size()));
  std::byte* const at = bytes_.data() + last_ + kRecordHeader;
  std::memcpy(at, &number, sizeof number);
  std::memcpy(at + sizeof number, &owner, sizeof owner);
  if (!content.empty()) {
    std::memcpy(at + kFixed, content.data(), content.size());
  }
  RecordHeader header;
  header.content_bytes = static_cast<std::uint32_t>(kFixed + content.size());
  header.kind = kind;
  header.change = offset_;
  header.extent = extent_of(header, base_id_, offset_ + last_);
  header.digest = record_digest(kind, {at, header.content_bytes});
  std::memcpy(bytes_.data() + last_, &header, sizeof header);
}

void JournalWriter::person(std::uint32_t slot, std::uint64_t id) {
  add(RecordKind::kPerson, slot, 0, std::as_bytes(std::span(&id, 1)));
}

void JournalWriter::embedding(std::uint32_t row, std::uint32_t slot, std::span<const float> values) {
  add(RecordKind::kEmbedding, row, slot, std::as_bytes(values));
}

void JournalWriter::remove_person(std::uint32_t slot) {
  add(RecordKind::kRemovePerson, slot, 0, {});
}

void JournalWriter::remove_row(std::uint32_t row) {
  add(RecordKind::kRemoveRow, row, 0, {});
}

void JournalWriter::name(std::uint32_t slot, std::string_view name) {
  add(RecordKind::kName, slot, 0, as_bytes(name));
}

void JournalWriter::rejected(std::uint32_t slot, std::span<const std::vector<float>> pictures) {
  std::vector<float> values;
  for (const std::vector<float>& picture : pictures) {
    values.insert(values.end(), picture.begin(), picture.end());
  }
  add(RecordKind::kRejected, slot, 0, std::as_bytes(std::span(values)));
}

void JournalWriter::settings(std::string_view json) {
  add(RecordKind::kSettings, 0, 0, as_bytes(json));
}

Bytes JournalWriter::take() && {
  if (!bytes_.empty()) {
    RecordHeader header = header_at(bytes_, last_);
    header.is_last = 1;
    header.extent = extent_of(header, base_id_, offset_ + last_);
    std::memcpy(bytes_.data() + last_, &header, sizeof header);
  }
  return std::move(bytes_);
}

Result<Journal> read_journal(ByteView bytes, std::uint64_t base_id, std::size_t offset) {
  Journal journal;
  journal.end = offset;
  std::size_t whole = 0;  // records of changes that are whole
  std::size_t at = 0;
  for (; at < bytes.size() && is_record(bytes, at, base_id, offset);) {
    const RecordHeader header = header_at(bytes, at);
    const ByteView content = bytes.subspan(at + kRecordHeader, header.content_bytes);
    if (header.change != journal.end ||
        (header.kind != RecordKind::kVoid && header.digest != record_digest(header.kind, content))) {
      break;
    }
    journal.records.push_back(record_at(bytes, at, offset));
    at += kRecordHeader + padded(header.content_bytes);
    if (header.is_last != 0) {
      whole = journal.records.size();
      journal.end = offset + at;
    }
  }
  journal.records.resize(whole);
  // A killed writer leaves part of one change; another change behind it tells of damage.
  for (at = journal.end - offset; at + kRecordHeader <= bytes.size(); at += kAlignment) {
    if (is_record(bytes, at, base_id, offset) && header_at(bytes, at).change > journal.end) {
      return Error{ErrorCode::kInvalidData,
                   "damaged: the change at offset " + std::to_string(journal.end) + " is not the one that was written"};
    }
  }
  return journal;
}

}  // namespace facepipe::gallery
