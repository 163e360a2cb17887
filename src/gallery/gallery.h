// Known people and their embeddings, and the search for the nearest. docs/formats/gallery.md
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/seal.h"
#include "gallery/index/index.h"
#include "gallery/names.h"
#include "gallery/numbering.h"
#include "gallery/people_table.h"
#include "gallery/person_id.h"
#include "model/preprocessing.h"

namespace facepipe::gallery {

inline constexpr std::string_view kGalleryFile = "gallery.fpg";  // of a data folder
inline constexpr int kMaxEmbeddingSize = 65'536;
inline constexpr std::size_t kMaxRejected = 1'000;  // pictures that are not one person's

// What made the embeddings. A probe made otherwise cannot be compared: check_compatible.
struct GalleryOrigin {
  std::string
      model_id;  // model::Manifest::model_id; empty for an imported .pt, adopted by the first use that states one
  model::Preprocessing preprocessing;
  int embedding_size = 0;  // 1..kMaxEmbeddingSize
};

struct Person {
  PersonId id{};                    // unique in a gallery; stays through renaming
  std::string name;                 // check_name; unique in a gallery, compared byte for byte
  std::size_t embedding_count = 0;  // at least 1
};

class Gallery;

// The people of a gallery, in the order of their enrolment; each is made when it is asked for. Lives as long as the
// gallery, until its next change.
class People {
 public:
  class Iterator {
   public:
    using value_type = Person;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    Iterator(const Gallery& gallery, std::size_t place) : gallery_(&gallery), place_(place) {}
    Person operator*() const;
    Iterator& operator++() {
      ++place_;
      return *this;
    }
    Iterator operator++(int) {
      const Iterator before = *this;
      ++place_;
      return before;
    }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    const Gallery* gallery_ = nullptr;
    std::size_t place_ = 0;
  };

  explicit People(const Gallery& gallery) : gallery_(&gallery) {}
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] bool empty() const { return size() == 0; }
  // place < size().
  [[nodiscard]] Person operator[](std::size_t place) const;
  [[nodiscard]] Iterator begin() const { return {*gallery_, 0}; }
  [[nodiscard]] Iterator end() const { return {*gallery_, size()}; }

 private:
  const Gallery* gallery_;
};

// The two nearest people of a probe.
struct Match {
  std::size_t person = 0;                    // index into people()
  float distance = 0;                        // Euclidean, to the person's nearest embedding
  std::optional<std::size_t> second_person;  // the nearest other person
  float second_distance = 0;
};

// Somebody who is near a probe.
struct Candidate {
  std::size_t person = 0;  // index into people()
  float nearest = 0;       // Euclidean distance to the nearest of the person's embeddings
  float centroid = 0;      // to the direction of the mean of all of them; `nearest` of one embedding, or left out
};
enum class Centroids { kMeasured, kLeftOut };

class MappedGallery;

// Move-only: a million embeddings are not copied by accident. Const calls are thread-safe.
class Gallery {
 public:
  // Nobody yet; embedding_size within its range, or the program ends. Searched row by row.
  explicit Gallery(const GalleryOrigin& origin);
  // The same on another index: empty, and of embeddings of that size.
  Gallery(GalleryOrigin origin, std::unique_ptr<Index> index);

  [[nodiscard]] const GalleryOrigin& origin() const { return origin_; }
  [[nodiscard]] People people() const { return People(*this); }
  // Index into people().
  [[nodiscard]] std::optional<std::size_t> find(PersonId id) const;
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;
  // kNotFound names the person.
  [[nodiscard]] Result<PersonId> id_of(std::string_view name) const;
  [[nodiscard]] std::size_t embedding_count() const { return rows_.size(); }
  // Row `row` < embedding_count(), in the order of enrolment, and whose it is (index into people()).
  [[nodiscard]] std::span<const float> embedding(std::size_t row) const { return index_->embedding(rows_.number(row)); }
  [[nodiscard]] std::size_t owner(std::size_t row) const {
    return people_.slots().place(index_->owner(rows_.number(row)));
  }
  // The person's rows, ascending; none for nobody. Takes no pass over all rows.
  [[nodiscard]] std::vector<std::size_t> rows_of(PersonId person) const;
  // A probe farther than this from everyone is unknown; absent: always the nearest (an imported classic gallery).
  [[nodiscard]] std::optional<float> distance_threshold() const { return distance_threshold_; }
  // What is no distance (NaN, negative) counts as 0: everyone is unknown, rather than everyone known.
  void set_distance_threshold(std::optional<float> threshold);
  // The share of strangers who may get a name, within (0, 1): with a pack that knows how (model::Decision) the
  // threshold follows from it and from who is enrolled, in place of distance_threshold(). Absent: distance_threshold()
  // counts.
  [[nodiscard]] std::optional<double> strangers() const { return strangers_; }
  // kInvalidArgument for what is no such share.
  [[nodiscard]] Status set_strangers(std::optional<double> share);
  // Of a face (recognize::Quality::score), below which it gets no name where a share of strangers decides; within
  // [0, 1). 0: whatever can be told.
  [[nodiscard]] float min_quality() const { return min_quality_; }
  // kInvalidArgument for what is no such quality.
  [[nodiscard]] Status set_min_quality(float quality);
  // The sum over the people of their numbers of embeddings, each to the power `exponent` (model::Decision::pictures).
  // Takes a pass over the people.
  [[nodiscard]] double weighted_people(double exponent) const;

