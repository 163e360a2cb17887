// Rows that lie somewhere with their codes: in a gallery file that is mapped, or in an index's own memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "gallery/index/codes.h"

namespace facepipe::gallery {

// Rows 0..count-1 of `width` values; of the last block, lanes behind `count` hold nothing (empty_terms).
struct CodedRows {
  std::size_t width = 0;
  std::size_t count = 0;
  std::span<const std::uint32_t> coarse;  // [blocks, coarse_words(width), kBlockRows]
  std::span<const BlockTerms> terms;      // [blocks]
  std::span<const float> fine_errors;     // [count]
  std::span<const std::uint8_t> fine;     // [count, fine_bytes(width)]
  std::span<const float> values;          // [count, width]

  [[nodiscard]] std::span<const float> row(std::size_t at) const { return values.subspan(at * width, width); }
  [[nodiscard]] std::span<const std::uint32_t> block(std::size_t at) const {
    const std::size_t size = coarse_words(width) * kBlockRows;
    return coarse.subspan(at * size, size);
  }
  [[nodiscard]] std::span<const std::uint8_t> fine_of(std::size_t at) const {
    return fine.subspan(at * fine_bytes(width), fine_bytes(width));
  }
};

// What an index starts with and never changes: `rows`, and whose each is (an owner or Index::kNobody), in memory that
// `keep_alive` holds.
struct BaseRows {
  CodedRows rows;
  std::span<const std::uint32_t> owners;  // [rows.count], each below owner_count or kNobody
  std::size_t owner_count = 0;
  std::shared_ptr<const void> keep_alive;
};

}  // namespace facepipe::gallery
