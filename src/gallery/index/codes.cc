// Tested by codes_test.cc. scan_block: scan_block.cc.
#include "gallery/index/codes.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"

namespace facepipe::gallery {
namespace {

constexpr float kHalfRange = 127.5F;  // of codes from 0 to 255
constexpr int kMaxCode = 255;
constexpr std::uint32_t kNibble = 15;
constexpr unsigned kNibbleBits = 4;

// Never below `value`: past what the conversion to float takes away.
float rounded_up(double value) {
  return std::nextafter(static_cast<float>(value), std::numeric_limits<float>::max());
}

float largest_of(std::span<const float> values) {
  float largest = 0;
  for (const float value : values) {
    largest = std::max(largest, std::abs(value));
  }
  return largest;
}

}  // namespace

BlockTerms empty_terms() {
  BlockTerms terms{};
  terms.squared_norms.fill(std::numeric_limits<float>::max());
  return terms;
}

CodeTerms encode(std::span<const float> row, std::size_t lane, std::span<std::uint32_t> block,
                 std::span<std::uint8_t> fine) {
  for (std::size_t word = lane; word < block.size(); word += kBlockRows) {
    block[word] = 0;
  }
  std::ranges::fill(fine, std::uint8_t{0});
  const float scale = largest_of(row) / kHalfRange;
  const float inverse = scale > 0 ? 1 / scale : 0;
  const bool usable = std::isfinite(inverse);
  double squared_norm = 0;
  double coarse_error = 0;
  double fine_error = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    // The clamp: largest / scale may be 127.50001.
    const int code = usable ? std::clamp(static_cast<int>(row[i] * inverse + kHalfRange + 0.5F), 0, kMaxCode) : 0;
    const auto bits = static_cast<std::uint32_t>(code);
    block[i / 8 * kBlockRows + lane] |= (bits >> kNibbleBits) << (16 * (i % 2) + 4 * (i % 8 / 2));
    fine[i % fine.size()] |= static_cast<std::uint8_t>((bits & kNibble) << (i < fine.size() ? 0 : kNibbleBits));
    const double value = double{row[i]};
    const double both = static_cast<double>(scale) * (code - 127.5);
    const int middle = code / 16 * 16 - 120;
    const double coarse = static_cast<double>(scale) * middle;
    squared_norm += value * value;
    coarse_error += (value - coarse) * (value - coarse);
    fine_error += (value - both) * (value - both);
  }
  return {scale, static_cast<float>(squared_norm), rounded_up(std::sqrt(coarse_error)),
          rounded_up(std::sqrt(fine_error))};
}

CodedProbe::CodedProbe(std::span<const float> probe)
    : values_(std::max(2 * fine_bytes(probe.size()), 8 * coarse_words(probe.size()))),
      pairs_(4 * coarse_words(probe.size())) {
  constexpr float kMaxValue = 2047;  // 65,536 of them times 15 are within 31 bits
  const float scale = largest_of(probe) / kMaxValue;
  const bool usable = scale > 0 && std::isfinite(1 / scale);
  double squared_norm = 0;
  double squared_error = 0;
  double sum = 0;
  for (std::size_t i = 0; i < probe.size(); ++i) {
    const float rounded = usable ? std::clamp(std::nearbyint(probe[i] / scale), -kMaxValue, kMaxValue) : 0;
    values_[i] = static_cast<std::int16_t>(rounded);
    const double lost = static_cast<double>(probe[i]) - static_cast<double>(scale) * static_cast<double>(rounded);
    squared_norm += static_cast<double>(probe[i]) * static_cast<double>(probe[i]);
    squared_error += lost * lost;
    sum += static_cast<double>(rounded);
  }
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    const auto low = static_cast<std::uint16_t>(values_[2 * i]);
    const auto high = static_cast<std::uint16_t>(values_[2 * i + 1]);
    pairs_[i] = static_cast<std::int32_t>(std::uint32_t{low} | std::uint32_t{high} << 16U);
  }
  const double norm = std::sqrt(squared_norm);
  const double relative_error = norm > 0 ? std::sqrt(squared_error) / norm : 0;
  // (|x| + e) * |q's error| <= relative_error * ((|x|^2 + |q|^2) / 2 + |q| e), twice; and float sums of so many terms.
  const auto width = static_cast<double>(probe.size());
  terms_.room = rounded_up(relative_error + 2e-5 + 4e-7 * std::sqrt(width) + 1e-8 * width);
  terms_.squared_norm = static_cast<float>(squared_norm);
  terms_.twice_scale = 2 * scale;
  terms_.twice_norm = rounded_up(2 * norm * (1 + relative_error + 1e-5));
  terms_.offset = static_cast<float>(7.5 * sum);
}

std::uint32_t CodedProbe::in_doubt(std::span<const std::uint32_t> block, const BlockTerms& terms,
                                   float squared_distance, std::array<float, kBlockRows>& products) const {
  FACEPIPE_CHECK(block.size() * 4 == pairs_.size() * kBlockRows);
  return scan_block(block.data(), pairs_, terms, terms_, squared_distance, products.data());
}

bool CodedProbe::may_be_nearer(std::span<const std::uint8_t> fine, float scale, float squared_norm, float fine_error,
                               float product, float squared_distance) const {
  std::int32_t low = 0;
  std::int32_t high = 0;
  for (std::size_t i = 0; i < fine.size(); ++i) {
    low += (fine[i] & 15) * values_[i];
    high += (fine[i] >> 4) * values_[fine.size() + i];
  }
  const float both = 16 * product + (static_cast<float>(low) + static_cast<float>(high) - terms_.offset);
  const float norms = squared_norm + terms_.squared_norm;
  const float at_least =
      norms - terms_.room * norms - terms_.twice_scale * scale * both - terms_.twice_norm * fine_error;
  return !(at_least - 1e-36F > squared_distance);
}

}  // namespace facepipe::gallery
