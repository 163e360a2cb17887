// Tested by mapped_gallery_test.cc.
#include "gallery/mapped_base.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string>

#include "base/check.h"
#include "base/text.h"
#include "gallery/index/index.h"

namespace facepipe::gallery {
namespace {

Error damaged_table(std::string message) {
  return Error{ErrorCode::kInvalidData, "damaged: " + std::move(message)};
}

}  // namespace

Status read_at(int descriptor, std::span<std::byte> into, std::size_t offset, const std::filesystem::path& path) {
  std::size_t done = 0;
  while (done < into.size()) {
    const ssize_t count =
        ::pread(descriptor, into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      return count < 0 ? file_error(path, "read", errno)
                       : Error{ErrorCode::kUnavailable, path.string() + " was cut short while it was read: try again"};
    }
    done += static_cast<std::size_t>(count);
  }
  return {};
}

Status write_at(int descriptor, ByteView bytes, std::size_t offset, const std::filesystem::path& path) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count =
        ::pwrite(descriptor, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      return file_error(path, "write", errno);
    }
    done += static_cast<std::size_t>(count);
  }
  return {};
}

Result<std::shared_ptr<const MappedBase>> MappedBase::open(int descriptor, std::size_t size,
                                                           const std::filesystem::path& path) {
  Bytes start(std::min(size, kMaxMappedHeader));
  FACEPIPE_TRY(read_at(descriptor, start, 0, path));
  FACEPIPE_ASSIGN(ReadHeader read, decode_header(start, size));
  std::shared_ptr<MappedBase> base(new MappedBase(std::move(read)));
  struct stat status{};
  if (::fstat(descriptor, &status) != 0) {
    return file_error(path, "read", errno);
  }
  base->file_ = version_of(status);
  const MappedLayout& layout = base->layout_;
  const std::size_t front_bytes = layout.terms - layout.ids;
  const auto front = std::make_shared<Bytes>(front_bytes);
  FACEPIPE_TRY(read_at(descriptor, *front, layout.ids, path));
  base->front_ = {front, front->data()};
  if (layout.journal > layout.terms) {
    void* const mapped = ::mmap(nullptr, layout.journal - layout.terms, PROT_READ, MAP_SHARED, descriptor,
                                static_cast<off_t>(layout.terms));
    if (mapped == MAP_FAILED) {
      return file_error(path, "map", errno);
    }
    const std::size_t scanned = layout.fine_errors - layout.terms;  // by every search
    static_cast<void>(::madvise(mapped, scanned, MADV_WILLNEED));
    static_cast<void>(
        ::madvise(static_cast<std::byte*>(mapped) + scanned, layout.journal - layout.fine_errors, MADV_RANDOM));
    base->back_ = static_cast<const std::byte*>(mapped);
    base->is_mapping_ = true;
  }
  FACEPIPE_TRY(base->check());
  return std::shared_ptr<const MappedBase>(std::move(base));
}

Result<std::shared_ptr<const MappedBase>> MappedBase::from_bytes(ByteView bytes,
                                                                 std::shared_ptr<const void> keep_alive) {
  FACEPIPE_ASSIGN(ReadHeader read, decode_header(bytes, bytes.size()));
  std::shared_ptr<MappedBase> base(new MappedBase(std::move(read)));
  base->front_ = {std::move(keep_alive), bytes.data() + base->layout_.ids};
  base->back_ = bytes.data() + base->layout_.terms;
  FACEPIPE_TRY(base->check());
  return std::shared_ptr<const MappedBase>(std::move(base));
}

bool MappedBase::is_of(int descriptor) const {
  struct stat status{};
  return is_mapping_ && ::fstat(descriptor, &status) == 0 && file_.device == status.st_dev &&
         file_.inode == status.st_ino;
}

MappedBase::~MappedBase() {
  if (is_mapping_) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
    ::munmap(const_cast<std::byte*>(back_), layout_.journal - layout_.terms);
  }
}

template <typename T>
std::span<const T> MappedBase::table(std::size_t offset, std::size_t count) const {
  const bool in_front = offset < layout_.terms;
  const std::byte* const at = in_front ? front_.get() + (offset - layout_.ids) : back_ + (offset - layout_.terms);
  return {count == 0 ? nullptr : reinterpret_cast<const T*>(at), count};
}

BasePeople MappedBase::people() const {
  return {table<std::uint64_t>(layout_.ids, header_.people), table<std::uint32_t>(layout_.name_ends, header_.people),
          as_text(table<std::byte>(layout_.names, header_.name_bytes)), shared_from_this()};
}

BaseRows MappedBase::rows() const {
  const auto width = static_cast<std::size_t>(header_.settings.origin.embedding_size);
  const std::size_t count = header_.embeddings;
  const std::size_t blocks = blocks_of(header_);
  BaseRows base;
  base.rows.width = width;
  base.rows.count = count;
  base.rows.coarse = table<std::uint32_t>(layout_.coarse, blocks * coarse_words(width) * kBlockRows);
  base.rows.terms = table<BlockTerms>(layout_.terms, blocks);
  base.rows.fine_errors = table<float>(layout_.fine_errors, count);
  base.rows.fine = table<std::uint8_t>(layout_.fine, count * fine_bytes(width));
  base.rows.values = table<float>(layout_.values, count * width);
  base.owners = table<std::uint32_t>(layout_.owners, count);
  base.owner_count = header_.people;
  base.keep_alive = shared_from_this();
  return base;
}

std::span<const std::uint32_t> MappedBase::person_checks() const {
  return table<std::uint32_t>(layout_.person_checks, header_.people);
}

std::span<const std::uint32_t> MappedBase::row_checks() const {
  return table<std::uint32_t>(layout_.row_checks, header_.embeddings);
}

Status MappedBase::check() {
  const auto owners = table<std::uint32_t>(layout_.owners, header_.embeddings);
  std::size_t beyond = 0;  // counted without a branch: 4 MB for a million
  for (const std::uint32_t owner : owners) {
    beyond += owner >= header_.people && owner != Index::kNobody ? 1 : 0;
  }
  if (beyond > 0) {
    return damaged_table(std::to_string(beyond) + " embeddings belong to nobody in the table of people");
  }
  const BasePeople people{{},
                          table<std::uint32_t>(layout_.name_ends, header_.people),
                          as_text(table<std::byte>(layout_.names, header_.name_bytes)),
                          nullptr};
  std::size_t controls = 0;  // check_name's rule, of all names at once and without a branch
  for (const char letter : people.names) {
    const auto byte = static_cast<unsigned char>(letter);
    controls += static_cast<std::size_t>((byte < 0x20) | (byte == 0x7F));
  }
  for (std::size_t i = 1; i < people.names.size(); ++i) {
    const bool c2 = static_cast<unsigned char>(people.names[i - 1]) == 0xC2;
    controls += static_cast<std::size_t>(c2 & (static_cast<unsigned char>(people.names[i]) < 0xA0));
  }
  std::size_t inside = 0;  // of a letter: where names start
  std::size_t begin = 0;
  for (const std::uint32_t end : people.name_ends) {
    if (end <= begin || end > people.names.size() || end - begin > kMaxNameBytes) {
      return damaged_table("a name does not lie within the table of names");
    }
    inside += (static_cast<unsigned char>(people.names[begin]) & 0xC0U) == 0x80 ? 1U : 0U;
    begin = end;
  }
  are_names_ = controls == 0 && inside == 0 && is_utf8(people.names);
  return {};
}

}  // namespace facepipe::gallery
