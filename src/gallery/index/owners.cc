// Tested by owners_test.cc.
#include "gallery/index/owners.h"

#include "base/check.h"
#include "gallery/index/index.h"

namespace facepipe::gallery {

Owners::Owners(std::span<const std::uint32_t> rows, std::size_t owner_count)
    : owners_(rows.begin(), rows.end()), next_(rows.size()), last_(owner_count), counts_(owner_count) {
  for (std::size_t row = 0; row < owners_.size(); ++row) {
    if (owners_[row] != Index::kNobody) {
      link(static_cast<std::uint32_t>(row));
    }
  }
}

void Owners::link(std::uint32_t row) {
  const std::uint32_t owner = owners_[row];
  if (counts_[owner] == 0) {
    next_[row] = row;
  } else {
    next_[row] = next_[last_[owner]];
    next_[last_[owner]] = row;
  }
  last_[owner] = row;
  counts_[owner] += 1;
}

std::vector<std::size_t> Owners::rows_of(std::size_t owner) const {
  std::vector<std::size_t> rows(count_of(owner));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i] = next_[i == 0 ? last_[owner] : rows[i - 1]];
  }
  return rows;
}

void Owners::reserve(std::size_t rows) {
  owners_.reserve(rows);
  next_.reserve(rows);
}

void Owners::add(std::size_t owner) {
  FACEPIPE_CHECK(owner < Index::kNobody && owners_.size() < Index::kNobody);
  if (owner >= counts_.size()) {
    counts_.resize(owner + 1);
    last_.resize(owner + 1);
  }
  owners_.push_back(static_cast<std::uint32_t>(owner));
  next_.push_back(0);
  link(static_cast<std::uint32_t>(owners_.size() - 1));
}

void Owners::skip_to(std::size_t rows) {
  if (rows > owners_.size()) {
    owners_.resize(rows, static_cast<std::uint32_t>(Index::kNobody));
    next_.resize(rows);
  }
}

void Owners::remove(std::size_t row) {
  const std::uint32_t owner = owners_[row];
  FACEPIPE_CHECK(owner != Index::kNobody);
  std::uint32_t before = last_[owner];
  while (next_[before] != row) {
    before = next_[before];
  }
  next_[before] = next_[row];
  if (last_[owner] == row) {
    last_[owner] = before;
  }
  counts_[owner] -= 1;
  owners_[row] = static_cast<std::uint32_t>(Index::kNobody);
}

}  // namespace facepipe::gallery
