// FlatBuffers read with bounds: tables, vectors and texts of a file that nobody vouches for.
// Source of the format: flatbuffers.dev, "FlatBuffer Internals".
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace facepipe::weights {

class FlatTable;

// Looks into the file's bytes, which must outlive it and every table of it. The first read outside of the file is kept
// in error(); that read and all after it give zeros and empty views, so a record is read in one go and error() is asked
// before its values are used. Nothing recurses: how deep a file is followed, its reader's code says. Not thread-safe.
class FlatBuffer {
 public:
  explicit FlatBuffer(ByteView file) : file_(file) {}
  FlatBuffer(const FlatBuffer&) = delete;
  FlatBuffer& operator=(const FlatBuffer&) = delete;

  [[nodiscard]] FlatTable root();
  // kInvalidData with the offset, kTooLarge for a vector that is longer than its reader allows.
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  friend class FlatTable;
  [[nodiscard]] ByteView slice(std::uint64_t offset, std::uint64_t size);
  template <typename T>
  [[nodiscard]] T read(std::uint64_t offset) {
    T value{};
    if (const ByteView bytes = slice(offset, sizeof(T)); bytes.size() == sizeof(T)) {
      std::memcpy(&value, bytes.data(), sizeof(T));
    }
    return value;
  }
  // The place that the offset at `at` leads to; 0 after an error.
  [[nodiscard]] std::uint64_t follow(std::uint64_t at);
  [[nodiscard]] FlatTable table_at(std::uint64_t at);
  void fail(Error error);

  ByteView file_;
  std::optional<Error> error_;
};

// A table, or the absence of one, whose fields are all absent. A view: cheap to copy.
class FlatTable {
 public:
  FlatTable() = default;

  [[nodiscard]] bool has(unsigned field) const;
  // A scalar; `absent` where the table has no such field.
  template <typename T>
  [[nodiscard]] T number(unsigned field, T absent) const {
    const std::uint64_t at = place(field, sizeof(T));
    return at == 0 ? absent : buffer_->read<T>(at);
  }
  [[nodiscard]] FlatTable table(unsigned field) const;
  // Vectors, empty where the table has no such field. More than `max` elements are an error.
  [[nodiscard]] std::vector<FlatTable> tables(unsigned field, std::size_t max) const;
  [[nodiscard]] std::vector<std::int32_t> integers(unsigned field, std::size_t max) const;
  [[nodiscard]] ByteView bytes(unsigned field) const;  // of any length: a view
  [[nodiscard]] std::string_view text(unsigned field, std::size_t max) const;

 private:
  friend class FlatBuffer;
  struct Vector {
    std::uint64_t at = 0;  // of the first element
    std::size_t count = 0;
  };
  // Where the field's inline value of `size` bytes lies; 0 if absent.
  [[nodiscard]] std::uint64_t place(unsigned field, std::size_t size) const;
  [[nodiscard]] Vector vector(unsigned field, std::size_t element_bytes, std::size_t max) const;

  FlatBuffer* buffer_ = nullptr;
  std::uint64_t at_ = 0;
  std::uint64_t fields_ = 0;     // where the vtable's entries for fields begin
  std::size_t field_count_ = 0;  // entries of the vtable
  std::size_t size_ = 0;         // bytes of the table's inline part
};

}  // namespace facepipe::weights
