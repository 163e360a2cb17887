// Tested by gallery_test.cc.
#include "gallery/gallery.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/check.h"
#include "base/text.h"
#include "gallery/distance.h"

namespace facepipe::gallery {
namespace {

Error invalid(std::string message) {
  return Error{ErrorCode::kInvalidArgument, std::move(message)};
}

Error no_such_person(std::string_view name) {
  return Error{ErrorCode::kNotFound, "no person named \"" + std::string(name) + "\" in the gallery"};
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
         (preprocessing.colour_order == model::ColourOrder::kBgr ? ", bgr" : "");
}

// The name of a mode says nothing about the embeddings; what it does, does.
bool same_pixels(model::Preprocessing a, const model::Preprocessing& b) {
  a.mode = b.mode;
  return a == b;
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

Gallery::Gallery(GalleryOrigin origin) : origin_(std::move(origin)) {
  FACEPIPE_CHECK(origin_.embedding_size >= 1 && origin_.embedding_size <= kMaxEmbeddingSize);
}

std::optional<std::size_t> Gallery::find(std::string_view name) const {
  const auto found = index_.find(name);
  return found == index_.end() ? std::nullopt : std::optional<std::size_t>(found->second);
}

std::span<const float> Gallery::embedding(std::size_t index) const {
  const auto size = static_cast<std::size_t>(origin_.embedding_size);
  return std::span<const float>(rows_).subspan(index * size, size);
}

void Gallery::set_distance_threshold(std::optional<float> threshold) {
  distance_threshold_ = threshold && !(*threshold >= 0) ? 0.0F : threshold;
}

Status Gallery::add(std::string_view name, std::span<const float> embedding) {
  FACEPIPE_TRY(check_new_name(name));
  return restore(name, embedding);
}

Status Gallery::restore(std::string_view name, std::span<const float> embedding) {
  FACEPIPE_TRY(check_name(name));
  if (embedding.size() != static_cast<std::size_t>(origin_.embedding_size)) {
    return invalid("an embedding of this gallery has " + std::to_string(origin_.embedding_size) +
                   " values; this one has " + std::to_string(embedding.size()));
  }
  if (!all_finite(embedding)) {
    return invalid("an embedding has finite values only; this one has NaN or an infinity");
  }
  const auto [entry, is_new] = index_.try_emplace(std::string(name), people_.size());
  if (is_new) {
    people_.push_back({std::string(name), 0});
  }
  people_[entry->second].embedding_count += 1;
  const std::vector<float> row(embedding.begin(), embedding.end());  // it may be one of ours, which are about to move
  rows_.insert(rows_.end(), row.begin(), row.end());
  owners_.push_back(static_cast<std::uint32_t>(entry->second));
  return {};
}

Status Gallery::remove(std::string_view name) {
  const auto found = find(name);
  if (!found) {
    return no_such_person(name);
  }
  Gallery kept(origin_);  // built anew: people after the removed one move up by one
  kept.distance_threshold_ = distance_threshold_;
  for (std::size_t row = 0; row < owners_.size(); ++row) {
    if (owners_[row] != *found) {
      FACEPIPE_TRY(kept.restore(people_[owners_[row]].name, embedding(row)));
    }
  }
  *this = std::move(kept);
  return {};
}

Status Gallery::rename(std::string_view from, std::string_view to) {
  const auto found = find(from);
  if (!found) {
    return no_such_person(from);
  }
  if (from == to) {
    return {};
  }
  FACEPIPE_TRY(check_new_name(to));
  if (find(to)) {
    return Error{ErrorCode::kAlreadyExists, "a person named \"" + std::string(to) + "\" is in the gallery already"};
  }
  index_.erase(index_.find(from));
  people_[*found].name = std::string(to);
  index_.emplace(people_[*found].name, *found);
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
  if (!same_pixels(origin.preprocessing, origin_.preprocessing)) {
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

// One pass that keeps the nearest row's person and the nearest row of any other person. Only a strictly smaller
// distance replaces another, so that ties stay with the first enrolled.
Result<std::optional<Match>> Gallery::search(std::span<const float> probe) const {
  if (probe.size() != static_cast<std::size_t>(origin_.embedding_size)) {
    return Error{ErrorCode::kMismatch, "the gallery's embeddings have " + std::to_string(origin_.embedding_size) +
                                           " values; the probe has " + std::to_string(probe.size())};
  }
  if (!all_finite(probe)) {
    return invalid("a probe has finite values only; this one has NaN or an infinity");
  }
  struct Nearest {
    std::uint32_t person = 0;
    float squared = 0;
  };
  std::optional<Nearest> first;
  std::optional<Nearest> second;
  for (std::size_t row = 0; row < owners_.size(); ++row) {
    const Nearest candidate{owners_[row], squared_distance(embedding(row), probe)};
    if (!first || candidate.squared < first->squared) {
      if (first && first->person != candidate.person) {
        second = first;
      }
      first = candidate;
    } else if (candidate.person != first->person && (!second || candidate.squared < second->squared)) {
      second = candidate;
    }
  }
  if (!first) {
    return std::optional<Match>{};
  }
  Match match;
  match.person = first->person;
  match.distance = std::sqrt(first->squared);
  if (second) {
    match.second_person = second->person;
    match.second_distance = std::sqrt(second->squared);
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
