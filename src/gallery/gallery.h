// Known people and their embeddings, and the search for the nearest. docs/formats/gallery.md
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/seal.h"
#include "model/preprocessing.h"

namespace facepipe::gallery {

inline constexpr std::size_t kMaxNameBytes = 256;
inline constexpr int kMaxEmbeddingSize = 65'536;

// What made the embeddings. A probe made otherwise cannot be compared: check_compatible.
struct GalleryOrigin {
  std::string
      model_id;  // model::Manifest::model_id; empty for an imported .pt, adopted by the first use that states one
  model::Preprocessing preprocessing;
  int embedding_size = 0;  // 1..kMaxEmbeddingSize
};

struct Person {
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

// kInvalidArgument saying what a name must be: UTF-8, 1..kMaxNameBytes bytes, no control characters (U+0000..U+001F,
// U+007F..U+009F). Names are kept as they come: not trimmed, not case-folded, not normalised.
[[nodiscard]] Status check_name(std::string_view name);

// check_name, and not one of the words that stand in an answer for a face without a name: "unknown", "No-Face", "error"
// (docs/formats/messages.md), in any case of their letters. Of whoever is enrolled.
[[nodiscard]] Status check_new_name(std::string_view name);

// A value: copies are independent. Const calls are thread-safe.
class Gallery {
 public:
  explicit Gallery(GalleryOrigin origin);  // embedding_size within its range, or the program ends

  [[nodiscard]] const GalleryOrigin& origin() const { return origin_; }
  [[nodiscard]] std::span<const Person> people() const { return people_; }     // in the order of their first embedding
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;  // index into people()
  [[nodiscard]] std::size_t embedding_count() const { return owners_.size(); }
  // Row `index` < embedding_count(), in the order of enrolment, and whose it is (index into people()).
  [[nodiscard]] std::span<const float> embedding(std::size_t index) const;
  [[nodiscard]] std::size_t owner(std::size_t index) const { return owners_[index]; }
  // A probe farther than this from everyone is unknown; absent: always the nearest (an imported classic gallery).
  [[nodiscard]] std::optional<float> distance_threshold() const { return distance_threshold_; }
  // What is no distance (NaN, negative) counts as 0: everyone is unknown, rather than everyone known.
  void set_distance_threshold(std::optional<float> threshold);

  // Adds to an existing person of that name. kInvalidArgument (check_new_name, size or a non-finite value, named).
  [[nodiscard]] Status add(std::string_view name, std::span<const float> embedding);
  // The same for what a file holds already, which may be of a time when every name was taken: check_name alone.
  [[nodiscard]] Status restore(std::string_view name, std::span<const float> embedding);
  // With every embedding. kNotFound names the person.
  [[nodiscard]] Status remove(std::string_view name);
  // kNotFound; kInvalidArgument for a bad new name; kAlreadyExists if another person has it (people are never merged).
  [[nodiscard]] Status rename(std::string_view from, std::string_view to);

  // Could `origin` have made embeddings comparable with these? The same preprocessing and size, and the same model
  // where both sides name one. kMismatch naming what differs, both sides of it.
  [[nodiscard]] Status check_compatible(const GalleryOrigin& origin) const;
  // Records the model of a gallery that does not name one; nothing changes if it does.
  void adopt_model_id(std::string_view model_id);

  // nullopt for an empty gallery. Ties go to the first enrolled. kMismatch if the probe's size differs,
  // kInvalidArgument if it holds NaN or an infinity. Exhaustive: O(embedding_count * size).
  [[nodiscard]] Result<std::optional<Match>> search(std::span<const float> probe) const;

 private:
  GalleryOrigin origin_;
  std::vector<Person> people_;
  std::map<std::string, std::size_t, std::less<>> index_;  // name -> index into people_
  std::vector<float> rows_;                                // [embedding_count, embedding_size], in enrolment's order
  std::vector<std::uint32_t> owners_;                      // [embedding_count], index into people_
  std::optional<float> distance_threshold_;
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
[[nodiscard]] Status save_gallery(const Gallery& gallery, const std::filesystem::path& file, const SealingKey* key);
// The Python pipeline's .pt: classic mode, threshold absent, model id empty. gallery/export/ writes them.
[[nodiscard]] Result<Gallery> import_torch_gallery(const std::filesystem::path& file);
// What a recogniser reads: import_torch_gallery for a name that ends in ".pt", load_gallery for any other.
[[nodiscard]] Result<Gallery> load_either_gallery(const std::filesystem::path& file, const SealingKey* key);

}  // namespace facepipe::gallery
