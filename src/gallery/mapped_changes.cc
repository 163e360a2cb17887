// Changing a mapped gallery file. Tested by mapped_gallery_test.cc.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <set>
#include <string>
#include <utility>

#include "base/file.h"
#include "base/process.h"
#include "gallery/index/index.h"
#include "gallery/mapped_gallery.h"
#include "gallery/settings.h"

namespace facepipe::gallery {

namespace {

constexpr char kErasedLetter = '-';  // a table of names is text, whoever was erased from it

Status flush(int descriptor, const std::filesystem::path& file) {
  return ::fdatasync(descriptor) == 0 ? Status{} : Status{file_error(file, "flush", errno)};
}

template <typename T>
ByteView bytes_of(const T& value) {
  return std::as_bytes(std::span<const T>(&value, 1));
}

// Overwrites entries of a file's tables.
class Eraser {
 public:
  Eraser(int descriptor, const std::filesystem::path& file, const MappedBase& base)
      : descriptor_(descriptor), file_(&file), layout_(&base.layout()), people_(base.people()), rows_(base.rows()) {}

  // A name that is another's now, or nobody's.
  Status name(std::size_t slot) const {
    const std::size_t begin = slot == 0 ? 0 : people_.name_ends[slot - 1];
    return put(Bytes(people_.name(slot).size(), std::byte{kErasedLetter}), layout_->names + begin);
  }
  // What goes with it: to be on the disk before it, by which an overwritten one is known.
  Status person_check(std::size_t slot) const {
    return put(bytes_of(std::uint32_t{0}), layout_->person_checks + slot * sizeof(std::uint32_t));
  }

  Status id(std::size_t slot) const {
    return put(bytes_of(std::uint64_t{0}), layout_->ids + slot * sizeof(std::uint64_t));
  }

  Status owner(std::size_t row) const {
    return put(bytes_of(static_cast<std::uint32_t>(Index::kNobody)), layout_->owners + row * sizeof(std::uint32_t));
  }
  // All else of a row: to be on the disk before the owner, as a row without one counts as overwritten.
  Status row(std::size_t row) const {
    const std::size_t width = rows_.rows.width;
    const std::vector<float> nothing(width, std::numeric_limits<float>::quiet_NaN());  // near nobody
    FACEPIPE_TRY(put(std::as_bytes(std::span(nothing)), layout_->values + row * width * sizeof(float)));
    FACEPIPE_TRY(put(Bytes(fine_bytes(width)), layout_->fine + row * fine_bytes(width)));
    FACEPIPE_TRY(put(bytes_of(0.0F), layout_->fine_errors + row * sizeof(float)));
    FACEPIPE_TRY(put(bytes_of(std::uint32_t{0}), layout_->row_checks + row * sizeof(std::uint32_t)));
    return lane(row / kBlockRows, row % kBlockRows);
  }

 private:
  Status lane(std::size_t block, std::size_t lane) const {
    const std::size_t words = coarse_words(rows_.rows.width) * kBlockRows;
    const std::size_t at = layout_->coarse + block * words * sizeof(std::uint32_t);
    // As the file has it now: other lanes may have been overwritten since it was read.
    std::vector<std::uint32_t> codes(words);
    FACEPIPE_TRY(read_at(descriptor_, std::as_writable_bytes(std::span(codes)), at, *file_));
    for (std::size_t word = lane; word < words; word += kBlockRows) {
      codes[word] = 0;
    }
    FACEPIPE_TRY(put(std::as_bytes(std::span(codes)), at));
    BlockTerms terms{};
    const std::size_t terms_at = layout_->terms + block * sizeof(BlockTerms);
    FACEPIPE_TRY(read_at(descriptor_, std::as_writable_bytes(std::span(&terms, 1)), terms_at, *file_));
    const BlockTerms none = empty_terms();
    terms.scales[lane] = none.scales[0];
    terms.squared_norms[lane] = none.squared_norms[0];
    terms.coarse_errors[lane] = none.coarse_errors[0];
    return put(bytes_of(terms), terms_at);
  }

  Status put(ByteView bytes, std::size_t offset) const;

