// How often a tensor's values occur, when neither their number nor their range is known beforehand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace facepipe::packs {

// Bins of one width around multiples of it, so that zero, which ReLU makes of half the values, has a bin of its own.
class ValueHistogram {
 public:
  static constexpr std::size_t kBinsPerSide = 4096;  // 16 or more for each step of a range cut into 255

  // `values` are finite. The first ones that are not all zero set the width, for twice their size; larger ones double
  // it, and two bins become one.
  void add(std::span<const float> values);

  struct Bin {
    float value = 0;  // its middle
    std::uint64_t count = 0;
  };
  // Those that are not empty, by rising value.
  [[nodiscard]] std::vector<Bin> bins() const;

 private:
  void make_room(float largest);

  float width_ = 0;                    // 0: nothing but zeros so far
  std::uint64_t zeros_ = 0;            // while width_ is 0
  std::vector<std::uint64_t> counts_;  // of -kBinsPerSide..kBinsPerSide
};

}  // namespace facepipe::packs
