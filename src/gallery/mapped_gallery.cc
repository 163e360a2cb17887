// Reading. Tested by mapped_gallery_test.cc.
#include "gallery/mapped_gallery.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <unordered_set>
#include <utility>

#include "base/file.h"
#include "base/process.h"
#include "gallery/index/linear_index.h"
#include "gallery/settings.h"

namespace facepipe::gallery {
namespace {

Error bad_record(const Record& record, const std::string& what) {
  return Error{ErrorCode::kInvalidData, "damaged: the change at offset " + std::to_string(record.offset) + ": " + what};
}

struct OpenGallery {
  Descriptor descriptor{-1};
  std::size_t size = 0;
};

Result<OpenGallery> open_gallery(const std::filesystem::path& file) {
  FACEPIPE_TRY(check_is_file(file));
  OpenGallery open{Descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)), 0};
  struct stat status{};
  if (open.descriptor.get() < 0 || ::fstat(open.descriptor.get(), &status) != 0) {
    return file_error(file, "open", errno);
  }
  open.size = static_cast<std::size_t>(status.st_size);
  return open;
}

// The records behind the tables, as they are now: a writer appends before it overwrites, so that whoever reads tables
// first and records after them finds a record for all that is overwritten.
Result<Bytes> read_records(const OpenGallery& open, const MappedLayout& layout, const std::filesystem::path& file) {
  struct stat status{};
  if (::fstat(open.descriptor.get(), &status) != 0) {
    return file_error(file, "read", errno);
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size < layout.journal) {
    return Error{ErrorCode::kUnavailable, file.string() + " was cut short while it was read: try again"};
  }
  Bytes records(size - layout.journal);
  FACEPIPE_TRY(read_at(open.descriptor.get(), records, layout.journal, file));
  return records;
}

Result<ReadHeader> read_start(const OpenGallery& open, const std::filesystem::path& file) {
  Bytes start(std::min(open.size, kMaxMappedHeader));
  FACEPIPE_TRY(read_at(open.descriptor.get(), start, 0, file));
  return decode_header(start, open.size);
}

Result<Settings> settings_in(std::string_view json) {
  FACEPIPE_ASSIGN(const JsonDocument document, JsonDocument::parse_object(json, {.context = "settings"}));
  return read_settings(document);
}

}  // namespace

Result<Gallery> MappedGallery::load(const std::filesystem::path& file, const std::shared_ptr<const MappedBase>& known) {
  FACEPIPE_ASSIGN(const OpenGallery open, open_gallery(file));
  std::shared_ptr<const MappedBase> base = known;
  if (known) {
    FACEPIPE_ASSIGN(const ReadHeader read, read_start(open, file));
    const bool same = read.header.base_id == known->header().base_id &&
                      read.layout.journal == known->layout().journal && known->is_of(open.descriptor.get());
    base = same ? known : nullptr;
  }
  if (!base) {
    FACEPIPE_ASSIGN(base, MappedBase::open(open.descriptor.get(), open.size, file));
  }
  FACEPIPE_ASSIGN(const Bytes records, read_records(open, base->layout(), file));
  return replay(std::move(base), records);
}

Result<Gallery> MappedGallery::from_bytes(ByteView bytes, std::shared_ptr<const void> keep_alive) {
  FACEPIPE_ASSIGN(std::shared_ptr<const MappedBase> base, MappedBase::from_bytes(bytes, std::move(keep_alive)));
  const ByteView records = bytes.subspan(base->layout().journal);
  return replay(std::move(base), records);
}

Result<GalleryOrigin> MappedGallery::load_origin(const std::filesystem::path& file) {
  FACEPIPE_ASSIGN(const OpenGallery open, open_gallery(file));
  FACEPIPE_ASSIGN(const ReadHeader read, read_start(open, file));
  FACEPIPE_ASSIGN(const Bytes records, read_records(open, read.layout, file));
  FACEPIPE_ASSIGN(const Journal journal, read_journal(records, read.header.base_id, read.layout.journal));
  GalleryOrigin origin = read.header.settings.origin;
  for (const Record& record : journal.records) {
    if (record.kind == RecordKind::kSettings) {
      FACEPIPE_ASSIGN(const Settings settings, settings_in(record.text));
      origin.model_id = settings.origin.model_id;
    }
  }
  return origin;
}

