// Tested by linear_index_test.cc.
#include "gallery/index/linear_index.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <utility>

#include "base/check.h"
#include "gallery/index/codes.h"
#include "gallery/index/distance.h"
#include "gallery/index/nearest_people.h"
#include "gallery/index/owners.h"
#include "gallery/index/row_store.h"

namespace facepipe::gallery {
namespace {

class LinearIndex final : public Index {
 public:
  explicit LinearIndex(BaseRows base)
      : base_(std::move(base)), owners_(base_.owners, base_.owner_count), added_(base_.rows.width) {
    FACEPIPE_CHECK(base_.rows.width >= 1 && base_.owners.size() == base_.rows.count);
  }

  [[nodiscard]] std::size_t end() const override { return owners_.end(); }
  [[nodiscard]] std::span<const float> embedding(std::size_t row) const override {
    const std::size_t base = base_.rows.count;
    return row < base ? base_.rows.row(row) : added_.rows().row(row - base);
  }
  [[nodiscard]] std::size_t owner(std::size_t row) const override { return owners_.of(row); }
  [[nodiscard]] std::vector<std::size_t> rows_of(std::size_t owner) const override { return owners_.rows_of(owner); }
  [[nodiscard]] std::size_t count_of(std::size_t owner) const override { return owners_.count_of(owner); }

  void reserve(std::size_t rows) override {
    owners_.reserve(rows);
    added_.reserve(rows - std::min(rows, base_.rows.count));
  }

  void add(std::size_t owner, std::span<const float> embedding) override {
    FACEPIPE_CHECK(embedding.size() == base_.rows.width);
    added_.add(embedding);
    owners_.add(owner);
  }

  void skip_to(std::size_t rows) override {
    owners_.skip_to(rows);
    while (base_.rows.count + added_.size() < owners_.end()) {
      added_.add_empty();
    }
  }

  void remove(std::size_t row) override {
    owners_.remove(row);
    if (row >= base_.rows.count) {
      added_.empty(row - base_.rows.count);
    }
  }

  [[nodiscard]] std::vector<Neighbour> search(std::span<const float> probe, std::size_t k) const override {
    FACEPIPE_CHECK(probe.size() == base_.rows.width);
    if (k == 0) {
      return {};
    }
    NearestPeople nearest(std::min(k, end()));
    const CodedProbe coded(probe);
    scan(base_.rows, 0, probe, coded, nearest);
    scan(added_.rows(), base_.rows.count, probe, coded, nearest);
    std::vector<Neighbour> people = std::move(nearest).take();
    for (Neighbour& neighbour : people) {
      neighbour.distance = std::sqrt(neighbour.distance);  // squared until now
    }
    return people;
  }

 private:
  // `rows` are those from `first` on.
  void scan(const CodedRows& rows, std::size_t first, std::span<const float> probe, const CodedProbe& coded,
            NearestPeople& nearest) const {
    std::array<float, kBlockRows> products{};
    for (std::size_t block = 0; block * kBlockRows < rows.count; ++block) {
      const BlockTerms& terms = rows.terms[block];
      std::uint32_t doubt = coded.in_doubt(rows.block(block), terms, nearest.bound(), products);
      for (; doubt != 0; doubt &= doubt - 1) {
        const auto lane = static_cast<std::size_t>(std::countr_zero(doubt));
        const std::size_t at = block * kBlockRows + lane;
        if (at < rows.count && owners_.of(first + at) != kNobody &&
            coded.may_be_nearer(rows.fine_of(at), terms.scales[lane], terms.squared_norms[lane], rows.fine_errors[at],
                                products[lane], nearest.bound())) {
          nearest.offer({owners_.of(first + at), first + at, squared_distance(rows.row(at), probe)});
        }
      }
    }
  }

  BaseRows base_;
  Owners owners_;
  RowStore added_;  // the rows behind the base's
};

}  // namespace

std::unique_ptr<Index> make_linear_index(std::size_t embedding_size) {
  BaseRows nothing;
  nothing.rows.width = embedding_size;
  return make_linear_index(std::move(nothing));
}

std::unique_ptr<Index> make_linear_index(BaseRows base) {
  return std::make_unique<LinearIndex>(std::move(base));
}

}  // namespace facepipe::gallery
