// The tables of a mapped gallery file: who is who in memory, the embeddings and their codes mapped.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

#include "base/bytes.h"
#include "base/file.h"
#include "base/result.h"
#include "gallery/index/coded_rows.h"
#include "gallery/mapped_layout.h"
#include "gallery/people_table.h"

namespace facepipe::gallery {

// Never changes; a file's writer may overwrite what is mapped of somebody who is removed (values become NaN, codes
// nobody's). Every offset and owner within it was checked; what the vectors say is not (MappedGallery::verify).
// Thread-safe.
class MappedBase : public std::enable_shared_from_this<MappedBase> {
 public:
  // Of a file that is open for reading and has `size` bytes. kInvalidData, kUnsupported, or kUnavailable.
  [[nodiscard]] static Result<std::shared_ptr<const MappedBase>> open(int descriptor, std::size_t size,
                                                                      const std::filesystem::path& path);
  // The same of a file's bytes, aligned to 8, in memory that `keep_alive` holds.
  [[nodiscard]] static Result<std::shared_ptr<const MappedBase>> from_bytes(ByteView bytes,
                                                                            std::shared_ptr<const void> keep_alive);
  MappedBase(const MappedBase&) = delete;
  MappedBase& operator=(const MappedBase&) = delete;
  ~MappedBase();

  [[nodiscard]] const MappedHeader& header() const { return header_; }
  [[nodiscard]] const MappedLayout& layout() const { return layout_; }
  // Was it read from the file that is open there, and not from a copy of it? What was overwritten since in the one may
  // be in the other.
  [[nodiscard]] bool is_of(int descriptor) const;
  // Would check_name take every name? Where not, one may be half overwritten, of somebody who is removed or renamed.
  [[nodiscard]] bool are_names() const { return are_names_; }
  // These keep the base alive.
  [[nodiscard]] BasePeople people() const;
  [[nodiscard]] BaseRows rows() const;
  [[nodiscard]] std::span<const std::uint32_t> person_checks() const;
  [[nodiscard]] std::span<const std::uint32_t> row_checks() const;

 private:
  explicit MappedBase(ReadHeader read) : header_(std::move(read.header)), layout_(read.layout) {}
  template <typename T>
  [[nodiscard]] std::span<const T> table(std::size_t offset, std::size_t count) const;
  [[nodiscard]] Status check();

  MappedHeader header_;
  MappedLayout layout_;
  std::shared_ptr<const std::byte> front_;  // the file from layout_.ids to layout_.terms
  const std::byte* back_ = nullptr;         // from layout_.terms to layout_.journal
  bool is_mapping_ = false;                 // of back_: a mapping of its own
  bool are_names_ = false;
  FileVersion file_;  // for its device and inode, which nothing else has while it is mapped
};

// Fills `into` from the offset on. kUnavailable names the file.
[[nodiscard]] Status read_at(int descriptor, std::span<std::byte> into, std::size_t offset,
                             const std::filesystem::path& path);
// Writes all of `bytes` there. Errors name the file.
[[nodiscard]] Status write_at(int descriptor, ByteView bytes, std::size_t offset, const std::filesystem::path& path);

}  // namespace facepipe::gallery
