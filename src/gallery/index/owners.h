// Whose each row of an index is, and which rows are somebody's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace facepipe::gallery {

// 4 bytes a row for the owner, 4 for the way to the same owner's next row, 8 an owner. Const calls are thread-safe.
class Owners {
 public:
  Owners() = default;
  // Rows of a file: owners below `owner_count`, or Index::kNobody.
  Owners(std::span<const std::uint32_t> rows, std::size_t owner_count);

  [[nodiscard]] std::size_t end() const { return owners_.size(); }
  [[nodiscard]] std::size_t of(std::size_t row) const { return owners_[row]; }
  [[nodiscard]] std::size_t count_of(std::size_t owner) const { return owner < counts_.size() ? counts_[owner] : 0; }
  // Ascending.
  [[nodiscard]] std::vector<std::size_t> rows_of(std::size_t owner) const;

  void reserve(std::size_t rows);
  void add(std::size_t owner);
  // Rows of nobody, until end() is `rows`.
  void skip_to(std::size_t rows);
  // Of a row that is somebody's. Walks that owner's rows.
  void remove(std::size_t row);

 private:
  void link(std::uint32_t row);

  std::vector<std::uint32_t> owners_;
  std::vector<std::uint32_t> next_;    // the owner's next row, behind the last the first
  std::vector<std::uint32_t> last_;    // the owner's last row, where there is one
  std::vector<std::uint32_t> counts_;  // of the owner's rows
};

}  // namespace facepipe::gallery
