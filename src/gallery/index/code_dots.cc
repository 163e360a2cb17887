// On Google Highway's portable vectors: compiled once for every vector width, the widest that the CPU runs is chosen at
// run time. Tested by codes_test.cc.
#include "gallery/index/codes.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "gallery/index/code_dots.cc"  // NOLINT(bugprone-suspicious-include)
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace facepipe::gallery {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// Of kRows rows at once: each load of the probe serves them all, and their sums wait for nothing.
template <std::size_t kRows>
void dots_of(const std::int8_t* codes, const std::int16_t* probe, std::size_t size, std::int32_t* dots) {
  std::size_t i = 0;
  for (std::size_t row = 0; row < kRows; ++row) {
    dots[row] = 0;
  }
#if HWY_TARGET != HWY_SCALAR
  const hn::ScalableTag<std::int16_t> d16;
  const hn::Rebind<std::int8_t, decltype(d16)> d8;
  const hn::RepartitionToWide<decltype(d16)> d32;
  using Sum = decltype(hn::Zero(d32));
  Sum sums[kRows];
  Sum odds[kRows];  // what CPUs keep apart that do not add neighbours themselves
  for (std::size_t row = 0; row < kRows; ++row) {
    sums[row] = odds[row] = hn::Zero(d32);
  }
  for (; i + hn::Lanes(d16) <= size; i += hn::Lanes(d16)) {
    const auto part = hn::LoadU(d16, probe + i);
    for (std::size_t row = 0; row < kRows; ++row) {
      const auto code = hn::PromoteTo(d16, hn::LoadU(d8, codes + row * size + i));
      sums[row] = hn::ReorderWidenMulAccumulate(d32, code, part, sums[row], odds[row]);
    }
  }
  for (std::size_t row = 0; row < kRows; ++row) {
    dots[row] = hn::GetLane(hn::SumOfLanes(d32, hn::Add(sums[row], odds[row])));
  }
#endif
  for (; i < size; ++i) {
    for (std::size_t row = 0; row < kRows; ++row) {
      dots[row] += std::int32_t{codes[row * size + i]} * probe[i];
    }
  }
}

void all_dots(const std::int8_t* codes, const std::int16_t* probe, std::size_t size, std::int32_t* dots,
              std::size_t rows) {
  constexpr std::size_t kAtOnce = 4;
  std::size_t row = 0;
  for (; row + kAtOnce <= rows; row += kAtOnce) {
    dots_of<kAtOnce>(codes + row * size, probe, size, dots + row);
  }
  for (; row < rows; ++row) {
    dots_of<1>(codes + row * size, probe, size, dots + row);
  }
}

}  // namespace
// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace facepipe::gallery
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace facepipe::gallery {

HWY_EXPORT(all_dots);

void code_dots(std::span<const std::int8_t> codes, std::span<const std::int16_t> probe, std::span<std::int32_t> dots) {
  HWY_DYNAMIC_DISPATCH(all_dots)(codes.data(), probe.data(), probe.size(), dots.data(), dots.size());
}

}  // namespace facepipe::gallery
#endif  // HWY_ONCE
