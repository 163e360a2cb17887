// Tested by gallery_test.cc.
#include "gallery/gallery.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "gallery/index/distance.h"
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

// Of valid UTF-8: C0, DEL, and C1, which UTF-8 spells C2 80 to C2 9F.
bool has_control_character(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool c1 = byte == 0xC2 && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (byte < 0x20 || byte == 0x7F || c1) {
      return true;
    }
  }
  return false;
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

Status check_name(std::string_view name) {
  if (name.empty() || name.size() > kMaxNameBytes) {
    return invalid("a name has 1 to " + std::to_string(kMaxNameBytes) + " bytes; this one has " +
                   std::to_string(name.size()));
  }
  if (!simdjson::validate_utf8(name.data(), name.size())) {
    return invalid("a name is UTF-8; this one is not");
  }
  if (has_control_character(name)) {
    return invalid("a name has no control characters; this one has");
  }
  return {};
}

Status check_new_name(std::string_view name) {
  FACEPIPE_TRY(check_name(name));
  constexpr std::array<std::string_view, 3> kResultWords = {"unknown", "no-face", "error"};
  if (std::find(kResultWords.begin(), kResultWords.end(), lower(name)) != kResultWords.end()) {
    return invalid("\"" + std::string(name) +
                   "\" stands in answers for a face without a name and cannot be a person's: choose another name");
  }
  return {};
}

Gallery::Gallery(const GalleryOrigin& origin)
    : Gallery(origin, make_linear_index(static_cast<std::size_t>(origin.embedding_size))) {}

Gallery::Gallery(GalleryOrigin origin, std::unique_ptr<Index> index)
    : origin_(std::move(origin)), index_(std::move(index)) {
  FACEPIPE_CHECK(origin_.embedding_size >= 1 && origin_.embedding_size <= kMaxEmbeddingSize && index_->size() == 0);
}

