// Tested by codes_test.cc. code_dots: code_dots.cc.
#include "gallery/index/codes.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace facepipe::gallery {

CodeTerms encode(std::span<const float> row, std::span<std::int8_t> code) {
  constexpr float kMaxCode = 127;
  float largest = 0;
  for (const float value : row) {
    largest = std::max(largest, std::abs(value));
  }
  const float scale = largest / kMaxCode;
  double squared_norm = 0;
  double squared_error = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    // The clamp: largest / scale may be 127.00001.
    const float rounded = scale > 0 ? std::clamp(std::nearbyint(row[i] / scale), -kMaxCode, kMaxCode) : 0.0F;
    code[i] = static_cast<std::int8_t>(rounded);
    const double kept = static_cast<double>(scale) * static_cast<double>(rounded);
    const double lost = static_cast<double>(row[i]) - kept;
    squared_norm += kept * kept;
    squared_error += lost * lost;
  }
  // Never below the error: past what the conversion to float takes away.
  const float error = std::nextafter(static_cast<float>(std::sqrt(squared_error)), std::numeric_limits<float>::max());
  return {scale, static_cast<float>(squared_norm), error};
}

std::vector<std::int16_t> widened(std::span<const std::int8_t> code) {
  return {code.begin(), code.end()};
}

}  // namespace facepipe::gallery
