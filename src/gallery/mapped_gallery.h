// Galleries whose bulk is mapped: read without reading all of it, changed by what has changed. docs/formats/gallery.md
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "gallery/gallery.h"
#include "gallery/journal.h"
#include "gallery/mapped_base.h"

namespace facepipe::gallery {

// Where a gallery was read from: its tables, and the records that were there. Errors do not name the file.
class MappedGallery {
 public:
  // `known`: tables of an earlier reading, which are used again if the file still has them. kNotFound, kInvalidData,
  // kUnsupported, kUnavailable.
  [[nodiscard]] static Result<Gallery> load(const std::filesystem::path& file,
                                            const std::shared_ptr<const MappedBase>& known);
  [[nodiscard]] static Result<Gallery> from_bytes(ByteView bytes, std::shared_ptr<const void> keep_alive);
  [[nodiscard]] static Result<GalleryOrigin> load_origin(const std::filesystem::path& file);

  // Null for a gallery that was not read from such a file.
  [[nodiscard]] static std::shared_ptr<const MappedBase> tables_of(const Gallery& gallery);

  // Writes the whole file, atomically (mode 0600).
  [[nodiscard]] static Status write(const Gallery& gallery, const std::filesystem::path& file);
  // Brings the file up to the gallery: appends what has changed, then overwrites what the file has of whoever and
  // whatever was removed. On return both are on the disk. Writes the whole file instead where it is not the one that
  // was read, or what was appended has grown large (kMaxJournalBytes). The caller holds the file's lock.
  [[nodiscard]] static Status save(const Gallery& gallery, const std::filesystem::path& file);
  static constexpr std::size_t kMaxJournalBytes = std::size_t{16} << 20U;

  // What save() does at its end, of a gallery that was just read: a writer may have been killed before it.
  [[nodiscard]] static Status finish(const Gallery& gallery, const std::filesystem::path& file);

  // Is somebody called that, or were they, in what the file still has?
  [[nodiscard]] static bool mentions(const Gallery& gallery, std::string_view name);
  // kInvalidData: an entry of the tables is not the one that was written, or two people have one id or name. Reads all.
  [[nodiscard]] static Status verify(const Gallery& gallery);

 private:
  // A record that is not overwritten, or void and its content not yet.
  struct Entry {
    RecordKind kind{};
    std::size_t offset = 0;
    std::size_t content_bytes = 0;
    std::uint32_t number = 0;
  };

  [[nodiscard]] static Result<Gallery> replay(std::shared_ptr<const MappedBase> base, ByteView journal);
  [[nodiscard]] static Status apply(const Record& record, std::size_t journal_bytes, Gallery& gallery);
  [[nodiscard]] static Status apply_to_person(const Record& record, Gallery& gallery);
  // Whoever is overwritten in the tables: without an id, and without a row. Others may have rows behind the tables
  // alone.
  static void drop_erased(Gallery& gallery);
  [[nodiscard]] static Bytes changes(const Gallery& gallery);
  [[nodiscard]] static std::vector<Entry> outdated(const Gallery& gallery);
  [[nodiscard]] static Status overwrite(const Gallery& gallery, int descriptor, const std::filesystem::path& file);

  std::shared_ptr<const MappedBase> base_;
  std::vector<Entry> entries_;
  std::size_t journal_end_ = 0;
  std::string settings_;  // as the file states them
};

}  // namespace facepipe::gallery
