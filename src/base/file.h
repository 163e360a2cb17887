// Whole files: read, and replace so that a reader sees the old content or the new, never a part.
#pragma once

#include <cstddef>
#include <filesystem>

#include "base/bytes.h"
#include "base/result.h"

namespace facepipe {

// kNotFound if there is no such file, kTooLarge past `max_bytes` (checked before anything is allocated), kPermission or
// kUnavailable otherwise; the message names the path.
[[nodiscard]] Result<Bytes> read_file(const std::filesystem::path& path, std::size_t max_bytes);

// Writes a temporary file beside `path`, flushes it to disk and renames it over `path`, then flushes the folder. What
// writers of `path` that were killed left is removed (base/temporary_file.h).
// kExhausted when the disk is full; `path` then still has its old content. The file's mode is 0600 if `private_file`.
[[nodiscard]] Status write_file_atomically(const std::filesystem::path& path, ByteView content,
                                           bool private_file = false);

// A read-only memory map of a whole file; the bytes live as long as this object. Move-only.
class MappedFile {
 public:
  [[nodiscard]] static Result<MappedFile> open(const std::filesystem::path& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();
  [[nodiscard]] ByteView bytes() const { return {data_, size_}; }

 private:
  MappedFile(const std::byte* data, std::size_t size) : data_(data), size_(size) {}
  const std::byte* data_ = nullptr;  // null for an empty file
  std::size_t size_ = 0;
};

}  // namespace facepipe
