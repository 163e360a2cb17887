// What a change of people consists of, and what takes it back: of the same kind, so that an undone change is a change.
// Kept as JSON in the log's entry: internal to the module.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "base/result.h"
#include "faces/face_store.h"
#include "people/visit_desk.h"

namespace facepipe::people {

// Where an embedding is to be found. kRow: of a row of the gallery, or of one that is rejected there or about to be, by
// its print (print_of).
struct EmbeddingRef {
  enum class Kind { kPicture, kFace, kRow };
  Kind kind = Kind::kRow;
  std::uint64_t id = 0;
  friend auto operator<=>(const EmbeddingRef&, const EmbeddingRef&) = default;
};

struct GalleryOp {
  enum class Kind {
    kAdd,        // an embedding of the person; who is not there is made, with the name
    kTake,       // one away; the person's last one takes the person along
    kRename,     // to the name
    kReject,     // the embedding is not the person's
    kUnreject,   // that no more
    kStrangers,  // the share
    kMinQuality,
  };
  Kind kind = Kind::kAdd;
  faces::PersonId person{};
  std::string name = {};              // of kAdd and kRename
  EmbeddingRef embedding{};           // of those with one
  std::optional<double> number = {};  // of kStrangers and kMinQuality
  friend bool operator==(const GalleryOp&, const GalleryOp&) = default;
};

[[nodiscard]] inline bool is_setting(GalleryOp::Kind kind) {
  return kind == GalleryOp::Kind::kStrangers || kind == GalleryOp::Kind::kMinQuality;
}

struct FaceMark {
  faces::FaceId face{};
  faces::Mark mark = faces::Mark::kNone;
  std::optional<faces::PersonId> person;  // FaceRecord::marked_person
  std::optional<faces::UnknownId> unknown;
  friend bool operator==(const FaceMark&, const FaceMark&) = default;
};

struct Edit {
  std::vector<GalleryOp> gallery;
  std::vector<std::pair<faces::PictureId, faces::PersonId>> pictures;  // whose they are from now on
  std::vector<FaceMark> faces;
  Corrections corrections;
  faces::RetentionValues retention;
  [[nodiscard]] bool empty() const {
    return gallery.empty() && pictures.empty() && faces.empty() && corrections.empty() && retention.empty();
  }
  friend bool operator==(const Edit&, const Edit&) = default;
};

// The log's entry. Ids of people stand in it as "person":"..." throughout.
struct ChangeNote {
  std::optional<faces::PersonId> person;  // whom it is about
  std::string name;
  std::size_t pictures = 0;  // enrolled ones that it touched
  Edit forward;
  Edit back;
  bool final = false;          // cannot be taken back
  std::string gallery_before;  // which file the gallery was (GalleryFile::state); empty: it was not to be changed
  std::string successor;       // name of the file that takes the gallery's place (rebuild.h); empty: none
};

[[nodiscard]] std::string to_json(const ChangeNote& note);
// kInvalidData for what to_json did not write; what this version does not know is kUnsupported.
[[nodiscard]] Result<ChangeNote> read_change_note(std::string_view json);

}  // namespace facepipe::people
