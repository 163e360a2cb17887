// Many distances, kept in little memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace facepipe::evaluate {

// The `keep` smallest of the distances that are added, exactly, and how many there were. Holds at most twice as many.
// One thread at a time.
class SmallestDistances {
 public:
  explicit SmallestDistances(std::size_t keep);  // at least 1
  // Not NaN.
  void add(float distance) {
    ++count_;
    if (kept_.size() < keep_ || distance < limit_) {
      take(distance);
    }
  }
  void merge(const SmallestDistances& other);
  [[nodiscard]] std::uint64_t count() const { return count_; }
  // In order; all of them if they were no more than `keep`.
  [[nodiscard]] std::vector<float> sorted() const;

 private:
  void take(float distance);
  void shrink();
  std::size_t keep_;
  std::uint64_t count_ = 0;
  float limit_ = 0;  // no distance that is kept is above, once `keep` of them were there
  std::vector<float> kept_;
};

// How many distances lie where, in steps of a thousandth from 0 to 2, which is the most between unit vectors.
class DistanceHistogram {
 public:
  static constexpr std::size_t kSteps = 2'000;
  static constexpr double kStep = 0.001;

  // Not NaN. More than 2 (an infinity: never accepted) is counted past the last step.
  void add(float distance);
  void merge(const DistanceHistogram& other);
  [[nodiscard]] std::uint64_t count() const { return count_; }
  // Of distances of at most step * kStep, to which a distance is rounded up; step <= kSteps.
  [[nodiscard]] std::uint64_t at_most(std::size_t step) const;

 private:
  std::vector<std::uint64_t> counts_ = std::vector<std::uint64_t>(kSteps + 2);
  std::uint64_t count_ = 0;
};

struct CurvePoint {
  double threshold = 0;
  double false_rate = 0;  // of distances that should not be accepted
  double true_rate = 0;   // of those that should
};

// The two rates at every step at which one of them changes, and the steps around. Empty if either is of no distance.
[[nodiscard]] std::vector<CurvePoint> curve_of(const DistanceHistogram& wrong, const DistanceHistogram& right);

// Where the share of wrong ones that are accepted and that of right ones that are not are equal, on the straight line
// between the two points around; 0 for no curve.
[[nodiscard]] double equal_error_rate(const std::vector<CurvePoint>& curve);

}  // namespace facepipe::evaluate
