// For tests: the faces of tests/data/golden/golden.json, and how close two embeddings are.
#pragma once

#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "image/geometry.h"
#include "model/preprocessing.h"

namespace facepipe::packs::testing {

// A way to make the crop, with its names in the golden files.
struct GoldenMode {
  const char* embedding;  // field of a photograph in golden.json
  const char* crop;       // crops/STEM.CROP.png
  model::Preprocessing preprocessing;
};

inline std::array<GoldenMode, 4> golden_modes() {
  model::Preprocessing margin = *model::known_mode("standard");
  margin.mode = "margin32";
  margin.margin_px = 32;
  return {{{"embedding_seed240", "seed240", *model::known_mode("classic")},
           {"embedding_std160", "std160", *model::known_mode("standard")},
           {"embedding_margin32_std160", "margin32_160", margin},
           {"embedding_margin32_whitened160", "margin32_160", *model::known_mode("whitened")}}};
}

struct GoldenFace {
  std::string file;  // below the folder of photographs: "train/PERSON/NAME.jpg"
  std::string person;
  image::Box box;                                // the largest
  std::array<std::vector<float>, 4> embeddings;  // in the order of golden_modes()
};

// An array of numbers or objects; fails the test if there is none under that name.
inline simdjson::dom::array golden_array(const simdjson::dom::element& object, const char* name) {
  simdjson::dom::array array;
  EXPECT_EQ(object[name].get(array), simdjson::SUCCESS) << name;
  return array;
}

// Fails the test if the file is not what it should be.
inline std::vector<GoldenFace> read_golden_faces(const std::filesystem::path& file) {
  simdjson::dom::parser parser;
  simdjson::dom::array photos;
  std::vector<GoldenFace> faces;
  if (parser.load(file.string())["photos"].get(photos) != simdjson::SUCCESS) {
    ADD_FAILURE() << file << ": no photos in it";
    return faces;
  }
  for (const simdjson::dom::element photo : photos) {
    GoldenFace face;
    face.file = std::string(photo["file"].get_string().value());
    face.person = std::string(photo["person"].get_string().value());
    const simdjson::dom::array boxes = golden_array(photo, "faces");
    for (const simdjson::dom::element found : boxes) {
      std::vector<float> corners;
      const simdjson::dom::array numbers = golden_array(found, "box");
      for (const simdjson::dom::element number : numbers) {
        corners.push_back(static_cast<float>(number.get_double().value()));
      }
      const image::Box box{corners.at(0), corners.at(1), corners.at(2), corners.at(3)};
      face.box = box.area() > face.box.area() ? box : face.box;
    }
    for (std::size_t mode = 0; mode < face.embeddings.size(); ++mode) {
      const simdjson::dom::array numbers = golden_array(photo, golden_modes().at(mode).embedding);
      for (const simdjson::dom::element number : numbers) {
        face.embeddings.at(mode).push_back(static_cast<float>(number.get_double().value()));
      }
    }
    faces.push_back(std::move(face));
  }
  return faces;
}

inline double cosine(const std::vector<float>& a, const std::vector<float>& b) {
  EXPECT_EQ(a.size(), b.size());
  double dot = 0;
  double a_squares = 0;
  double b_squares = 0;
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    dot += double{a[i]} * double{b[i]};
    a_squares += double{a[i]} * double{a[i]};
    b_squares += double{b[i]} * double{b[i]};
  }
  return dot / std::sqrt(a_squares * b_squares);
}

// Largest absolute difference of two values at the same place.
inline double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  EXPECT_EQ(a.size(), b.size());
  double largest = 0;
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    largest = std::max(largest, std::abs(double{a[i]} - double{b[i]}));
  }
  return largest;
}

}  // namespace facepipe::packs::testing