  // Adds to the person of that name, or a new one with a random id. kInvalidArgument (check_new_name, size or a
  // non-finite value, named).
  [[nodiscard]] Status add(std::string_view name, std::span<const float> embedding);
  // The same to somebody who is there. kNotFound for anybody else.
  [[nodiscard]] Status add(PersonId person, std::span<const float> embedding);
  // A new person as a file has it, which may be of a time when every name was taken: check_name alone. Errors as add's;
  // kAlreadyExists if the id or the name is taken.
  [[nodiscard]] Status restore(PersonId id, std::string_view name, std::span<const float> first_embedding);
  // So many in all are about to be there.
  void reserve(std::size_t people, std::size_t embeddings);
  // With every embedding. kNotFound.
  [[nodiscard]] Status remove(PersonId person);
  // One of a person's embeddings: row < embedding_count(). kNotFound for nobody's id, and for a row that is not this
  // person's; kInvalidArgument if it is their last: remove() the person then. Later rows move up by one.
  [[nodiscard]] Status remove_embedding(PersonId person, std::size_t row);
  // The id stays. kNotFound; kInvalidArgument for a bad new name; kAlreadyExists if another person has it.
  [[nodiscard]] Status rename(PersonId person, std::string_view name);

  // A picture that is not this person's, however like: faces nearer to it than to all of the person's are not theirs
  // (recognize/naming.h). Errors as add's; kTooLarge past kMaxRejected of one person.
  [[nodiscard]] Status reject(PersonId person, std::span<const float> embedding);
  // Those pictures, in the order in which they came; nothing for nobody. The span lives until the next change.
  [[nodiscard]] std::span<const std::vector<float>> rejected(PersonId person) const;
  [[nodiscard]] bool any_rejected() const { return !rejected_.empty(); }
  // Nothing is rejected for this person any more. kNotFound for nobody.
  [[nodiscard]] Status forget_rejected(PersonId person);

  // Could `origin` have made embeddings comparable with these? The same preprocessing and size, and the same model
  // where both sides name one. kMismatch naming what differs, both sides of it.
  [[nodiscard]] Status check_compatible(const GalleryOrigin& origin) const;
  // Records the model of a gallery that does not name one; nothing changes if it does.
  void adopt_model_id(std::string_view model_id);

  // nullopt for an empty gallery. Ties go to the first enrolled. kMismatch if the probe's size differs,
  // kInvalidArgument if it holds NaN or an infinity.
  [[nodiscard]] Result<std::optional<Match>> search(std::span<const float> probe) const;
  // The `count` people of the nearest embeddings, the nearest first; fewer if there are fewer. Errors as search().
  [[nodiscard]] Result<std::vector<Candidate>> candidates(std::span<const float> probe, std::size_t count,
                                                          Centroids centroids) const;

 private:
  friend class People;
  friend class MappedGallery;  // reads and writes the form whose bulk is mapped

  // What has changed since the gallery was read from a file of that form.
  struct Unsaved {
    std::size_t first_slot = 0;  // those from here on are new
    std::size_t first_row = 0;
    std::vector<std::size_t> removed_slots;  // below first_slot
    std::vector<std::size_t> removed_rows;   // below first_row, of people who are there
    std::set<std::size_t> renamed;           // slots
    std::set<std::size_t> rejected;          // slots whose rejected pictures are others
  };