std::shared_ptr<const MappedBase> MappedGallery::tables_of(const Gallery& gallery) {
  return gallery.file_ ? gallery.file_->base_ : nullptr;
}

Result<Gallery> MappedGallery::replay(std::shared_ptr<const MappedBase> base, ByteView records) {
  FACEPIPE_ASSIGN(const Journal journal, read_journal(records, base->header().base_id, base->layout().journal));
  const Settings& settings = base->header().settings;
  Gallery gallery(settings.origin);
  gallery.distance_threshold_ = settings.distance_threshold;
  gallery.strangers_ = settings.strangers;
  gallery.min_quality_ = settings.min_quality;
  gallery.people_ = PeopleTable(base->people());
  gallery.index_ = make_linear_index(base->rows());
  for (std::size_t row = 0; row < base->header().embeddings; ++row) {
    gallery.index_->owner(row) == Index::kNobody ? gallery.rows_.skip_to(row + 1) : gallery.rows_.add();
  }
  drop_erased(gallery);
  const bool are_names = base->are_names();
  auto file = std::make_shared<MappedGallery>();
  file->base_ = std::move(base);
  file->journal_end_ = journal.end;
  for (const Record& record : journal.records) {
    if (record.kind == RecordKind::kVoid && record.is_erased) {
      continue;
    }
    FACEPIPE_TRY(apply(record, records.size(), gallery));
    file->entries_.push_back({record.kind, record.offset, record.content_bytes, record.number});
  }
  for (std::size_t slot = 0; slot < gallery.people_.slots().end(); ++slot) {
    const bool lacks = gallery.index_->count_of(slot) == 0 || gallery.people_.name(slot).empty();
    if (lacks && gallery.people_.slots().has(slot)) {
      return Error{ErrorCode::kInvalidData, "damaged: a person has no embedding or no name"};
    }
    if (!are_names && gallery.people_.slots().has(slot) && !check_name(gallery.people_.name(slot))) {
      return Error{ErrorCode::kInvalidData, "damaged: a person has a name that is none"};
    }
  }
  file->settings_ = settings_json(gallery);
  gallery.file_ = std::move(file);
  gallery.unsaved_ = {};
  gallery.unsaved_.first_slot = gallery.people_.slots().end();
  gallery.unsaved_.first_row = gallery.rows_.end();
  return gallery;
}

void MappedGallery::drop_erased(Gallery& gallery) {
  for (std::size_t slot = 0; slot < gallery.people_.slots().end(); ++slot) {
    if (gallery.index_->count_of(slot) == 0 && gallery.people_.id(slot) == PersonId{0}) {
      gallery.people_.remove(slot);
    }
  }
}

Status MappedGallery::apply(const Record& record, std::size_t journal_bytes, Gallery& gallery) {
  // What lies between is overwritten records, each with a header at least.
  const auto within = [&](std::size_t number, std::size_t end) {
    return number >= end && number - end <= journal_bytes / kRecordHeader;
  };
  const std::size_t row_bytes = static_cast<std::size_t>(gallery.origin_.embedding_size) * sizeof(float);
  const bool there = gallery.people_.slots().has(record.number);
  switch (record.kind) {
    case RecordKind::kVoid:
      return {};
    case RecordKind::kPerson:
      if (!within(record.number, gallery.people_.slots().end())) {
        return bad_record(record, "a person without a place");
      }
      gallery.people_.skip_to(record.number);
      gallery.people_.add(PersonId{record.id}, "");
      return {};
    case RecordKind::kEmbedding:
      if (!within(record.number, gallery.rows_.end()) || record.values.size_bytes() != row_bytes ||
          record.number - gallery.rows_.end() > journal_bytes / row_bytes) {
        return bad_record(record, "an embedding without a place, or of another size");
      }
      if (!gallery.check_embedding(record.values)) {
        return bad_record(record, "an embedding with values that are not finite");
      }
      if (gallery.people_.slots().has(record.owner)) {  // else whoever was removed since: their records are overwritten
        gallery.rows_.skip_to(record.number);
        gallery.index_->skip_to(record.number);
        gallery.append(record.owner, record.values);
      }
      return {};
    case RecordKind::kRemovePerson:
      if (there) {
        gallery.remove_slot(record.number);
      }
      return {};
    case RecordKind::kRemoveRow:
      if (gallery.rows_.has(record.number)) {
        gallery.remove_row(record.number);
      }
      return {};
    case RecordKind::kName:
    case RecordKind::kRejected:
      return there ? apply_to_person(record, gallery) : Status{};
    case RecordKind::kSettings: {
      FACEPIPE_ASSIGN(const Settings settings, settings_in(record.text));
      gallery.origin_.model_id = settings.origin.model_id;
      gallery.distance_threshold_ = settings.distance_threshold;
      gallery.strangers_ = settings.strangers;
      gallery.min_quality_ = settings.min_quality;
      return {};
    }
  }
  return bad_record(record, "of a kind that this program does not know");
}

