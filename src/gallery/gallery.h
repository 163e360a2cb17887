// Known people and their embeddings, and the search for the nearest. docs/formats/gallery.md
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "nn/preprocessing.h"

namespace facepipe::gallery {

// What made the embeddings. A probe made otherwise cannot be compared: check_compatible.
struct GalleryOrigin {
  std::string model_id;  // nn::Manifest::model_id; empty for an imported .pt, adopted by the first use that states one
  nn::Preprocessing preprocessing;
  int embedding_size = 0;
};

struct Person {
  std::string name;                            // UTF-8, 1..256 bytes, no control characters; unique in a gallery
  std::vector<std::vector<float>> embeddings;  // each of GalleryOrigin::embedding_size
};

// The two nearest people of a probe.
struct Match {
  std::size_t person = 0;                    // index into people()
  float distance = 0;                        // Euclidean, to the person's nearest embedding
  std::optional<std::size_t> second_person;  // the nearest other person
  float second_distance = 0;
};

// A value: copies are independent. Const calls are thread-safe.
class Gallery {
 public:
  explicit Gallery(GalleryOrigin origin) : origin_(std::move(origin)) {}

  [[nodiscard]] const GalleryOrigin& origin() const { return origin_; }
  [[nodiscard]] std::span<const Person> people() const { return people_; }
  [[nodiscard]] std::size_t embedding_count() const;
  // A probe farther than this from everyone is unknown; absent: always the nearest (an imported classic gallery).
  [[nodiscard]] std::optional<float> distance_threshold() const { return distance_threshold_; }
  void set_distance_threshold(std::optional<float> threshold) { distance_threshold_ = threshold; }

  // Adds to an existing person of that name. kInvalidArgument (name, size or a non-finite value, named).
  [[nodiscard]] Status add(std::string_view name, std::vector<float> embedding);
  [[nodiscard]] Status remove(std::string_view name);  // kNotFound names the person
  [[nodiscard]] Status rename(std::string_view from,
                              std::string_view to);  // kNotFound; merges if `to` exists? no: kAlreadyExists
  // kMismatch naming both sides when `origin` could not have made comparable embeddings.
  [[nodiscard]] Status check_compatible(const GalleryOrigin& origin) const;

  // nullopt for an empty gallery. Ties go to the first enrolled. kMismatch if the probe's size differs.
  [[nodiscard]] Result<std::optional<Match>> search(std::span<const float> probe) const;

 private:
  GalleryOrigin origin_;
  std::vector<Person> people_;
  std::optional<float> distance_threshold_;
};

// One file, replaced atomically, so that a reader always sees a whole gallery; nothing of a removed person stays in it.
[[nodiscard]] Result<Gallery> load_gallery(const std::filesystem::path& file);
[[nodiscard]] Status save_gallery(const Gallery& gallery, const std::filesystem::path& file);
// The Python pipeline's .pt: classic mode, threshold absent, model id empty.
[[nodiscard]] Result<Gallery> import_torch_gallery(const std::filesystem::path& file);
[[nodiscard]] Status export_torch_gallery(const Gallery& gallery, const std::filesystem::path& file);

}  // namespace facepipe::gallery
