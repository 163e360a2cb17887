// On Google Highway's portable vectors: compiled once for every vector width, the widest that the CPU runs is chosen at
// run time. Tested by codes_test.cc.
#include "gallery/index/codes.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "gallery/index/scan_block.cc"  // NOLINT(bugprone-suspicious-include)
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace facepipe::gallery {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

constexpr float kTiny = 1e-36F;  // below it float has no relative precision left

#if HWY_TARGET == HWY_SCALAR
std::uint32_t scan(const std::uint32_t* block, const std::int32_t* pairs, std::size_t words, const BlockTerms& rows,
                   const CodedProbe::Terms& probe, float squared_distance, float* products) {
  std::uint32_t doubt = 0;
  for (std::size_t row = 0; row < kBlockRows; ++row) {
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < 4 * words; ++i) {
      const std::uint32_t codes = block[i / 4 * kBlockRows + row] >> (4 * (i % 4));
      sum += static_cast<std::int32_t>(codes & 15U) * static_cast<std::int16_t>(pairs[i] & 0xFFFF);
      sum += static_cast<std::int32_t>(codes >> 16U & 15U) * static_cast<std::int16_t>(pairs[i] >> 16);
    }
    products[row] = static_cast<float>(sum) - probe.offset;
    const float norms = rows.squared_norms[row] + probe.squared_norm;
    const float at_least = norms - probe.room * norms - 16 * probe.twice_scale * rows.scales[row] * products[row] -
                           probe.twice_norm * rows.coarse_errors[row] - kTiny;
    doubt |= at_least > squared_distance ? 0U : 1U << row;
  }
  return doubt;
}
#else
// A lane is a row: no sum goes across lanes.
std::uint32_t scan(const std::uint32_t* block, const std::int32_t* pairs, std::size_t words, const BlockTerms& rows,
                   const CodedProbe::Terms& probe, float squared_distance, float* products) {
  const hn::CappedTag<std::int32_t, kBlockRows> d32;
  const hn::RepartitionToNarrow<decltype(d32)> d16;
  const hn::RebindToUnsigned<decltype(d16)> u16;
  const hn::RebindToUnsigned<decltype(d32)> u32;
  const hn::RebindToFloat<decltype(d32)> df;
  const auto nibble = hn::Set(u16, 15);
  std::uint32_t doubt = 0;
  for (std::size_t first = 0; first < kBlockRows; first += hn::Lanes(d32)) {
    auto sum0 = hn::Zero(d32);
    auto sum1 = sum0;
    auto sum2 = sum0;
    auto sum3 = sum0;
    auto odds = sum0;  // what CPUs keep apart that add neighbours only at the end: there the sums of the upper lanes
    for (std::size_t word = 0; word < words; ++word) {
      const auto codes = hn::BitCast(u16, hn::LoadU(u32, block + word * kBlockRows + first));
      const auto pair = [&](std::size_t i) { return hn::BitCast(d16, hn::Set(d32, pairs[4 * word + i])); };
      const auto part = [&](auto shifted) { return hn::BitCast(d16, hn::And(shifted, nibble)); };
      sum0 = hn::ReorderWidenMulAccumulate(d32, part(codes), pair(0), sum0, odds);
      sum1 = hn::ReorderWidenMulAccumulate(d32, part(hn::ShiftRight<4>(codes)), pair(1), sum1, odds);
      sum2 = hn::ReorderWidenMulAccumulate(d32, part(hn::ShiftRight<8>(codes)), pair(2), sum2, odds);
      sum3 = hn::ReorderWidenMulAccumulate(d32, part(hn::ShiftRight<12>(codes)), pair(3), sum3, odds);
    }
    const auto sum = hn::RearrangeToOddPlusEven(hn::Add(hn::Add(sum0, sum1), hn::Add(sum2, sum3)), odds);
    const auto product = hn::Sub(hn::ConvertTo(df, sum), hn::Set(df, probe.offset));
    hn::StoreU(product, df, products + first);
    const auto norms = hn::Add(hn::LoadU(df, rows.squared_norms.data() + first), hn::Set(df, probe.squared_norm));
    auto at_least = hn::Sub(norms, hn::Mul(hn::Set(df, probe.room), norms));
    const auto scale = hn::Mul(hn::Set(df, 16 * probe.twice_scale), hn::LoadU(df, rows.scales.data() + first));
    at_least = hn::Sub(at_least, hn::Mul(scale, product));
    const auto error = hn::Mul(hn::Set(df, probe.twice_norm), hn::LoadU(df, rows.coarse_errors.data() + first));
    at_least = hn::Sub(hn::Sub(at_least, error), hn::Set(df, kTiny));
    std::uint8_t bits[8] = {};  // Highway's least
    hn::StoreMaskBits(df, hn::Gt(at_least, hn::Set(df, squared_distance)), bits);
    const auto sure = static_cast<std::uint32_t>(bits[0] | bits[1] << 8);
    doubt |= (~sure & ((1U << hn::Lanes(df)) - 1)) << first;
  }
  return doubt;
}
#endif

}  // namespace
// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace facepipe::gallery
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace facepipe::gallery {

HWY_EXPORT(scan);

std::uint32_t scan_block(const std::uint32_t* block, std::span<const std::int32_t> pairs, const BlockTerms& rows,
                         const CodedProbe::Terms& probe, float squared_distance, float* products) {
  return HWY_DYNAMIC_DISPATCH(scan)(block, pairs.data(), pairs.size() / 4, rows, probe, squared_distance, products);
}

}  // namespace facepipe::gallery
#endif  // HWY_ONCE
