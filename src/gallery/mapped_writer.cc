// Writing a mapped gallery file whole. Tested by mapped_gallery_test.cc.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include "base/file.h"
#include "base/process.h"
#include "base/temporary_file.h"
#include "gallery/index/index.h"
#include "gallery/mapped_gallery.h"
#include "gallery/mapped_layout.h"
#include "gallery/person_id.h"
#include "gallery/settings.h"

namespace facepipe::gallery {

namespace {

// One table of the file, filled from front to back. The first error stays.
class TableWriter {
 public:
  TableWriter(int descriptor, const std::filesystem::path& path, std::size_t offset)
      : descriptor_(descriptor), path_(&path), offset_(offset) {}

  template <typename T>
  void put(std::span<const T> values) {
    const ByteView bytes = std::as_bytes(values);
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    if (buffer_.size() >= kBufferBytes) {
      flush();
    }
  }
  template <typename T>
  void put_one(const T& value) {
    put(std::span<const T>(&value, 1));
  }
  [[nodiscard]] Status finish() {
    flush();
    return status_;
  }

 private:
  static constexpr std::size_t kBufferBytes = std::size_t{1} << 20U;

  void flush() {
    if (status_) {
      status_ = write_at(descriptor_, buffer_, offset_, *path_);
    }
    offset_ += buffer_.size();
    buffer_.clear();
  }

  int descriptor_;
  const std::filesystem::path* path_;
  std::size_t offset_;
  Bytes buffer_;
  Status status_;
};

MappedHeader header_for(const Gallery& gallery) {
  MappedHeader header;
  header.settings = settings_of(gallery);
  header.base_id = static_cast<std::uint64_t>(random_person_id());
  header.people = gallery.people().size();
  for (const Person& person : gallery.people()) {
    header.name_bytes += person.name.size();
  }
  header.embeddings = gallery.embedding_count();
  return header;
}

struct Target {
  int descriptor;
  const std::filesystem::path& path;
  const MappedLayout& layout;
};

Status write_people(const Gallery& gallery, const Target& to) {
  TableWriter ids(to.descriptor, to.path, to.layout.ids);
  TableWriter ends(to.descriptor, to.path, to.layout.name_ends);
  TableWriter names(to.descriptor, to.path, to.layout.names);
  TableWriter checks(to.descriptor, to.path, to.layout.person_checks);
  std::uint32_t end = 0;
  for (const Person& person : gallery.people()) {
    const auto id = static_cast<std::uint64_t>(person.id);
    end += static_cast<std::uint32_t>(person.name.size());
    ids.put_one(id);
    ends.put_one(end);
    names.put(std::span<const char>(person.name));
    checks.put_one(check_of(id, as_bytes(person.name)));
  }
  for (TableWriter* table : {&ids, &ends, &names, &checks}) {
    FACEPIPE_TRY(table->finish());
  }
  return {};
}

Status write_rows(const Gallery& gallery, const Target& to) {
  TableWriter owners(to.descriptor, to.path, to.layout.owners);
  TableWriter terms(to.descriptor, to.path, to.layout.terms);
  TableWriter coarse(to.descriptor, to.path, to.layout.coarse);
  TableWriter errors(to.descriptor, to.path, to.layout.fine_errors);
  TableWriter fine(to.descriptor, to.path, to.layout.fine);
  TableWriter values(to.descriptor, to.path, to.layout.values);
  TableWriter checks(to.descriptor, to.path, to.layout.row_checks);
  const auto width = static_cast<std::size_t>(gallery.origin().embedding_size);
  std::vector<std::uint32_t> block(coarse_words(width) * kBlockRows);
  std::vector<std::uint8_t> row_fine(fine_bytes(width));
  BlockTerms of_block = empty_terms();
  const std::size_t count = gallery.embedding_count();
  for (std::size_t row = 0; row < count; ++row) {
    const std::span<const float> embedding = gallery.embedding(row);
    const auto owner = static_cast<std::uint32_t>(gallery.owner(row));
    const std::size_t lane = row % kBlockRows;
    const CodeTerms coded = encode(embedding, lane, block, row_fine);
    of_block.scales[lane] = coded.scale;
    of_block.squared_norms[lane] = coded.squared_norm;
    of_block.coarse_errors[lane] = coded.coarse_error;
    owners.put_one(owner);
    errors.put_one(coded.fine_error);
    fine.put(std::span<const std::uint8_t>(row_fine));
    values.put(embedding);
    checks.put_one(check_of(owner, std::as_bytes(embedding)));
    if (lane + 1 == kBlockRows || row + 1 == count) {
      terms.put_one(of_block);
      coarse.put(std::span<const std::uint32_t>(block));
      of_block = empty_terms();
      std::ranges::fill(block, 0U);
    }
  }
  for (TableWriter* table : {&owners, &terms, &coarse, &errors, &fine, &values, &checks}) {
    FACEPIPE_TRY(table->finish());
  }
  return {};
}

}  // namespace

Status MappedGallery::write(const Gallery& gallery, const std::filesystem::path& file) {
  const MappedHeader header = header_for(gallery);
  const Bytes start = encode_header(header);
  const MappedLayout layout = layout_of(header, start.size());
  constexpr std::size_t kMostNameBytes = 0xFFFF'FFFF;
  if (header.name_bytes > kMostNameBytes || header.embeddings > 0x7FFF'FFFF) {
    return Error{ErrorCode::kTooLarge, "expected names of at most 4 GiB and 2^31 - 1 embeddings in all"};
  }
  FACEPIPE_ASSIGN(TemporaryFile temporary, TemporaryFile::create(file));
  Descriptor descriptor(::open(temporary.path().c_str(), O_WRONLY | O_CLOEXEC));
  if (descriptor.get() < 0 || ::ftruncate(descriptor.get(), static_cast<off_t>(layout.journal)) != 0) {
    return file_error(file, "write", errno);
  }
  const Target to{descriptor.get(), file, layout};
  FACEPIPE_TRY(write_at(descriptor.get(), start, 0, file));
  FACEPIPE_TRY(write_people(gallery, to));
  FACEPIPE_TRY(write_rows(gallery, to));
  JournalWriter journal(header.base_id, layout.journal);  // what the tables have no place for
  for (std::size_t place = 0; place < gallery.people().size(); ++place) {
    if (const auto pictures = gallery.any_rejected() ? gallery.rejected(gallery.people()[place].id)
                                                     : std::span<const std::vector<float>>();
        !pictures.empty()) {
      journal.rejected(static_cast<std::uint32_t>(place), pictures);
    }
  }
  FACEPIPE_TRY(write_at(descriptor.get(), std::move(journal).take(), layout.journal, file));
  if (!descriptor.close_now()) {
    return file_error(file, "write", errno);
  }
  constexpr unsigned kOwnerAlone = 0600;
  return temporary.commit(kOwnerAlone, TemporaryFile::Existing::kReplace);
}

}  // namespace facepipe::gallery