Status MappedGallery::apply_to_person(const Record& record, Gallery& gallery) {
  if (record.kind == RecordKind::kName) {
    if (!check_name(record.text)) {
      return bad_record(record, "a name that is none");
    }
    gallery.people_.rename(record.number, std::string(record.text));
    return {};
  }
  const auto width = static_cast<std::size_t>(gallery.origin_.embedding_size);
  const PersonId person = gallery.people_.id(record.number);
  if (record.values.size() % width != 0) {
    return bad_record(record, "rejected pictures of another size");
  }
  gallery.rejected_.erase(person);
  for (std::size_t at = 0; at < record.values.size(); at += width) {
    const auto picture = record.values.subspan(at, width);
    if (!gallery.check_embedding(picture) || at / width >= kMaxRejected) {
      return bad_record(record, "rejected pictures that cannot be");
    }
    gallery.rejected_[person].emplace_back(picture.begin(), picture.end());
  }
  return {};
}

bool MappedGallery::mentions(const Gallery& gallery, std::string_view name) {
  const BasePeople people = gallery.file_ ? gallery.file_->base_->people() : BasePeople{};
  for (std::size_t slot = 0; slot < people.ids.size(); ++slot) {
    if (people.name(slot) == name) {
      return true;
    }
  }
  return gallery.people_.find(name).has_value();
}

Status MappedGallery::verify(const Gallery& gallery) {
  if (!gallery.file_) {
    return {};
  }
  const MappedBase& base = *gallery.file_->base_;
  const BasePeople people = base.people();
  const CodedRows rows = base.rows().rows;
  const auto damaged = [](const std::string& what) { return Error{ErrorCode::kInvalidData, "damaged: " + what}; };
  std::unordered_set<PersonId> ids;
  std::unordered_set<std::string> names;
  for (std::size_t place = 0; place < gallery.people_.slots().size(); ++place) {
    const std::size_t slot = gallery.people_.slots().number(place);
    const bool in_base = slot < people.ids.size() && people.name(slot) == gallery.people_.name(slot);
    const std::uint32_t written = in_base ? base.person_checks()[slot] : 0;  // 0: overwritten, and called so by now
    if (written != 0 && check_of(people.ids[slot], as_bytes(people.name(slot))) != written) {
      return damaged("person " + std::to_string(place + 1) + " is not as it was written");
    }
    if (!ids.insert(gallery.people_.id(slot)).second || !names.emplace(gallery.people_.name(slot)).second) {
      return damaged("person " + std::to_string(place + 1) + " has the id or the name of another");
    }
  }
  std::vector<std::uint32_t> block(coarse_words(rows.width) * kBlockRows);
  std::vector<std::uint8_t> fine(fine_bytes(rows.width));
  for (std::size_t row = 0; row < rows.count; ++row) {
    if (!gallery.rows_.has(row)) {
      continue;
    }
    const std::size_t lane = row % kBlockRows;
    const BlockTerms& terms = rows.terms[row / kBlockRows];
    const CodeTerms expected = encode(rows.row(row), lane, block, fine);
    bool same = check_of(gallery.index_->owner(row), std::as_bytes(rows.row(row))) == base.row_checks()[row];
    same = same && expected.scale == terms.scales[lane] && expected.squared_norm == terms.squared_norms[lane] &&
           expected.coarse_error == terms.coarse_errors[lane] && expected.fine_error == rows.fine_errors[row] &&
           std::ranges::equal(fine, rows.fine_of(row));
    const auto codes = rows.block(row / kBlockRows);
    for (std::size_t word = lane; word < block.size(); word += kBlockRows) {
      same = same && block[word] == codes[word];
    }
    if (!same) {
      return damaged("embedding " + std::to_string(row + 1) + " is not as it was written");
    }
  }
  return {};
}

}  // namespace facepipe::gallery