  int descriptor_;
  const std::filesystem::path* file_;
  const MappedLayout* layout_;
  BasePeople people_;
  BaseRows rows_;
};

Status Eraser::put(ByteView bytes, std::size_t offset) const {
  return write_at(descriptor_, bytes, offset, *file_);
}

// The number in the file of one in memory: those from `first` on, which the file does not have, one after the other.
std::size_t in_file(const Numbering& numbers, std::size_t first, std::size_t number) {
  return number < first ? number : first + numbers.place(number) - numbers.place(first);
}

// The content of a record whose kind says that it is void.
Status erase_content(int descriptor, const std::filesystem::path& file, std::size_t offset, std::size_t content_bytes) {
  const std::uint64_t digest = 0;
  FACEPIPE_TRY(write_at(descriptor, bytes_of(digest), offset + kRecordHeader - sizeof digest, file));
  return write_at(descriptor, Bytes(content_bytes), offset + kRecordHeader, file);
}

}  // namespace

// Who and what came and went since the file was read has no number in it: a reader takes no gap that nothing in the
// file accounts for.
Bytes MappedGallery::changes(const Gallery& gallery) {
  const MappedGallery& file = *gallery.file_;
  const Gallery::Unsaved& unsaved = gallery.unsaved_;
  const Numbering& slots = gallery.people_.slots();
  JournalWriter journal(file.base_->header().base_id, file.journal_end_);
  const auto narrow = [](std::size_t number) { return static_cast<std::uint32_t>(number); };
  const auto slot_in_file = [&](std::size_t slot) { return narrow(in_file(slots, unsaved.first_slot, slot)); };
  for (const std::size_t slot : unsaved.removed_slots) {
    journal.remove_person(narrow(slot));
  }
  for (const std::size_t row : unsaved.removed_rows) {
    journal.remove_row(narrow(row));
  }
  for (std::size_t slot = unsaved.first_slot; slot < slots.end(); ++slot) {
    if (slots.has(slot)) {
      journal.person(slot_in_file(slot), static_cast<std::uint64_t>(gallery.people_.id(slot)));
      journal.name(slot_in_file(slot), gallery.people_.name(slot));
    }
  }
  for (std::size_t row = unsaved.first_row; row < gallery.rows_.end(); ++row) {
    if (gallery.rows_.has(row)) {
      journal.embedding(narrow(in_file(gallery.rows_, unsaved.first_row, row)),
                        slot_in_file(gallery.index_->owner(row)), gallery.index_->embedding(row));
    }
  }
  for (const std::size_t slot : unsaved.renamed) {
    if (slot < unsaved.first_slot && slots.has(slot)) {
      journal.name(narrow(slot), gallery.people_.name(slot));
    }
  }
  for (const std::size_t slot : unsaved.rejected) {
    if (slots.has(slot)) {
      journal.rejected(slot_in_file(slot), gallery.rejected(gallery.people_.id(slot)));
    }
  }
  if (const std::string settings = settings_json(gallery); settings != file.settings_) {
    journal.settings(settings);
  }
  return std::move(journal).take();
}

std::vector<MappedGallery::Entry> MappedGallery::outdated(const Gallery& gallery) {
  const Numbering& slots = gallery.people_.slots();
  const Gallery::Unsaved& unsaved = gallery.unsaved_;
  std::set<std::pair<RecordKind, std::uint32_t>> later;  // records of a kind that replace earlier ones
  std::set<std::uint32_t> renamed(unsaved.renamed.begin(), unsaved.renamed.end());
  for (const std::size_t slot : unsaved.rejected) {
    later.emplace(RecordKind::kRejected, static_cast<std::uint32_t>(slot));
  }
  std::vector<Entry> found;
  const std::vector<Entry>& entries = gallery.file_->entries_;
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    bool gone = false;
    switch (entry->kind) {
      case RecordKind::kPerson:
        gone = !slots.has(entry->number);
        break;
      case RecordKind::kEmbedding:
        gone = !gallery.rows_.has(entry->number);
        break;
      case RecordKind::kName:
        gone = !slots.has(entry->number) || !renamed.insert(entry->number).second;
        break;
      case RecordKind::kRejected:
        gone = !slots.has(entry->number) || !later.emplace(entry->kind, entry->number).second;
        break;
      case RecordKind::kVoid:  // with its content: its writer was killed
        gone = true;
        break;
      case RecordKind::kRemovePerson:
      case RecordKind::kRemoveRow:
      case RecordKind::kSettings:
        break;
    }
    if (gone) {
      found.push_back(*entry);
    }
  }
  return found;
}

