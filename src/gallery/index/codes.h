// Embeddings as bytes: a quarter of the memory to read, and a bound on what the rounding changed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace facepipe::gallery {

// What a code leaves of a row x, its values being scale * code: |x - scale * code| <= error.
struct CodeTerms {
  float scale = 0;
  float squared_norm = 0;  // of scale * code
  float error = 0;
};

// Writes the code of `row` (finite values), codes from -127 to 127; sizes are equal.
[[nodiscard]] CodeTerms encode(std::span<const float> row, std::span<std::int8_t> code);

// dots[r] = sum over i of codes[r, i] * probe[i]; codes is [dots.size(), probe.size()], probe the codes of a probe.
// Exact. Thread-safe.
void code_dots(std::span<const std::int8_t> codes, std::span<const std::int16_t> probe, std::span<std::int32_t> dots);

// The bytes of codes that were made by encode() of a probe, as code_dots wants them.
[[nodiscard]] std::vector<std::int16_t> widened(std::span<const std::int8_t> code);

}  // namespace facepipe::gallery
