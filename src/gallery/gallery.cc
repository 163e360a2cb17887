// Tested by gallery_test.cc.
#include "gallery/gallery.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/check.h"
#include "gallery/index/linear_index.h"
#include "gallery/person_id.h"

namespace facepipe::gallery {
namespace {

Error invalid(std::string message) {
  return Error{ErrorCode::kInvalidArgument, std::move(message)};
}

Error no_such_person(PersonId id) {
  return Error{ErrorCode::kNotFound, "no person with the id " + to_string(id) + " in the gallery"};
}

Error name_taken(std::string_view name) {
  return Error{ErrorCode::kAlreadyExists, "a person named \"" + std::string(name) + "\" is in the gallery already"};
}

bool all_finite(std::span<const float> values) {
  return std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
}

// "classic 240 px, margin 0 px, stretched, unit"
std::string describe(const model::Preprocessing& preprocessing) {
  const bool box = preprocessing.alignment == model::kBoxAlignment;
  return preprocessing.mode + " " + std::to_string(preprocessing.input_px) + " px, " +
         (box ? "margin " + std::to_string(preprocessing.margin_px) + " px" : "aligned by " + preprocessing.alignment) +
         (preprocessing.min_max_stretch ? ", stretched" : "") + ", " + model::to_string(preprocessing.normalisation) +
         (preprocessing.colour_order == model::ColourOrder::kBgr ? ", bgr" : "") +
         (preprocessing.mirrored ? ", with its mirror image" : "");
}

}  // namespace

Gallery::Gallery(const GalleryOrigin& origin)
    : Gallery(origin, make_linear_index(static_cast<std::size_t>(origin.embedding_size))) {}

std::size_t People::size() const {
  return gallery_->people_.slots().size();
}

Person People::operator[](std::size_t place) const {
  const std::size_t slot = gallery_->people_.slots().number(place);
  return {gallery_->people_.id(slot), std::string(gallery_->people_.name(slot)), gallery_->index_->count_of(slot)};
}

Person People::Iterator::operator*() const {
  return People(*gallery_)[place_];
}

Gallery::Gallery(GalleryOrigin origin, std::unique_ptr<Index> index)
    : origin_(std::move(origin)), index_(std::move(index)) {
  FACEPIPE_CHECK(origin_.embedding_size >= 1 && origin_.embedding_size <= kMaxEmbeddingSize && index_->end() == 0);
}

std::optional<std::size_t> Gallery::find(PersonId id) const {
  const auto slot = people_.find(id);
  return slot ? std::optional(people_.slots().place(*slot)) : std::nullopt;
}

std::optional<std::size_t> Gallery::find(std::string_view name) const {
  const auto slot = people_.find(name);
  return slot ? std::optional(people_.slots().place(*slot)) : std::nullopt;
}

Result<PersonId> Gallery::id_of(std::string_view name) const {
  const auto slot = people_.find(name);
  if (!slot) {
    return Error{ErrorCode::kNotFound, "no person named \"" + std::string(name) + "\" in the gallery"};
  }
  return people_.id(*slot);
}

void Gallery::reserve(std::size_t people, std::size_t embeddings) {
  people_.reserve(people);
  index_->reserve(embeddings);
}

void Gallery::set_distance_threshold(std::optional<float> threshold) {
  distance_threshold_ = threshold && !(*threshold >= 0) ? 0.0F : threshold;
}

Status Gallery::set_strangers(std::optional<double> share) {
  if (share && !(*share > 0 && *share < 1)) {
    return invalid("the share of strangers who may get a name: expected a number above 0 and below 1");
  }
  strangers_ = share;
  return {};
}

Status Gallery::set_min_quality(float quality) {
  if (!(quality >= 0 && quality < 1)) {
    return invalid("the quality below which a face gets no name: expected a number of at least 0 and below 1");
  }
  min_quality_ = quality;
  return {};
}

double Gallery::weighted_people(double exponent) const {
  std::array<double, 64> known{};  // of small counts, which nearly all are
  for (std::size_t count = 1; count < known.size(); ++count) {
    known[count] = std::pow(static_cast<double>(count), exponent);
  }
  double sum = 0;
  for (std::size_t place = 0; place < people_.slots().size(); ++place) {
    const std::size_t count = index_->count_of(people_.slots().number(place));
    sum += count < known.size() ? known[count] : std::pow(static_cast<double>(count), exponent);
  }
  return sum;
}

Status Gallery::check_embedding(std::span<const float> embedding) const {
  if (embedding.size() != static_cast<std::size_t>(origin_.embedding_size)) {
    return invalid("an embedding of this gallery has " + std::to_string(origin_.embedding_size) +
                   " values; this one has " + std::to_string(embedding.size()));
  }
  if (!all_finite(embedding)) {
    return invalid("an embedding has finite values only; this one has NaN or an infinity");
  }
  return {};
}

void Gallery::append(std::size_t slot, std::span<const float> embedding) {
  index_->add(slot, embedding);
  rows_.add();
}

void Gallery::remove_row(std::size_t number) {
  index_->remove(number);
  rows_.remove(number);
}

Status Gallery::add(std::string_view name, std::span<const float> embedding) {
  FACEPIPE_TRY(check_new_name(name));
  if (const auto known = id_of(name)) {
    return add(*known, embedding);
  }
  PersonId id = random_person_id();
  while (slot_of(id)) {
    id = random_person_id();
  }
  return restore(id, name, embedding);
}

Status Gallery::add(PersonId person, std::span<const float> embedding) {
  const auto slot = slot_of(person);
  if (!slot) {
    return no_such_person(person);
  }
  FACEPIPE_TRY(check_embedding(embedding));
  append(*slot, embedding);
  return {};
}

Status Gallery::restore(PersonId id, std::string_view name, std::span<const float> first_embedding) {
  FACEPIPE_TRY(check_name(name));
  FACEPIPE_TRY(check_embedding(first_embedding));
  if (slot_of(id)) {
    return Error{ErrorCode::kAlreadyExists, "a person with the id " + to_string(id) + " is in the gallery already"};
  }
  if (people_.find(name)) {
    return name_taken(name);
  }
  people_.add(id, std::string(name));
  append(people_.slots().end() - 1, first_embedding);
  return {};
}

std::vector<std::size_t> Gallery::rows_of(PersonId person) const {
  const auto slot = slot_of(person);
  std::vector<std::size_t> rows = slot ? index_->rows_of(*slot) : std::vector<std::size_t>();
  std::ranges::transform(rows, rows.begin(), [this](std::size_t number) { return rows_.place(number); });
  return rows;
}

Status Gallery::remove(PersonId person) {
  const auto slot = slot_of(person);
  if (!slot) {
    return no_such_person(person);
  }
  remove_slot(*slot);
  return {};
}

void Gallery::remove_slot(std::size_t slot) {
  for (const std::size_t row : index_->rows_of(slot)) {
    remove_row(row);
  }
  rejected_.erase(people_.id(slot));
  people_.remove(slot);
  if (slot < unsaved_.first_slot) {
    unsaved_.removed_slots.push_back(slot);
  }
}

Status Gallery::remove_embedding(PersonId person, std::size_t row) {
  const auto slot = slot_of(person);
  if (!slot) {
    return no_such_person(person);
  }
  if (row >= embedding_count() || index_->owner(rows_.number(row)) != *slot) {
    return Error{ErrorCode::kNotFound, "embedding " + std::to_string(row) +
                                           " of the gallery is not of the person with the id " + to_string(person)};
  }
  if (index_->count_of(*slot) == 1) {
    return invalid("the only embedding of a person cannot be removed alone: remove the person");
  }
  const std::size_t number = rows_.number(row);
  remove_row(number);
  if (number < unsaved_.first_row) {
    unsaved_.removed_rows.push_back(number);
  }
  return {};
}

Status Gallery::rename(PersonId person, std::string_view name) {
  const auto slot = slot_of(person);
  if (!slot) {
    return no_such_person(person);
  }
  if (people_.name(*slot) == name) {
    return {};
  }
  FACEPIPE_TRY(check_new_name(name));
  if (people_.find(name)) {
    return name_taken(name);
  }
  people_.rename(*slot, std::string(name));
  unsaved_.renamed.insert(*slot);
  return {};
}

Status Gallery::reject(PersonId person, std::span<const float> embedding) {
  const auto slot = slot_of(person);
  if (!slot) {
    return no_such_person(person);
  }
  FACEPIPE_TRY(check_embedding(embedding));
  if (rejected(person).size() >= kMaxRejected) {
    return Error{ErrorCode::kTooLarge, "expected at most " + std::to_string(kMaxRejected) +
                                           " rejected pictures of a person: forget some (people reject --forget)"};
  }
  rejected_[person].emplace_back(embedding.begin(), embedding.end());
  unsaved_.rejected.insert(*slot);
  return {};
}

std::span<const std::vector<float>> Gallery::rejected(PersonId person) const {
  const auto found = rejected_.find(person);
  return found == rejected_.end() ? std::span<const std::vector<float>>() : found->second;
}

Status Gallery::forget_rejected(PersonId person) {
  const auto slot = slot_of(person);
  if (!slot) {
    return no_such_person(person);
  }
  rejected_.erase(person);
  unsaved_.rejected.insert(*slot);
  return {};
}

Status Gallery::check_compatible(const GalleryOrigin& origin) const {
  const auto mismatch = [](const std::string& ours, const std::string& theirs) {
    return Error{ErrorCode::kMismatch, "embeddings cannot be compared: gallery: " + ours + "; model: " + theirs};
  };
  if (origin.embedding_size != origin_.embedding_size) {
    return mismatch(std::to_string(origin_.embedding_size) + " values an embedding",
                    std::to_string(origin.embedding_size));
  }
  if (!model::same_pixels(origin.preprocessing, origin_.preprocessing)) {
    return mismatch(describe(origin_.preprocessing), describe(origin.preprocessing));
  }
  if (!origin_.model_id.empty() && !origin.model_id.empty() && origin_.model_id != origin.model_id) {
    return mismatch("made by " + origin_.model_id, origin.model_id);
  }
  return {};
}

void Gallery::adopt_model_id(std::string_view model_id) {
  if (origin_.model_id.empty()) {
    origin_.model_id = std::string(model_id);
  }
}

Status Gallery::check_probe(std::span<const float> probe) const {
  if (probe.size() != static_cast<std::size_t>(origin_.embedding_size)) {
    return Error{ErrorCode::kMismatch, "the gallery's embeddings have " + std::to_string(origin_.embedding_size) +
                                           " values; the probe has " + std::to_string(probe.size())};
  }
  return all_finite(probe) ? Status{} : invalid("a probe has finite values only; this one has NaN or an infinity");
}

std::string reserved_names(const Gallery& gallery) {
  std::string names;
  for (const Person& person : gallery.people()) {
    if (!check_new_name(person.name)) {
      names += (names.empty() ? "\"" : ", \"") + person.name + "\"";
    }
  }
  return names;
}

}  // namespace facepipe::gallery
