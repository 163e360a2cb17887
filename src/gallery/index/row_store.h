// Rows with their codes in memory of their own, one after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "gallery/index/coded_rows.h"

namespace facepipe::gallery {

class RowStore {
 public:
  explicit RowStore(std::size_t width) : width_(width) {}

  [[nodiscard]] std::size_t size() const { return fine_errors_.size(); }
  // Lives until the next change.
  [[nodiscard]] CodedRows rows() const;

  void reserve(std::size_t rows);
  // `row` may be one of its own.
  void add(std::span<const float> row);
  // A row of nothing, and one that becomes nothing: past every finite distance, its values NaN.
  void add_empty();
  void empty(std::size_t row);

 private:
  void grow();

  std::size_t width_;
  std::vector<std::uint32_t> coarse_;
  std::vector<BlockTerms> terms_;
  std::vector<float> fine_errors_;
  std::vector<std::uint8_t> fine_;
  std::vector<float> values_;
};

}  // namespace facepipe::gallery