std::optional<std::size_t> Gallery::find(PersonId id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::size_t> Gallery::find(std::string_view name) const {
  const auto id = id_of(name);
  return id ? find(*id) : std::nullopt;
}

Result<PersonId> Gallery::id_of(std::string_view name) const {
  const auto found = by_name_.find(std::string(name));
  if (found == by_name_.end()) {
    return Error{ErrorCode::kNotFound, "no person named \"" + std::string(name) + "\" in the gallery"};
  }
  return found->second;
}

void Gallery::reserve(std::size_t people, std::size_t embeddings) {
  people_.reserve(people);
  by_id_.reserve(people);
  by_name_.reserve(people);
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

double Gallery::weighted_people(double exponent) const {
  double sum = 0;
  for (const Person& person : people_) {
    sum += person.embedding_count == 1 ? 1 : std::pow(static_cast<double>(person.embedding_count), exponent);
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

void Gallery::append(std::size_t person, std::span<const float> embedding) {
  people_[person].embedding_count += 1;
  index_->add(people_[person].id, embedding);
}

Status Gallery::add(std::string_view name, std::span<const float> embedding) {
  FACEPIPE_TRY(check_new_name(name));
  if (const auto known = id_of(name)) {
    return add(*known, embedding);
  }
  PersonId id = random_person_id();
  while (by_id_.contains(id)) {
    id = random_person_id();
  }
  return restore(id, name, embedding);
}

Status Gallery::add(PersonId person, std::span<const float> embedding) {
  const auto found = find(person);
  if (!found) {
    return no_such_person(person);
  }
  FACEPIPE_TRY(check_embedding(embedding));
  append(*found, embedding);
  return {};
}

Status Gallery::restore(PersonId id, std::string_view name, std::span<const float> first_embedding) {
  FACEPIPE_TRY(check_name(name));
  FACEPIPE_TRY(check_embedding(first_embedding));
  if (!by_id_.try_emplace(id, people_.size()).second) {
    return Error{ErrorCode::kAlreadyExists, "a person with the id " + to_string(id) + " is in the gallery already"};
  }
  if (!by_name_.try_emplace(std::string(name), id).second) {
    by_id_.erase(id);
    return name_taken(name);
  }
  people_.push_back({id, std::string(name), 0});
  append(people_.size() - 1, first_embedding);
  return {};
}

Status Gallery::remove(PersonId person) {
  const auto found = find(person);
  if (!found) {
    return no_such_person(person);
  }
  index_->remove(person);
  by_name_.erase(people_[*found].name);
  by_id_.erase(person);
  rejected_.erase(person);
  people_.erase(people_.begin() + static_cast<std::ptrdiff_t>(*found));
  for (std::size_t i = *found; i < people_.size(); ++i) {  // they moved up by one
    by_id_[people_[i].id] = i;
  }
  return {};
}

Status Gallery::remove_embedding(PersonId person, std::size_t row) {
  const auto found = find(person);
  if (!found) {
    return no_such_person(person);
  }
  if (row >= index_->size() || index_->owner(row) != person) {
    return Error{ErrorCode::kNotFound, "embedding " + std::to_string(row) +
                                           " of the gallery is not of the person with the id " + to_string(person)};
  }
  if (people_[*found].embedding_count == 1) {
    return invalid("the only embedding of a person cannot be removed alone: remove the person");
  }
  index_->remove_row(row);
  people_[*found].embedding_count -= 1;
  return {};
}

Status Gallery::merge(PersonId from, PersonId into) {
  for (const PersonId person : {from, into}) {
    if (!find(person)) {
      return no_such_person(person);
    }
  }
  if (from == into) {
    return invalid("two people are needed to make one of them");
  }
  std::vector<std::vector<float>> rows;
  for (std::size_t row = 0; row < index_->size(); ++row) {
    if (index_->owner(row) == from) {
      rows.emplace_back(embedding(row).begin(), embedding(row).end());
    }
  }
  const std::span<const std::vector<float>> theirs = rejected(from);
  const std::vector<std::vector<float>> not_from(theirs.begin(), theirs.end());
  FACEPIPE_TRY(remove(from));
  for (const std::vector<float>& row : rows) {
    append(by_id_.at(into), row);
  }
  for (const std::vector<float>& row : not_from) {
    static_cast<void>(reject(into, row));  // until there is no room
  }
  return {};
}

Status Gallery::rename(PersonId person, std::string_view name) {
  const auto found = find(person);
  if (!found) {
    return no_such_person(person);
  }
  std::string& now = people_[*found].name;
  if (now == name) {
    return {};
  }
  FACEPIPE_TRY(check_new_name(name));
  if (!by_name_.try_emplace(std::string(name), person).second) {
    return name_taken(name);
  }
  by_name_.erase(now);
  now = std::string(name);
  return {};
}

Status Gallery::reject(PersonId person, std::span<const float> embedding) {
  if (!find(person)) {
    return no_such_person(person);
  }
  FACEPIPE_TRY(check_embedding(embedding));
  if (rejected(person).size() >= kMaxRejected) {
    return Error{ErrorCode::kTooLarge, "expected at most " + std::to_string(kMaxRejected) +
                                           " rejected pictures of a person: forget some (people reject --forget)"};
  }
  rejected_[person].emplace_back(embedding.begin(), embedding.end());
  return {};
}

std::span<const std::vector<float>> Gallery::rejected(PersonId person) const {
  const auto found = rejected_.find(person);
  return found == rejected_.end() ? std::span<const std::vector<float>>() : found->second;
}

Status Gallery::forget_rejected(PersonId person) {
  if (!find(person)) {
    return no_such_person(person);
  }
  rejected_.erase(person);
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

Result<std::vector<Candidate>> Gallery::candidates(std::span<const float> probe, std::size_t count,
                                                   Centroids centroids) const {
  FACEPIPE_TRY(check_probe(probe));
  std::vector<Candidate> near;
  for (const Neighbour& neighbour : index_->search(probe, count)) {
    near.push_back({by_id_.at(neighbour.person), neighbour.distance, neighbour.distance});
  }
  if (centroids == Centroids::kMeasured) {
    measure_centroids(probe, near);
  }
  return near;
}

void Gallery::measure_centroids(std::span<const float> probe, std::vector<Candidate>& candidates) const {
  std::unordered_map<PersonId, std::vector<float>> sums;
  for (const Candidate& candidate : candidates) {
    if (const Person& person = people_[candidate.person]; person.embedding_count > 1) {
      sums[person.id].resize(probe.size());
    }
  }
  for (std::size_t row = 0; !sums.empty() && row < index_->size(); ++row) {
    if (const auto sum = sums.find(index_->owner(row)); sum != sums.end()) {
      std::ranges::transform(sum->second, index_->embedding(row), sum->second.begin(), std::plus<>());
    }
  }
  for (Candidate& candidate : candidates) {
    const auto sum = sums.find(people_[candidate.person].id);
    if (sum == sums.end()) {
      continue;
    }
    std::vector<float>& mean = sum->second;
    const float length = std::sqrt(std::inner_product(mean.begin(), mean.end(), mean.begin(), 0.0F));
    if (!(length > 0)) {  // pictures that cancel each other out have no direction
      continue;
    }
    std::ranges::transform(mean, mean.begin(), [length](float value) { return value / length; });
    candidate.centroid = std::sqrt(squared_distance(mean, probe));
  }
}

Result<std::optional<Match>> Gallery::search(std::span<const float> probe) const {
  FACEPIPE_TRY(check_probe(probe));
  constexpr std::size_t kNearestAndRunnerUp = 2;
  const std::vector<Neighbour> nearest = index_->search(probe, kNearestAndRunnerUp);
  if (nearest.empty()) {
    return std::optional<Match>{};
  }
  Match match;
  match.person = by_id_.at(nearest[0].person);
  match.distance = nearest[0].distance;
  if (nearest.size() > 1) {
    match.second_person = by_id_.at(nearest[1].person);
    match.second_distance = nearest[1].distance;
  }
  return std::optional<Match>(match);
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
