// Known people and their embeddings, and the search for the nearest. docs/formats/gallery.md
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/seal.h"
#include "gallery/index/index.h"
#include "model/preprocessing.h"

namespace facepipe::gallery {

inline constexpr std::size_t kMaxNameBytes = 256;
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

// kInvalidArgument saying what a name must be: UTF-8, 1..kMaxNameBytes bytes, no control characters (U+0000..U+001F,
// U+007F..U+009F). Names are kept as they come: not trimmed, not case-folded, not normalised.
[[nodiscard]] Status check_name(std::string_view name);

// check_name, and not one of the words that stand in an answer for a face without a name: "unknown", "No-Face", "error"
// (docs/formats/messages.md), in any case of their letters. Of whoever is enrolled.
[[nodiscard]] Status check_new_name(std::string_view name);

// Move-only: a million embeddings are not copied by accident. Const calls are thread-safe.
class Gallery {
 public:
  // Nobody yet; embedding_size within its range, or the program ends. Searched row by row.
  explicit Gallery(const GalleryOrigin& origin);
  // The same on another index: empty, and of embeddings of that size.
  Gallery(GalleryOrigin origin, std::unique_ptr<Index> index);

  [[nodiscard]] const GalleryOrigin& origin() const { return origin_; }
  [[nodiscard]] std::span<const Person> people() const { return people_; }  // in the order of their enrolment
  // Index into people().
  [[nodiscard]] std::optional<std::size_t> find(PersonId id) const;
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;
  // kNotFound names the person.
  [[nodiscard]] Result<PersonId> id_of(std::string_view name) const;
  [[nodiscard]] std::size_t embedding_count() const { return index_->size(); }
  // Row `row` < embedding_count(), in the order of enrolment, and whose it is (index into people()).
  [[nodiscard]] std::span<const float> embedding(std::size_t row) const { return index_->embedding(row); }
  [[nodiscard]] std::size_t owner(std::size_t row) const { return by_id_.at(index_->owner(row)); }
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
  // `from` is removed, and its embeddings, now the last enrolled, are `into`'s, as is what was rejected (as much as
  // has room). kNotFound; kInvalidArgument if the two are one.
  [[nodiscard]] Status merge(PersonId from, PersonId into);
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
  // Centroids take a pass over the rows' owners beside the search where one of them has several embeddings.
  [[nodiscard]] Result<std::vector<Candidate>> candidates(std::span<const float> probe, std::size_t count,
                                                          Centroids centroids) const;

 private:
  [[nodiscard]] Status check_probe(std::span<const float> probe) const;
  // Sets Candidate::centroid.
  void measure_centroids(std::span<const float> probe, std::vector<Candidate>& candidates) const;
  [[nodiscard]] Status check_embedding(std::span<const float> embedding) const;
  void append(std::size_t person, std::span<const float> embedding);

  GalleryOrigin origin_;
  std::vector<Person> people_;
  std::unordered_map<PersonId, std::size_t> by_id_;  // index into people_
  std::unordered_map<std::string, PersonId> by_name_;
  std::unique_ptr<Index> index_;  // the embeddings
  std::optional<float> distance_threshold_;
  std::optional<double> strangers_;
  std::unordered_map<PersonId, std::vector<std::vector<float>>> rejected_;  // nobody's list is empty
};

// The people whom check_new_name would refuse today, in quotes and separated by commas. Empty: nobody.
[[nodiscard]] std::string reserved_names(const Gallery& gallery);

// The file's bytes. Equal galleries give equal bytes.
[[nodiscard]] Bytes gallery_to_bytes(const Gallery& gallery);
// kInvalidData saying what is wrong (no gallery, cut short, damaged, a bad field), kUnsupported for a newer version.
// Sizes are checked against the bytes there are before anything is allocated.
[[nodiscard]] Result<Gallery> gallery_from_bytes(ByteView bytes);

// One file, replaced atomically, so that a reader always sees a whole gallery; nothing of a removed person stays in it.
// Readable by its owner alone, encrypted if there is a key. A file that is not encrypted is read with a key, too; an
// encrypted one without is kPermission, with another key kMismatch. Errors name the file. `key` may be null.
[[nodiscard]] Result<Gallery> load_gallery(const std::filesystem::path& file, const SealingKey* key);
// What the file says made its embeddings, its digest unchecked: who loads it checks. Errors as load_gallery's.
[[nodiscard]] Result<GalleryOrigin> load_gallery_origin(const std::filesystem::path& file, const SealingKey* key);
[[nodiscard]] Status save_gallery(const Gallery& gallery, const std::filesystem::path& file, const SealingKey* key);
// The Python pipeline's .pt: classic mode, threshold absent, model id empty. gallery/export/ writes them.
[[nodiscard]] Result<Gallery> import_torch_gallery(const std::filesystem::path& file);
// What a recogniser reads: import_torch_gallery for a name that ends in ".pt", load_gallery for any other.
[[nodiscard]] Result<Gallery> load_either_gallery(const std::filesystem::path& file, const SealingKey* key);

}  // namespace facepipe::gallery
