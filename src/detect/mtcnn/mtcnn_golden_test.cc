// The whole detector against facenet-pytorch 2.6.0: tests/data/golden (its README says how the values were made) over
// the photographs in .cache/photos, with the weights in .cache/models.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "base/each_vector_width.h"
#include "base/file.h"
#include "detect/mtcnn/mtcnn.h"
#include "detect/mtcnn/test_models.h"
#include "image/decode.h"

namespace facepipe::detect {
namespace {

const std::filesystem::path kRoot = FACEPIPE_SOURCE_DIR;

// Float32 sums in another order differ by about 1e-6 of a pixel's share; the corrections of three networks scale them
// with the box. Six times what was measured on AVX-512, AVX2, SSE4, SSSE3 and without vectors, which hardly differ.
constexpr double kMaxPixels = 0.001;     // measured: 0.00017
constexpr double kMaxConfidence = 1e-5;  // measured: 1.55e-6

struct GoldenFace {
  std::array<double, 4> box{};
  double confidence = 0;
  std::array<std::array<double, 2>, std::tuple_size_v<image::Landmarks>> landmarks{};
};
struct GoldenPhoto {
  std::string file;
  std::vector<GoldenFace> faces;
};

GoldenFace parse_face(simdjson::dom::object json) {
  GoldenFace face;
  face.confidence = json["prob"].get_double().value();
  for (std::size_t i = 0; i < face.box.size(); ++i) {
    face.box[i] = json["box"].at(i).get_double().value();
  }
  for (std::size_t i = 0; i < std::tuple_size_v<image::Landmarks>; ++i) {
    for (std::size_t axis = 0; axis < 2; ++axis) {
      face.landmarks[i][axis] = json["landmarks"].at(i).at(axis).get_double().value();
    }
  }
  return face;
}

std::vector<GoldenPhoto> load_golden() {
  simdjson::dom::parser parser;
  const simdjson::dom::element root = parser.load((kRoot / "tests/data/golden/golden.json").string());
  std::vector<GoldenPhoto> photos;
  for (const simdjson::dom::object photo : root["photos"].get_array()) {
    photos.push_back({std::string(photo["file"].get_string().value()), {}});
    for (const simdjson::dom::object face : photo["faces"].get_array()) {
      photos.back().faces.push_back(parse_face(face));
    }
  }
  return photos;
}

image::RgbImage load_photo(const std::string& file) {
  const Result<Bytes> bytes = read_file(kRoot / ".cache/photos" / file, std::size_t{32} << 20U);
  EXPECT_TRUE(bytes.has_value()) << file;
  image::DecodeOptions options;
  options.apply_exif_orientation = false;  // as the reference saw them
  Result<image::RgbImage> picture = image::decode_image(*bytes, options);
  EXPECT_TRUE(picture.has_value()) << file;
  return std::move(picture).value();
}

struct Differences {
  double pixels = 0;
  double confidence = 0;
};

void compare(const GoldenPhoto& golden, const std::vector<Face>& faces, Differences& worst) {
  ASSERT_EQ(faces.size(), golden.faces.size()) << golden.file;
  for (std::size_t i = 0; i < faces.size(); ++i) {
    const image::Box& box = faces[i].box;
    const std::array<float, 4> corners = {box.x1, box.y1, box.x2, box.y2};
    Differences here;
    for (std::size_t k = 0; k < corners.size(); ++k) {
      here.pixels = std::max(here.pixels, std::abs(static_cast<double>(corners[k]) - golden.faces[i].box[k]));
    }
    for (std::size_t k = 0; k < std::tuple_size_v<image::Landmarks>; ++k) {
      const image::Point& point = faces[i].landmarks[k];
      here.pixels = std::max(here.pixels, std::abs(static_cast<double>(point.x) - golden.faces[i].landmarks[k][0]));
      here.pixels = std::max(here.pixels, std::abs(static_cast<double>(point.y) - golden.faces[i].landmarks[k][1]));
    }
    here.confidence = std::abs(static_cast<double>(faces[i].confidence) - golden.faces[i].confidence);
    EXPECT_LE(here.pixels, kMaxPixels) << golden.file << " face " << i;
    EXPECT_LE(here.confidence, kMaxConfidence) << golden.file << " face " << i;
    worst.pixels = std::max(worst.pixels, here.pixels);
    worst.confidence = std::max(worst.confidence, here.confidence);
  }
}

// Every `step`-th photograph.
void compare_photos(KernelSet kernels, int threads, std::size_t step) {
  const Result<weights::StateDict> weights = load_mtcnn_files(kRoot / ".cache/models");
  ASSERT_TRUE(weights.has_value()) << weights.error().message;
  DetectorOptions options;
  options.threads = threads;
  const auto detector = make_mtcnn(*weights, options, kernels);
  ASSERT_TRUE(detector.has_value()) << detector.error().message;
  const std::vector<GoldenPhoto> photos = load_golden();
  ASSERT_EQ(photos.size(), 118U);
  Differences worst;
  for (std::size_t i = 0; i < photos.size(); i += step) {
    const image::RgbImage picture = load_photo(photos[i].file);
    compare(photos[i], (*detector)->detect(picture.view())->faces, worst);
  }
  ::testing::Test::RecordProperty("max_pixels", std::to_string(worst.pixels));
  ::testing::Test::RecordProperty("max_confidence", std::to_string(worst.confidence));
  std::cout << "largest difference: " << worst.pixels << " pixels, confidence " << worst.confidence << "\n";
}

TEST(DetectorGolden, FastestKernelsFindTheReferencesFacesOnAllPhotographs) {
  compare_photos(KernelSet::kFastest, 1, 1);
}

// The vector widths that this processor has beside the fastest; on all photographs the differences are the same.
TEST(DetectorGolden, EveryVectorWidthFindsTheReferencesFaces) {
  on_each_vector_width([](const char* name) {
    std::cout << name << ": ";
    compare_photos(KernelSet::kFastest, 1, 3);
  });
}

TEST(DetectorGolden, TwoThreadsFindTheReferencesFaces) {
  compare_photos(KernelSet::kFastest, 2, 3);
}

TEST(DetectorGolden, ReferenceKernelsFindTheReferencesFaces) {
  compare_photos(KernelSet::kReference, 1, 4);
}

}  // namespace
}  // namespace facepipe::detect
