// Whole blocks go through base64_blocks.h; what lies between them (white space, the end, what is wrong) character by
// character. Tested by base64_test.cc.
#include "base/base64.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/base64_blocks.h"

namespace facepipe {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kSpace = 0xFE;
constexpr std::uint8_t kInvalid = 0xFF;

constexpr std::array<std::uint8_t, 256> make_decode_table() {
  std::array<std::uint8_t, 256> table{};
  table.fill(kInvalid);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    table[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  table[static_cast<unsigned char>('-')] = 62;
  table[static_cast<unsigned char>('_')] = 63;
  for (const char space : std::string_view(" \t\r\n\f\v")) {
    table[static_cast<unsigned char>(space)] = kSpace;
  }
  return table;
}
constexpr auto kDecodeTable = make_decode_table();

Error invalid_at(std::size_t offset, std::string_view what) {
  return Error{ErrorCode::kInvalidData,
               "expected base64, found " + std::string(what) + " at offset " + std::to_string(offset)};
}

}  // namespace

std::string base64_encode(ByteView bytes) {
  std::string text;
  append_base64(text, bytes);
  return text;
}

void append_base64(std::string& text, ByteView bytes) {
  const std::size_t begin = text.size();
  text.reserve(begin + base64_size(bytes.size()));
  text.resize(begin + bytes.size() / 3 * 4);
  std::size_t i = base64::encode_blocks(bytes.data(), bytes.size(), text.data() + begin);
  char* out = text.data() + begin + i / 3 * 4;
  for (; i + 3 <= bytes.size(); i += 3) {
    const std::uint32_t group = std::to_integer<std::uint32_t>(bytes[i]) << 16U |
                                std::to_integer<std::uint32_t>(bytes[i + 1]) << 8U |
                                std::to_integer<std::uint32_t>(bytes[i + 2]);
    for (int shift = 18; shift >= 0; shift -= 6) {
      *out++ = kAlphabet[group >> static_cast<unsigned>(shift) & 63U];
    }
  }
  if (i < bytes.size()) {
    const bool two = i + 2 == bytes.size();
    const std::uint32_t group = std::to_integer<std::uint32_t>(bytes[i]) << 16U |
                                (two ? std::to_integer<std::uint32_t>(bytes[i + 1]) << 8U : 0U);
    text.push_back(kAlphabet[group >> 18U & 63U]);
    text.push_back(kAlphabet[group >> 12U & 63U]);
    text.push_back(two ? kAlphabet[group >> 6U & 63U] : '=');
    text.push_back('=');
  }
}

std::string base64url_encode(ByteView bytes) {
  std::string text = base64_encode(bytes);
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  text.resize((bytes.size() * 8 + 5) / 6);
  return text;
}

Result<Bytes> base64_decode(std::string_view text) {
  Bytes bytes(text.size() / 4 * 3 + base64::kBlockSlack);
  std::byte* out = bytes.data();
  std::uint32_t group = 0;
  int digits = 0;
  std::size_t padding = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (digits == 0 && padding == 0) {
      const std::size_t done = base64::decode_blocks(text.data() + i, text.size() - i, out);
      out += done / 4 * 3;
      i += done;
      if (i == text.size()) {
        break;
      }
    }
    const std::uint8_t digit = kDecodeTable[static_cast<unsigned char>(text[i])];
    if (digit < 64) {
      if (padding > 0) {
        return invalid_at(i, "data after padding");
      }
      group = group << 6U | digit;
      if (++digits == 4) {
        *out++ = static_cast<std::byte>(group >> 16U & 0xFFU);
        *out++ = static_cast<std::byte>(group >> 8U & 0xFFU);
        *out++ = static_cast<std::byte>(group & 0xFFU);
        group = 0;
        digits = 0;
      }
    } else if (text[i] == '=') {
      ++padding;
    } else if (digit != kSpace) {
      return invalid_at(i, "a character outside the alphabet");
    }
  }
  if (digits == 1 || padding > 2 || (padding > 0 && static_cast<std::size_t>(digits) + padding != 4)) {
    return invalid_at(text.size(), "an incomplete group");
  }
  if (digits >= 2) {
    group <<= digits == 2 ? 12U : 6U;
    *out++ = static_cast<std::byte>(group >> 16U & 0xFFU);
    if (digits == 3) {
      *out++ = static_cast<std::byte>(group >> 8U & 0xFFU);
    }
  }
  bytes.resize(static_cast<std::size_t>(out - bytes.data()));
  return bytes;
}

}  // namespace facepipe
