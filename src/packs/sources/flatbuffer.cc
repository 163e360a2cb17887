// Tested by tflite_test.cc and tflite_hostile_test.cc.
#include "packs/sources/flatbuffer.h"

#include <bit>
#include <limits>
#include <string>
#include <utility>

#include "weights/parse.h"

namespace facepipe::weights {
namespace {

static_assert(std::endian::native == std::endian::little, "FlatBuffers are little-endian");

constexpr std::size_t kOffsetBytes = 4;
constexpr std::size_t kVtableHeadBytes = 4;  // its own size, the table's size
constexpr std::size_t kFieldBytes = 2;

}  // namespace

void FlatBuffer::fail(Error error) {
  if (!error_) {
    error_ = std::move(error);
  }
}

ByteView FlatBuffer::slice(std::uint64_t offset, std::uint64_t size) {
  if (error_) {
    return {};
  }
  auto found = weights::slice(file_, offset, size, "FlatBuffers: a field");
  if (!found) {
    fail(found.error());
    return {};
  }
  return *found;
}

// An offset counts from its own place, forwards.
std::uint64_t FlatBuffer::follow(std::uint64_t at) {
  const auto offset = read<std::uint32_t>(at);
  if (!error_ && offset == 0) {
    fail(invalid_data("FlatBuffers: the offset at byte " + std::to_string(at) + " leads nowhere"));
  }
  return error_ ? 0 : at + offset;
}

FlatTable FlatBuffer::table_at(std::uint64_t at) {
  FlatTable table;
  const std::int64_t vtable = static_cast<std::int64_t>(at) - read<std::int32_t>(at);
  if (error_) {
    return table;
  }
  if (vtable < 0) {
    fail(invalid_data("FlatBuffers: the table at byte " + std::to_string(at) + " has its vtable before the file"));
    return table;
  }
  const auto vtable_at = static_cast<std::uint64_t>(vtable);
  const std::size_t vtable_bytes = read<std::uint16_t>(vtable_at);
  const std::size_t table_bytes = read<std::uint16_t>(vtable_at + kFieldBytes);
  const bool whole =
      slice(vtable_at, vtable_bytes).size() == vtable_bytes && slice(at, table_bytes).size() == table_bytes;
  if (!error_ && (!whole || vtable_bytes < kVtableHeadBytes || vtable_bytes % kFieldBytes != 0)) {
    fail(invalid_data("FlatBuffers: the table at byte " + std::to_string(at) + " has a vtable of " +
                      std::to_string(vtable_bytes) + " bytes"));
  }
  if (error_) {
    return table;
  }
  table.buffer_ = this;
  table.at_ = at;
  table.fields_ = vtable_at + kVtableHeadBytes;
  table.field_count_ = (vtable_bytes - kVtableHeadBytes) / kFieldBytes;
  table.size_ = table_bytes;
  return table;
}

FlatTable FlatBuffer::root() {
  const std::uint64_t at = follow(0);
  return error_ ? FlatTable() : table_at(at);
}

std::uint64_t FlatTable::place(unsigned field, std::size_t size) const {
  if (buffer_ == nullptr || field >= field_count_) {
    return 0;
  }
  const std::size_t offset = buffer_->read<std::uint16_t>(fields_ + std::uint64_t{field} * kFieldBytes);
  if (offset == 0 || buffer_->error()) {
    return 0;
  }
  if (offset < kOffsetBytes || offset + size > size_) {
    buffer_->fail(invalid_data("FlatBuffers: field " + std::to_string(field) + " of the table at byte " +
                               std::to_string(at_) + " lies outside of it"));
    return 0;
  }
  return at_ + offset;
}

bool FlatTable::has(unsigned field) const {
  return place(field, 1) != 0;
}

FlatTable FlatTable::table(unsigned field) const {
  const std::uint64_t at = place(field, kOffsetBytes);
  const std::uint64_t target = at == 0 ? 0 : buffer_->follow(at);
  return target == 0 ? FlatTable() : buffer_->table_at(target);
}

FlatTable::Vector FlatTable::vector(unsigned field, std::size_t element_bytes, std::size_t max) const {
  const std::uint64_t at = place(field, kOffsetBytes);
  const std::uint64_t target = at == 0 ? 0 : buffer_->follow(at);
  if (target == 0) {
    return {};
  }
  const std::size_t count = buffer_->read<std::uint32_t>(target);
  if (count > max) {
    buffer_->fail(too_large("FlatBuffers: a vector of " + std::to_string(count) + " elements at byte " +
                            std::to_string(target) + ", at most " + std::to_string(max) + " are read"));
    return {};
  }
  const std::uint64_t size = std::uint64_t{count} * element_bytes;
  return buffer_->slice(target + kOffsetBytes, size).size() == size ? Vector{target + kOffsetBytes, count} : Vector{};
}

std::vector<FlatTable> FlatTable::tables(unsigned field, std::size_t max) const {
  const Vector found = vector(field, kOffsetBytes, max);
  std::vector<FlatTable> tables;
  for (std::size_t i = 0; i < found.count && !buffer_->error(); ++i) {
    const std::uint64_t target = buffer_->follow(found.at + i * kOffsetBytes);
    tables.push_back(target == 0 ? FlatTable() : buffer_->table_at(target));
  }
  return tables;
}

std::vector<std::int32_t> FlatTable::integers(unsigned field, std::size_t max) const {
  const Vector found = vector(field, sizeof(std::int32_t), max);
  std::vector<std::int32_t> values;
  values.reserve(found.count);
  for (std::size_t i = 0; i < found.count; ++i) {
    values.push_back(buffer_->read<std::int32_t>(found.at + i * sizeof(std::int32_t)));
  }
  return values;
}

ByteView FlatTable::bytes(unsigned field) const {
  const Vector found = vector(field, 1, std::numeric_limits<std::uint32_t>::max());
  return found.at == 0 ? ByteView{} : buffer_->slice(found.at, found.count);
}

std::string_view FlatTable::text(unsigned field, std::size_t max) const {
  const Vector found = vector(field, 1, max);
  return found.at == 0 ? std::string_view() : as_text(buffer_->slice(found.at, found.count));
}

}  // namespace facepipe::weights
