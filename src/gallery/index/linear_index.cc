// Tested by linear_index_test.cc.
#include "gallery/index/linear_index.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/check.h"
#include "gallery/index/codes.h"
#include "gallery/index/distance.h"

namespace facepipe::gallery {
namespace {

// The nearest k people so far, sorted. Only a strictly smaller distance replaces another, so that ties stay with the
// first enrolled; whoever was pushed out can only come back by a nearer row.
class NearestPeople {
 public:
  explicit NearestPeople(std::size_t k) : k_(k) { people_.reserve(k); }

  void offer(const Neighbour& candidate) {
    if (people_.size() == k_ && !(candidate.distance < people_.back().distance)) {
      return;
    }
    auto place = std::ranges::find(people_, candidate.person, &Neighbour::person);
    if (place != people_.end() && !(candidate.distance < place->distance)) {
      return;
    }
    if (place == people_.end()) {
      if (people_.size() == k_) {
        people_.pop_back();
      }
      people_.push_back(candidate);
      place = people_.end() - 1;
    }
    *place = candidate;
    const auto behind_equals =
        std::ranges::upper_bound(people_.begin(), place, candidate.distance, {}, &Neighbour::distance);
    std::rotate(behind_equals, place, place + 1);
  }

  // A row at this squared distance or more changes nothing. Infinity while there is room.
  [[nodiscard]] float bound() const {
    return people_.size() == k_ ? people_.back().distance : std::numeric_limits<float>::infinity();
  }

  [[nodiscard]] std::vector<Neighbour> take() && { return std::move(people_); }

 private:
  std::size_t k_;
  std::vector<Neighbour> people_;
};

// A probe beside which rows are held by their codes alone.
class CodedProbe {
 public:
  explicit CodedProbe(std::span<const float> probe) {
    std::vector<std::int8_t> code(probe.size());
    terms_ = encode(probe, code);
    code_ = widened(code);
  }

  [[nodiscard]] std::span<const std::int16_t> code() const { return code_; }

  // Is a row surely as far as `squared_distance` or farther? By the triangle inequality, the row's and the probe's
  // codes being at most their errors away from them; with room for what float arithmetic loses. What overflowed is not
  // sure.
  [[nodiscard]] bool surely_past(float squared_distance, const CodeTerms& row, std::int32_t dot) const {
    constexpr float kRoom = 1e-5F;
    const float norms = row.squared_norm + terms_.squared_norm;
    const float coded = norms - 2 * row.scale * terms_.scale * static_cast<float>(dot);
    const float reach = std::sqrt(squared_distance) + row.error + terms_.error;
    return coded - kRoom * norms > reach * reach * (1 + kRoom);
  }

 private:
  CodeTerms terms_;
  std::vector<std::int16_t> code_;
};

class LinearIndex final : public Index {
 public:
  explicit LinearIndex(std::size_t embedding_size) : width_(embedding_size) { FACEPIPE_CHECK(width_ >= 1); }

  [[nodiscard]] std::size_t size() const override { return owners_.size(); }
  [[nodiscard]] std::span<const float> embedding(std::size_t row) const override {
    return std::span<const float>(rows_).subspan(row * width_, width_);
  }
  [[nodiscard]] PersonId owner(std::size_t row) const override { return owners_[row]; }

  void reserve(std::size_t rows) override {
    rows_.reserve(rows * width_);
    codes_.reserve(rows * width_);
    terms_.reserve(rows);
    owners_.reserve(rows);
  }

  void add(PersonId person, std::span<const float> embedding) override {
    FACEPIPE_CHECK(embedding.size() == width_);
    const std::vector<float> row(embedding.begin(), embedding.end());  // it may be one of ours, which are about to move
    rows_.insert(rows_.end(), row.begin(), row.end());
    codes_.resize(rows_.size());
    terms_.push_back(encode(row, code(owners_.size())));
    owners_.push_back(person);
  }

  void remove(PersonId person) override {
    remove_if([&](std::size_t row) { return owners_[row] == person; });
  }

  void remove_row(std::size_t gone) override {
    FACEPIPE_CHECK(gone < size());
    remove_if([gone](std::size_t row) { return row == gone; });
  }

  [[nodiscard]] std::vector<Neighbour> search(std::span<const float> probe, std::size_t k) const override {
    FACEPIPE_CHECK(probe.size() == width_);
    if (k == 0) {
      return {};
    }
    NearestPeople nearest(std::min(k, size()));
    const CodedProbe coded(probe);
    std::array<std::int32_t, kBlockRows> dots{};
    for (std::size_t first = 0; first < size(); first += kBlockRows) {
      const std::span<std::int32_t> block = std::span(dots).first(std::min(kBlockRows, size() - first));
      code_dots(std::span(codes_).subspan(first * width_, block.size() * width_), coded.code(), block);
      for (std::size_t i = 0; i < block.size(); ++i) {
        const std::size_t row = first + i;
        if (!coded.surely_past(nearest.bound(), terms_[row], block[i])) {
          nearest.offer({owners_[row], row, squared_distance(embedding(row), probe)});
        }
      }
    }
    std::vector<Neighbour> people = std::move(nearest).take();
    for (Neighbour& neighbour : people) {
      neighbour.distance = std::sqrt(neighbour.distance);  // squared until now
    }
    return people;
  }

 private:
  static constexpr std::size_t kBlockRows = 64;

  // The others keep their order and move up.
  template <typename Gone>
  void remove_if(Gone gone) {
    std::size_t kept = 0;
    for (std::size_t row = 0; row < owners_.size(); ++row) {
      if (gone(row)) {
        continue;
      }
      if (kept != row) {
        std::ranges::copy(embedding(row), rows_.begin() + static_cast<std::ptrdiff_t>(kept * width_));
        std::ranges::copy(code(row), code(kept).begin());
        terms_[kept] = terms_[row];
        owners_[kept] = owners_[row];
      }
      ++kept;
    }
    rows_.resize(kept * width_);
    codes_.resize(kept * width_);
    terms_.resize(kept);
    owners_.resize(kept);
  }

  [[nodiscard]] std::span<std::int8_t> code(std::size_t row) { return std::span(codes_).subspan(row * width_, width_); }

  std::size_t width_;
  std::vector<float> rows_;         // [size(), width_]
  std::vector<std::int8_t> codes_;  // [size(), width_]
  std::vector<CodeTerms> terms_;    // [size()]
  std::vector<PersonId> owners_;
};

}  // namespace

std::unique_ptr<Index> make_linear_index(std::size_t embedding_size) {
  return std::make_unique<LinearIndex>(embedding_size);
}

}  // namespace facepipe::gallery
