// Tested by linear_index_test.cc.
#include "gallery/index/row_store.h"

#include <algorithm>
#include <limits>

namespace facepipe::gallery {

CodedRows RowStore::rows() const {
  return {width_, size(), coarse_, terms_, fine_errors_, fine_, values_};
}

void RowStore::reserve(std::size_t rows) {
  const std::size_t blocks = (rows + kBlockRows - 1) / kBlockRows;
  coarse_.reserve(blocks * coarse_words(width_) * kBlockRows);
  terms_.reserve(blocks);
  fine_errors_.reserve(rows);
  fine_.reserve(rows * fine_bytes(width_));
  values_.reserve(rows * width_);
}

void RowStore::grow() {
  if (size() % kBlockRows == 0) {
    coarse_.resize(coarse_.size() + coarse_words(width_) * kBlockRows);
    terms_.push_back(empty_terms());
  }
  fine_errors_.push_back(0);
  fine_.resize(fine_.size() + fine_bytes(width_));
  values_.resize(values_.size() + width_);
}

void RowStore::add(std::span<const float> row) {
  const std::vector<float> kept(row.begin(), row.end());  // it may be one of ours, which are about to move
  grow();
  const std::size_t at = size() - 1;
  const std::size_t block = coarse_words(width_) * kBlockRows;
  const CodeTerms terms = encode(kept, at % kBlockRows, std::span(coarse_).subspan(at / kBlockRows * block, block),
                                 std::span(fine_).subspan(at * fine_bytes(width_)));
  BlockTerms& of_block = terms_[at / kBlockRows];
  of_block.scales[at % kBlockRows] = terms.scale;
  of_block.squared_norms[at % kBlockRows] = terms.squared_norm;
  of_block.coarse_errors[at % kBlockRows] = terms.coarse_error;
  fine_errors_[at] = terms.fine_error;
  std::ranges::copy(kept, values_.end() - static_cast<std::ptrdiff_t>(width_));
}

void RowStore::add_empty() {
  grow();
  empty(size() - 1);
}

void RowStore::empty(std::size_t row) {
  const std::size_t block = coarse_words(width_) * kBlockRows;
  for (std::size_t word = 0; word < block; word += kBlockRows) {
    coarse_[row / kBlockRows * block + word + row % kBlockRows] = 0;
  }
  BlockTerms& terms = terms_[row / kBlockRows];
  const BlockTerms none = empty_terms();
  terms.scales[row % kBlockRows] = none.scales[0];
  terms.squared_norms[row % kBlockRows] = none.squared_norms[0];
  terms.coarse_errors[row % kBlockRows] = none.coarse_errors[0];
  fine_errors_[row] = 0;
  std::ranges::fill(std::span(fine_).subspan(row * fine_bytes(width_), fine_bytes(width_)), std::uint8_t{0});
  std::ranges::fill(std::span(values_).subspan(row * width_, width_), std::numeric_limits<float>::quiet_NaN());
}

}  // namespace facepipe::gallery
