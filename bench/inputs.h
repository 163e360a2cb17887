// What the benchmarks share: inputs that must be there, the detector's weights, P-Net's arithmetic.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <span>
#include <utility>

#include "base/file.h"
#include "base/result.h"
#include "detect/mtcnn/pnet.h"
#include "detect/mtcnn/pyramid.h"
#include "detect/mtcnn/test_models.h"
#include "image/decode.h"
#include "image/image.h"

namespace facepipe::bench {

// A benchmark without its input says so and ends the program.
template <typename T>
T need(Result<T> result) {
  if (!result.has_value()) {
    std::cerr << "bench: " << result.error().message << "\n";
    std::exit(1);
  }
  return std::move(result).value();
}

inline const std::filesystem::path& root() {
  static const std::filesystem::path path = FACEPIPE_SOURCE_DIR;
  return path;
}

inline const weights::StateDict& mtcnn() {
  static const weights::StateDict dict = need(detect::load_mtcnn_files(root() / ".cache/models"));
  return dict;
}

// A photograph with three faces over the whole frame, as its file.
inline Bytes photo_file() {
  constexpr const char* kPhoto =
      "val/jerry_seinfeld/httpcdncdnjustjaredcomwpcontentuploadsheadlinesjerryseinfeldmakesbrianwilliamsjokejpg.jpg";
  return need(read_file(root() / ".cache/photos" / kPhoto, std::size_t{32} << 20U));
}

// Multiply-adds of P-Net on these levels, as the network is written: convolutions where their outputs exist, both
// heads.
inline double pnet_multiply_adds(std::span<const detect::PyramidLevel> levels) {
  double sum = 0;
  for (const detect::PyramidLevel& level : levels) {
    const auto area = [](int width, int height) { return static_cast<double>(width) * height; };
    const int columns = detect::PNet::output_size(level.width);
    const int rows = detect::PNet::output_size(level.height);
    sum += area(level.width - 2, level.height - 2) * 270 + area(columns + 2, rows + 2) * 1440 +
           area(columns, rows) * (4608 + 192);
  }
  return sum;
}

// Those that the kernels do: half of conv2 and conv3 (Winograd's F(4,3) along rows), and one head of six, since the
// others are computed at candidates alone.
inline double pnet_executed_multiply_adds(std::span<const detect::PyramidLevel> levels) {
  double sum = 0;
  for (const detect::PyramidLevel& level : levels) {
    const auto area = [](int width, int height) { return static_cast<double>(width) * height; };
    const int columns = detect::PNet::output_size(level.width);
    const int rows = detect::PNet::output_size(level.height);
    sum += area(level.width - 2, level.height - 2) * 270 + area(columns + 2, rows + 2) * 720 +
           area(columns, rows) * (2304 + 32);
  }
  return sum;
}

}  // namespace facepipe::bench