  [[nodiscard]] std::optional<std::size_t> slot_of(PersonId id) const { return people_.find(id); }
  [[nodiscard]] Status check_probe(std::span<const float> probe) const;
  // Sets Candidate::centroid.
  void measure_centroid(std::span<const float> probe, Candidate& candidate) const;
  [[nodiscard]] Status check_embedding(std::span<const float> embedding) const;
  void append(std::size_t slot, std::span<const float> embedding);
  void remove_row(std::size_t number);
  void remove_slot(std::size_t slot);

  GalleryOrigin origin_;
  PeopleTable people_;            // slots
  std::unique_ptr<Index> index_;  // the embeddings; their owners are slots
  Numbering rows_;                // of the index
  std::optional<float> distance_threshold_;
  std::optional<double> strangers_;
  float min_quality_ = 0;
  std::unordered_map<PersonId, std::vector<std::vector<float>>> rejected_;  // nobody's list is empty
  std::shared_ptr<const MappedGallery> file_;                               // where it was read from; null: nowhere
  Unsaved unsaved_;
};

// The people whom check_new_name would refuse today, in quotes and separated by commas. Empty: nobody.
[[nodiscard]] std::string reserved_names(const Gallery& gallery);

// The file's bytes. Equal galleries give equal bytes.
[[nodiscard]] Bytes gallery_to_bytes(const Gallery& gallery);
// kInvalidData saying what is wrong (no gallery, cut short, damaged, a bad field), kUnsupported for a newer version.
// Sizes are checked against the bytes there are before anything is allocated.
[[nodiscard]] Result<Gallery> gallery_from_bytes(ByteView bytes);

// The same of bytes, aligned to 8, that live as long as `keep_alive`: a mapped gallery is not copied.
[[nodiscard]] Result<Gallery> gallery_from_bytes(ByteView bytes, std::shared_ptr<const void> keep_alive);

// One file, in one of two forms. A gallery whose file would have kMappedFrom bytes or more, and any that was mapped
// before, has its bulk mapped and changes by what has changed (gallery/mapped_gallery.h); any other, and every
// encrypted one, is replaced atomically. In both a reader always sees a whole gallery, and nothing of a removed person
// is in the file once it is saved. Readable by its owner alone, encrypted if there is a key. A file that is not
// encrypted is read with a key, too; an encrypted one without is kPermission, with another key kMismatch. Errors name
// the file. `key` may be null.
[[nodiscard]] Result<Gallery> load_gallery(const std::filesystem::path& file, const SealingKey* key);
// The same for an editor, who holds the file's lock: what a killed one left of its removals is finished.
[[nodiscard]] Result<Gallery> load_gallery_to_edit(const std::filesystem::path& file, const SealingKey* key);
// What the file says made its embeddings, its digest unchecked: who loads it checks. Errors as load_gallery's.
[[nodiscard]] Result<GalleryOrigin> load_gallery_origin(const std::filesystem::path& file, const SealingKey* key);
// The caller holds the file's lock from its loading on (base/file_lock.h). A mapped gallery's file is appended to if it
// is the one that this gallery was read from, and written whole if not.
[[nodiscard]] Status save_gallery(const Gallery& gallery, const std::filesystem::path& file, const SealingKey* key);
inline constexpr std::size_t kMappedFrom = std::size_t{64} << 20U;
// Writes the gallery so that its bulk can be mapped, however small it is, without what changes left behind in the file.
[[nodiscard]] Status save_mapped_gallery(const Gallery& gallery, const std::filesystem::path& file);
// kInvalidData: something in the file of a mapped gallery is not as it was written; a gallery of any other file was
// checked when it was loaded. Reads all of it.
[[nodiscard]] Status verify_gallery(const Gallery& gallery);
// The Python pipeline's .pt: classic mode, threshold absent, model id empty. gallery/export/ writes them.
[[nodiscard]] Result<Gallery> import_torch_gallery(const std::filesystem::path& file);

class MappedBase;
// What is kept of a mapped gallery's file between readings of it. Copies share it.
struct KnownTables {
  std::shared_ptr<const MappedBase> tables;
};
// What a recogniser reads: import_torch_gallery for a name that ends in ".pt", load_gallery for any other. Of a mapped
// gallery `known` is used again where the file still has it, and becomes what was read.
[[nodiscard]] Result<Gallery> load_either_gallery(const std::filesystem::path& file, const SealingKey* key,
                                                  KnownTables& known);
// Is the name in the gallery's file, also of somebody who is removed or renamed?
[[nodiscard]] bool mentions(const Gallery& gallery, std::string_view name);

}  // namespace facepipe::gallery
