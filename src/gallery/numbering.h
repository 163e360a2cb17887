// Numbers that stay when others go, and the places 0, 1, 2... of those that are left.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace facepipe::gallery {

// 4 bytes a gap; a place is found in the logarithm of their number.
class Numbering {
 public:
  // That many are there.
  [[nodiscard]] std::size_t size() const { return end_ - gaps_.size(); }
  // Numbers are below it.
  [[nodiscard]] std::size_t end() const { return end_; }
  [[nodiscard]] bool has(std::size_t number) const {
    return number < end_ && !std::ranges::binary_search(gaps_, static_cast<std::uint32_t>(number));
  }
  // Of a place below size().
  [[nodiscard]] std::size_t number(std::size_t place) const {
    // The gaps that lie before the number are those with at most `place` numbers before them.
    std::size_t low = 0;
    std::size_t high = gaps_.size();
    while (low < high) {
      const std::size_t middle = (low + high) / 2;
      if (gaps_[middle] - middle <= place) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return place + low;
  }
  // Of a number that is there; of any other how many lie before it.
  [[nodiscard]] std::size_t place(std::size_t number) const { return number - gaps_before(number); }

  // Another number, end() until now.
  void add() { ++end_; }
  // end() is `end` from now on, where it was less; what lies between is not there.
  void skip_to(std::size_t end) {
    for (; end_ < end; ++end_) {
      gaps_.push_back(static_cast<std::uint32_t>(end_));
    }
  }
  // A number that is there.
  void remove(std::size_t number) {
    const auto at = gaps_.begin() + static_cast<std::ptrdiff_t>(gaps_before(number));
    gaps_.insert(at, static_cast<std::uint32_t>(number));
  }

 private:
  [[nodiscard]] std::size_t gaps_before(std::size_t number) const {
    return static_cast<std::size_t>(std::ranges::lower_bound(gaps_, static_cast<std::uint32_t>(number)) -
                                    gaps_.begin());
  }

  std::size_t end_ = 0;
  std::vector<std::uint32_t> gaps_;  // ascending
};

}  // namespace facepipe::gallery
