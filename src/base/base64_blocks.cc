// Compiled once for every vector width (foreach_target); the widest that the CPU runs is chosen at run time. Tested
// against the scalar code by base64_test.cc.
#include "base/base64_blocks.h"

#include <bit>
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "base/base64_blocks.cc"  // NOLINT(bugprone-suspicious-include)
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace facepipe::base64 {
namespace HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR
std::size_t decode_vectors(const char* /*text*/, std::size_t /*size*/, std::byte* /*out*/) {
  return 0;
}
std::size_t encode_vectors(const std::byte* /*bytes*/, std::size_t /*size*/, char* /*out*/) {
  return 0;
}
#else

namespace hn = hwy::HWY_NAMESPACE;

static_assert(std::endian::native == std::endian::little, "the first character of a group is its lowest byte");

// A group is four characters of 6 bits and three bytes. A block of 128 bits holds four groups.
constexpr std::size_t kBlockChars = 16;
constexpr std::size_t kBlockBytes = 12;

// `offset` in the lanes where `first` <= text <= `last`, 0 elsewhere.
template <class D, class V>
HWY_INLINE V offset_in_range(D d, V text, char first, char last, int offset) {
  const auto distance = hn::Sub(text, hn::Set(d, static_cast<std::uint8_t>(first)));
  const auto width = hn::Set(d, static_cast<std::uint8_t>(last - first));
  const auto inside = hn::Eq(hn::Min(distance, width), distance);
  return hn::IfThenElseZero(inside, hn::Set(d, static_cast<std::uint8_t>(offset)));
}

template <class D, class V>
HWY_INLINE V offset_at(D d, V text, char character, int offset) {
  const auto equal = hn::Eq(text, hn::Set(d, static_cast<std::uint8_t>(character)));
  return hn::IfThenElseZero(equal, hn::Set(d, static_cast<std::uint8_t>(offset)));
}

// What to add to each character to have its 6 bits; 0 for what is not of the alphabet, as it is for no character.
template <class D, class V>
HWY_INLINE V decode_offsets(D d, V text) {
  const auto letters =
      hn::Or(offset_in_range(d, text, 'A', 'Z', 0 - 'A'), offset_in_range(d, text, 'a', 'z', 26 - 'a'));
  const auto plus = hn::Or(offset_at(d, text, '+', 62 - '+'), offset_at(d, text, '-', 62 - '-'));
  const auto slash = hn::Or(offset_at(d, text, '/', 63 - '/'), offset_at(d, text, '_', 63 - '_'));
  return hn::Or(hn::Or(letters, offset_in_range(d, text, '0', '9', 52 - '0')), hn::Or(plus, slash));
}

// Writes one block a vector of 128 bits, two a vector of 256.
template <class D, class V>
HWY_INLINE void store_blocks(D d, V bytes, std::uint8_t* HWY_RESTRICT out) {
  if constexpr (hn::MaxLanes(D()) == kBlockChars) {
    hn::StoreU(bytes, d, out);
  } else {
    constexpr hn::Half<D> d_block;
    hn::StoreU(hn::LowerHalf(d_block, bytes), d_block, out);
    hn::StoreU(hn::UpperHalf(d_block, bytes), d_block, out + kBlockBytes);
  }
}

std::size_t decode_vectors(const char* text, std::size_t size, std::byte* out) {
  constexpr hn::CappedTag<std::uint8_t, 2 * kBlockChars> d;
  constexpr hn::RepartitionToWide<hn::RepartitionToWide<decltype(d)>> d_group;
  constexpr std::size_t kLanes = hn::MaxLanes(d);
  // The three bytes of each group, the most significant first.
  alignas(kBlockChars) constexpr std::uint8_t kOrder[kBlockChars] = {2, 1,  0,  6,  5,    4,    10,   9,
                                                                     8, 14, 13, 12, 0x80, 0x80, 0x80, 0x80};
  const auto order = hn::LoadDup128(d, kOrder);
  const auto* source = reinterpret_cast<const std::uint8_t*>(text);
  auto* target = reinterpret_cast<std::uint8_t*>(out);
  std::size_t done = 0;
  for (; done + kLanes <= size; done += kLanes) {
    const auto characters = hn::LoadU(d, source + done);
    const auto offsets = decode_offsets(d, characters);
    if (!hn::AllFalse(d, hn::Eq(offsets, hn::Zero(d)))) {
      break;
    }
    const auto digits = hn::BitCast(d_group, hn::Add(characters, offsets));
    const auto first = hn::And(hn::ShiftLeft<18>(digits), hn::Set(d_group, 0xFC0000U));
    const auto second = hn::And(hn::ShiftLeft<4>(digits), hn::Set(d_group, 0x03F000U));
    const auto third = hn::And(hn::ShiftRight<10>(digits), hn::Set(d_group, 0x000FC0U));
    const auto groups = hn::Or(hn::Or(first, second), hn::Or(third, hn::ShiftRight<24>(digits)));
    const auto bytes = hn::TableLookupBytesOr0(hn::BitCast(d, groups), order);
    store_blocks(d, bytes, target);
    target += kLanes / 4 * 3;
  }
  return done;
}

std::size_t encode_vectors(const std::byte* bytes, std::size_t size, char* out) {
  constexpr hn::FixedTag<std::uint8_t, kBlockChars> d;
  constexpr hn::RepartitionToWide<hn::RepartitionToWide<decltype(d)>> d_group;
  alignas(kBlockChars) constexpr std::uint8_t kOrder[kBlockChars] = {2, 1, 0, 0x80, 5,  4,  3, 0x80,
                                                                     8, 7, 6, 0x80, 11, 10, 9, 0x80};
  // What to add to the 6 bits: by 13 for 0..25, 0 for 26..51, and from 1 on for the digits and the two signs.
  alignas(kBlockChars) constexpr std::uint8_t kOffsets[kBlockChars] = {
      'a' - 26, 256 - 4, 256 - 4, 256 - 4,  256 - 4,  256 - 4, 256 - 4, 256 - 4,
      256 - 4,  256 - 4, 256 - 4, 256 - 19, 256 - 16, 'A',     0,       0};
  const auto order = hn::Load(d, kOrder);
  const auto offsets = hn::Load(d, kOffsets);
  const auto* source = reinterpret_cast<const std::uint8_t*>(bytes);
  auto* target = reinterpret_cast<std::uint8_t*>(out);
  std::size_t done = 0;
  for (; done + kBlockChars <= size; done += kBlockBytes) {  // a block is read whole, 12 of its bytes are used
    const auto groups = hn::BitCast(d_group, hn::TableLookupBytesOr0(hn::LoadU(d, source + done), order));
    const auto first = hn::ShiftRight<18>(groups);
    const auto second = hn::And(hn::ShiftRight<4>(groups), hn::Set(d_group, 0x3F00U));
    const auto third = hn::And(hn::ShiftLeft<10>(groups), hn::Set(d_group, 0x3F0000U));
    const auto fourth = hn::And(hn::ShiftLeft<24>(groups), hn::Set(d_group, 0x3F000000U));
    const auto digits = hn::BitCast(d, hn::Or(hn::Or(first, second), hn::Or(third, fourth)));
    const auto is_upper = hn::Eq(hn::Min(digits, hn::Set(d, std::uint8_t{25})), digits);
    const auto past_lower = hn::SaturatedSub(digits, hn::Set(d, std::uint8_t{51}));
    const auto index = hn::IfThenElse(is_upper, hn::Set(d, std::uint8_t{13}), past_lower);
    hn::StoreU(hn::Add(digits, hn::TableLookupBytes(offsets, index)), d, target);
    target += kBlockChars;
  }
  return done;
}
#endif

}  // namespace
// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace facepipe::base64
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace facepipe::base64 {

HWY_EXPORT(decode_vectors);
HWY_EXPORT(encode_vectors);

std::size_t decode_blocks(const char* text, std::size_t size, std::byte* out) {
  return HWY_DYNAMIC_DISPATCH(decode_vectors)(text, size, out);
}

std::size_t encode_blocks(const std::byte* bytes, std::size_t size, char* out) {
  return HWY_DYNAMIC_DISPATCH(encode_vectors)(bytes, size, out);
}

}  // namespace facepipe::base64
#endif  // HWY_ONCE
