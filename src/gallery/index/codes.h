// Embeddings as two planes of four bits a value: the coarse half is what a search reads of every row, the fine half of
// the few that it leaves in doubt; both with a bound on what they leave out, so that no answer depends on them.
//
// A row x is coded as 16 * c + f per value, c and f from 0 to 15: x is near scale * (16 c + f - 127.5), and, by its
// coarse half alone, near scale * (16 c - 120).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace facepipe::gallery {

// Coarse halves lie in blocks of rows, so that a row is a lane of a vector: [coarse_words(width)][kBlockRows] words. A
// word is 8 values of a row: value 8 g + 2 p + h of word g is at bit 16 h + 4 p.
inline constexpr std::size_t kBlockRows = 16;
[[nodiscard]] constexpr std::size_t coarse_words(std::size_t width) {
  return (width + 7) / 8;
}
// The fine half of a row: byte j is value j in its low four bits and value fine_bytes() + j in its high ones.
[[nodiscard]] constexpr std::size_t fine_bytes(std::size_t width) {
  return (width + 1) / 2;
}

// What the codes leave of a row x.
struct CodeTerms {
  float scale = 0;
  float squared_norm = 0;  // of x
  float coarse_error = 0;  // at least the distance of x to its coarse half
  float fine_error = 0;    // to both halves
};

// The terms of a block's rows, read in one go with its codes.
struct BlockTerms {
  std::array<float, kBlockRows> scales;
  std::array<float, kBlockRows> squared_norms;
  std::array<float, kBlockRows> coarse_errors;
};
// Of no row: past every finite distance.
[[nodiscard]] BlockTerms empty_terms();

// Writes the codes of `row` (finite values): the coarse half as lane `lane` of `block`, the fine half into `fine`.
[[nodiscard]] CodeTerms encode(std::span<const float> row, std::size_t lane, std::span<std::uint32_t> block,
                               std::span<std::uint8_t> fine);

// A probe, rounded to twelve bits, beside rows that are held by their codes alone. Thread-safe.
class CodedProbe {
 public:
  explicit CodedProbe(std::span<const float> probe);

  // The rows of a block that are not surely farther than the square root of `squared_distance`: bit i is row i. Sets
  // products[i] for them, for may_be_nearer.
  [[nodiscard]] std::uint32_t in_doubt(std::span<const std::uint32_t> block, const BlockTerms& terms,
                                       float squared_distance, std::array<float, kBlockRows>& products) const;
  // The same of one row, by both halves.
  [[nodiscard]] bool may_be_nearer(std::span<const std::uint8_t> fine, float scale, float squared_norm,
                                   float fine_error, float product, float squared_distance) const;

  // By Cauchy and Schwarz: |x - q|^2 = |x|^2 + |q|^2 - 2 xq, and xq is at most the product of the rounded ones, and
  // |q| times the row's error, and |x| + error times the probe's. With room for what float arithmetic loses. What
  // overflowed is not sure.
  struct Terms {
    float squared_norm = 0;  // |q|^2
    float room = 0;          // share of |x|^2 + |q|^2
    float twice_scale = 0;
    float twice_norm = 0;
    float offset = 0;  // 7.5 times the sum of the rounded values
  };

 private:
  Terms terms_;
  std::vector<std::int16_t> values_;  // [2 * fine_bytes], zeros behind the probe's
  std::vector<std::int32_t> pairs_;   // [coarse_words, 4]: values 8 g + 2 p and 8 g + 2 p + 1 in one
};

// CodedProbe::in_doubt, by the widest vectors that the CPU runs. pairs.size() / 4 words a row.
[[nodiscard]] std::uint32_t scan_block(const std::uint32_t* block, std::span<const std::int32_t> pairs,
                                       const BlockTerms& rows, const CodedProbe::Terms& probe, float squared_distance,
                                       float* products);

}  // namespace facepipe::gallery
