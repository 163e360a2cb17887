// Compiled once a vector width; the widest that the CPU runs is chosen, as for the detector's kernels.
#include "machine_limits.h"

#include <array>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "machine_limits.cc"  // NOLINT(bugprone-suspicious-include)
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace facepipe::bench {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// Returns how many floats a vector holds.
int multiply_add_rounds(int rounds, float* out) {
  constexpr hn::ScalableTag<float> d;
  const auto scale = hn::Set(d, out[0]);
  const auto step = hn::Set(d, out[1]);
  // Each sum starts elsewhere, or the compiler would compute them once.
  const auto first = [&](float value) HWY_ATTR { return hn::Set(d, out[0] + value); };
  auto a = first(1), b = first(2), c = first(3), e = first(4), f = first(5), g = first(6);
  auto h = first(7), i = first(8), j = first(9), k = first(10), l = first(11), m = first(12);
  for (int round = 0; round < rounds; ++round) {
    a = hn::MulAdd(a, scale, step);
    b = hn::MulAdd(b, scale, step);
    c = hn::MulAdd(c, scale, step);
    e = hn::MulAdd(e, scale, step);
    f = hn::MulAdd(f, scale, step);
    g = hn::MulAdd(g, scale, step);
    h = hn::MulAdd(h, scale, step);
    i = hn::MulAdd(i, scale, step);
    j = hn::MulAdd(j, scale, step);
    k = hn::MulAdd(k, scale, step);
    l = hn::MulAdd(l, scale, step);
    m = hn::MulAdd(m, scale, step);
  }
  const auto sum1 = hn::Add(hn::Add(a, b), hn::Add(c, e));
  const auto sum2 = hn::Add(hn::Add(f, g), hn::Add(h, i));
  const auto sum3 = hn::Add(hn::Add(j, k), hn::Add(l, m));
  hn::StoreU(hn::Add(hn::Add(sum1, sum2), sum3), d, out);
  return static_cast<int>(hn::Lanes(d));
}

float sum_memory(const float* memory, std::size_t count) {
  constexpr hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  auto a = hn::Zero(d), b = hn::Zero(d), c = hn::Zero(d), e = hn::Zero(d);
  std::size_t i = 0;
  for (; i + 4 * lanes <= count; i += 4 * lanes) {
    a = hn::Add(a, hn::LoadU(d, memory + i));
    b = hn::Add(b, hn::LoadU(d, memory + i + lanes));
    c = hn::Add(c, hn::LoadU(d, memory + i + 2 * lanes));
    e = hn::Add(e, hn::LoadU(d, memory + i + 3 * lanes));
  }
  return hn::GetLane(hn::Add(hn::Add(a, b), hn::Add(c, e)));
}

}  // namespace
// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace facepipe::bench
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace facepipe::bench {

HWY_EXPORT(multiply_add_rounds);
HWY_EXPORT(sum_memory);

double multiply_adds(int rounds) {
  constexpr int kSums = 12;
  std::array<float, 64> memory = {0.5F, 1.0F};
  const int lanes = HWY_DYNAMIC_DISPATCH(multiply_add_rounds)(rounds, memory.data());
  volatile float used = memory[0];
  static_cast<void>(used);
  return 2.0 * kSums * static_cast<double>(rounds) * lanes;
}

float read_memory(const float* memory, std::size_t count) {
  return HWY_DYNAMIC_DISPATCH(sum_memory)(memory, count);
}

}  // namespace facepipe::bench
#endif  // HWY_ONCE