Status MappedGallery::overwrite(const Gallery& gallery, int descriptor, const std::filesystem::path& file) {
  const MappedBase& base = *gallery.file_->base_;
  const std::vector<Entry> records = outdated(gallery);
  std::vector<std::size_t> names;
  std::vector<std::size_t> ids;
  std::vector<std::size_t> rows;
  const BasePeople people = base.people();
  for (std::size_t slot = 0; slot < people.ids.size(); ++slot) {
    const bool there = gallery.people_.slots().has(slot);
    const std::string_view name = people.name(slot);
    const bool is_erased = name.find_first_not_of(kErasedLetter) == std::string_view::npos;
    if (!is_erased && (!there || gallery.people_.name(slot) != name)) {
      names.push_back(slot);
    }
    if (!there && people.ids[slot] != 0) {
      ids.push_back(slot);
    }
  }
  const auto owners = base.rows().owners;
  for (std::size_t row = 0; row < owners.size(); ++row) {
    if (owners[row] != Index::kNobody && !gallery.rows_.has(row)) {
      rows.push_back(row);
    }
  }

  // A power failure leaves any part of what is written between two flushes. So a record is void on the disk before its
  // content goes, and what of a table tells that an entry is overwritten is so when all else of it is.
  const auto each = [](const auto& items, const auto& write) -> Status {
    for (const auto& item : items) {
      FACEPIPE_TRY(write(item));
    }
    return {};
  };
  if (!records.empty()) {
    FACEPIPE_TRY(each(records, [&](const Entry& entry) {
      return write_at(descriptor, bytes_of(RecordKind::kVoid), entry.offset + kRecordKindAt, file);
    }));
    FACEPIPE_TRY(flush(descriptor, file));
  }
  const Eraser eraser(descriptor, file, base);
  FACEPIPE_TRY(each(
      records, [&](const Entry& entry) { return erase_content(descriptor, file, entry.offset, entry.content_bytes); }));
  FACEPIPE_TRY(each(names, [&](std::size_t slot) { return eraser.person_check(slot); }));
  FACEPIPE_TRY(each(rows, [&](std::size_t row) { return eraser.row(row); }));
  if (!records.empty() || !names.empty() || !rows.empty()) {
    FACEPIPE_TRY(flush(descriptor, file));
  }
  FACEPIPE_TRY(each(names, [&](std::size_t slot) { return eraser.name(slot); }));
  FACEPIPE_TRY(each(ids, [&](std::size_t slot) { return eraser.id(slot); }));
  FACEPIPE_TRY(each(rows, [&](std::size_t row) { return eraser.owner(row); }));
  return names.empty() && ids.empty() && rows.empty() ? Status{} : flush(descriptor, file);
}

Status MappedGallery::finish(const Gallery& gallery, const std::filesystem::path& file) {
  if (!gallery.file_) {
    return {};
  }
  const Descriptor descriptor(::open(file.c_str(), O_RDWR | O_CLOEXEC));
  return descriptor.get() >= 0 ? overwrite(gallery, descriptor.get(), file) : Status{file_error(file, "open", errno)};
}

Status MappedGallery::save(const Gallery& gallery, const std::filesystem::path& file) {
  const Descriptor descriptor(gallery.file_ ? ::open(file.c_str(), O_RDWR | O_CLOEXEC) : -1);
  struct stat status{};
  if (descriptor.get() < 0 || ::fstat(descriptor.get(), &status) != 0) {
    return write(gallery, file);
  }
  const MappedBase& base = *gallery.file_->base_;
  const auto size = static_cast<std::size_t>(status.st_size);
  const std::size_t end = gallery.file_->journal_end_;
  Bytes start(std::min(size, kMaxMappedHeader));
  FACEPIPE_TRY(read_at(descriptor.get(), start, 0, file));
  const auto read = decode_header(start, size);
  bool same = read && read->header.base_id == base.header().base_id && size >= end;
  if (same) {  // is it the file as it was read, but for what a killed writer left?
    Bytes records(size - base.layout().journal);
    FACEPIPE_TRY(read_at(descriptor.get(), records, base.layout().journal, file));
    const auto journal = read_journal(records, base.header().base_id, base.layout().journal);
    same = journal && journal->end == end;
  }
  const Bytes appended = changes(gallery);
  if (!same || end - base.layout().journal + appended.size() > kMaxJournalBytes) {
    return write(gallery, file);
  }
  if (size > end && ::ftruncate(descriptor.get(), static_cast<off_t>(end)) != 0) {
    return file_error(file, "write", errno);
  }
  if (!appended.empty()) {
    FACEPIPE_TRY(write_at(descriptor.get(), appended, end, file));
    FACEPIPE_TRY(flush(descriptor.get(), file));
  }
  return overwrite(gallery, descriptor.get(), file);
}

}  // namespace facepipe::gallery
