// The changes behind the tables of a mapped gallery file: what each person, embedding or setting is from then on.
// docs/formats/gallery.md
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace facepipe::gallery {

// `number` is a person's slot or an embedding's row; these stay as long as the tables.
enum class RecordKind : std::uint8_t {
  kVoid = 0,          // overwritten: what it said is of somebody or something that was removed since
  kPerson = 1,        // slot, id; a kName follows
  kEmbedding = 2,     // row, owner, values
  kRemovePerson = 3,  // slot
  kRemoveRow = 4,     // row
  kName = 5,          // slot, name: apart from the person, so that a former name can be overwritten
  kRejected = 6,      // slot, the values of every rejected picture that there is
  kSettings = 7,      // text: JSON
};

// As it lies in the file; views live as long as the bytes that were read.
struct Record {
  RecordKind kind{};
  std::size_t offset = 0;         // in the file
  std::size_t content_bytes = 0;  // behind its header
  bool is_erased = false;         // of a void one: its content is overwritten, too
  std::uint32_t number = 0;
  std::uint32_t owner = 0;
  std::uint64_t id = 0;
  std::string_view text;
  std::span<const float> values;
};

// Records as bytes, ready to be written at `offset`, a multiple of 8.
class JournalWriter {
 public:
  JournalWriter(std::uint64_t base_id, std::size_t offset) : base_id_(base_id), offset_(offset) {}

  void person(std::uint32_t slot, std::uint64_t id);
  void embedding(std::uint32_t row, std::uint32_t slot, std::span<const float> values);
  void remove_person(std::uint32_t slot);
  void remove_row(std::uint32_t row);
  void name(std::uint32_t slot, std::string_view name);
  void rejected(std::uint32_t slot, std::span<const std::vector<float>> pictures);
  void settings(std::string_view json);

  [[nodiscard]] bool empty() const { return bytes_.empty(); }
  // The last record ends a change: a reader takes all of it or nothing.
  [[nodiscard]] Bytes take() &&;

 private:
  void add(RecordKind kind, std::uint32_t number, std::uint32_t owner, ByteView content);

  std::uint64_t base_id_;
  std::size_t offset_;
  Bytes bytes_;
  std::size_t last_ = 0;  // where the last record starts
};

struct Journal {
  std::vector<Record> records;
  std::size_t end = 0;  // in the file: behind the last whole change; the rest was never accepted
};

// `bytes` lie at `offset` of the file, aligned to 8. What is behind the last whole change is left out, being what a
// killed writer leaves. kInvalidData: damaged before that.
[[nodiscard]] Result<Journal> read_journal(ByteView bytes, std::uint64_t base_id, std::size_t offset);

// Where a record of that offset has its kind, one byte, and its content, which its header gives the length of.
inline constexpr std::size_t kRecordKindAt = 4;
inline constexpr std::size_t kRecordHeader = 32;

}  // namespace facepipe::gallery
