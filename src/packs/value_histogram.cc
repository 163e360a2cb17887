// Tested by quantise_test.cc.
#include "packs/value_histogram.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace facepipe::packs {
namespace {

constexpr auto kSide = static_cast<std::ptrdiff_t>(ValueHistogram::kBinsPerSide);

std::size_t place(std::ptrdiff_t bin) {
  return static_cast<std::size_t>(bin + kSide);
}

}  // namespace

void ValueHistogram::add(std::span<const float> values) {
  float largest = 0;
  for (const float value : values) {
    largest = std::max(largest, std::abs(value));
  }
  make_room(largest);
  if (width_ == 0) {
    zeros_ += values.size();
    return;
  }
  const float inverse = 1.0F / width_;
  for (const float value : values) {
    const auto bin = static_cast<std::ptrdiff_t>(std::nearbyint(value * inverse));
    ++counts_[place(std::clamp(bin, -kSide, kSide))];
  }
}

void ValueHistogram::make_room(float largest) {
  if (width_ == 0) {
    const float width = 2 * largest / static_cast<float>(kSide);
    if (!std::isnormal(width) || !std::isfinite(1.0F / width)) {
      return;  // as good as zero
    }
    width_ = width;
    counts_.resize(place(kSide) + 1);
    counts_[place(0)] = std::exchange(zeros_, 0);
  }
  while (largest > width_ * static_cast<float>(kSide)) {
    width_ *= 2;
    std::vector<std::uint64_t> merged(counts_.size());
    for (std::ptrdiff_t bin = -kSide; bin <= kSide; ++bin) {
      merged[place(bin / 2)] += counts_[place(bin)];
    }
    counts_ = std::move(merged);
  }
}

std::vector<ValueHistogram::Bin> ValueHistogram::bins() const {
  std::vector<Bin> found;
  if (zeros_ > 0) {
    found.push_back({.value = 0, .count = zeros_});
  }
  for (std::ptrdiff_t bin = -kSide; bin <= kSide && !counts_.empty(); ++bin) {
    if (const std::uint64_t count = counts_[place(bin)]; count > 0) {
      found.push_back({.value = static_cast<float>(bin) * width_, .count = count});
    }
  }
  return found;
}

}  // namespace facepipe::packs
