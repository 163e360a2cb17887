// For tests: faces of made-up people, whose embeddings are directions of their own with a bit of noise.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "visits/likeness.h"
#include "visits/sighting.h"

namespace facepipe::visits::testing {

inline constexpr std::size_t kSize = 16;
inline const Likeness kLikeness{0.9F, 1.15F, std::nullopt, 0.85F};

// Of person 0..15; two faces of one person are about `noise` * 1.4 from each other, of two people 1.4.
inline std::vector<float> embedding_of(std::size_t person, float noise = 0, std::size_t noise_at = 0) {
  std::vector<float> embedding(kSize);
  embedding.at(person) = std::sqrt(1 - noise * noise);
  embedding.at((person + 1 + noise_at) % kSize) += noise;
  return embedding;
}

inline Clock::TimePoint at(double seconds) {
  return Clock::TimePoint(std::chrono::milliseconds(1'800'000'000'000 + std::llround(seconds * 1000)));
}

// A face with its embedding, to be passed on as a Sighting.
struct MadeFace {
  std::vector<float> embedding;
  Sighting sighting;
  [[nodiscard]] Sighting get() const {
    Sighting face = sighting;
    face.embedding = embedding;
    return face;
  }
};

// A good face of an unknown person, 100 px wide at x.
inline MadeFace face_of(std::size_t person, double seconds, float x = 100, float noise = 0.2F) {
  static std::uint64_t next = 0;
  MadeFace face;
  face.embedding = embedding_of(person, noise, next % 7);
  face.sighting.face = faces::FaceId{++next};
  face.sighting.frame = static_cast<std::uint64_t>(std::llround(seconds * 1000)) + 1;
  face.sighting.time = at(seconds);
  face.sighting.box = image::Box{x, 100, x + 100, 220};
  face.sighting.confidence = 0.99F;
  face.sighting.quality = 0.8F;
  face.sighting.decision.name = "unknown";
  face.sighting.decision.threshold = 1;
  face.sighting.decision.distance = 1.3F;
  return face;
}

inline MadeFace named(MadeFace face, std::uint64_t person, float probability) {
  face.sighting.decision.person = faces::PersonId{person};
  face.sighting.decision.name = "person " + std::to_string(person);
  face.sighting.decision.distance = 0.6F;
  face.sighting.decision.probability = probability;
  return face;
}

// One that cannot be told: its embedding is anybody's.
inline MadeFace weak(MadeFace face) {
  face.embedding = embedding_of(kSize - 1);
  face.sighting.usable = false;
  face.sighting.quality = 0;
  return face;
}

inline std::vector<Sighting> frame(const std::vector<MadeFace>& faces) {
  std::vector<Sighting> sightings;
  for (const MadeFace& face : faces) {
    sightings.push_back(face.get());
  }
  return sightings;
}

}  // namespace facepipe::visits::testing
