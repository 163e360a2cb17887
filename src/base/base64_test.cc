#include "base/base64.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

namespace facepipe {
namespace {

Bytes random_bytes(std::mt19937& random, std::size_t size) {
  Bytes bytes(size);
  for (auto& byte : bytes) {
    byte = static_cast<std::byte>(random() & 0xFFU);
  }
  return bytes;
}

TEST(Base64, Rfc4648Vectors) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : vectors) {
    EXPECT_EQ(base64_encode(as_bytes(plain)), encoded);
    EXPECT_EQ(base64_size(std::string_view(plain).size()), std::string_view(encoded).size());
    std::string text = "before ";
    append_base64(text, as_bytes(plain));
    EXPECT_EQ(text, std::string("before ") + encoded);
    const auto decoded = base64_decode(encoded);
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(as_text(*decoded), plain);
  }
}

TEST(Base64, TakesWhatClientsSend) {
  EXPECT_EQ(as_text(*base64_decode("Zm9v\r\nYmFy\n")), "foobar");  // MIME line breaks
  EXPECT_EQ(as_text(*base64_decode("Zm8")), "fo");                 // no padding
  EXPECT_EQ(*base64_decode("-_-_"), *base64_decode("+/+/"));       // URL-safe alphabet
}

TEST(Base64, WritesTheUrlSafeAlphabetWithoutPadding) {
  EXPECT_EQ(base64url_encode(*base64_decode("+/+/Zg==")), "-_-_Zg");
  EXPECT_EQ(base64url_encode(as_bytes("fo")), "Zm8");
  EXPECT_EQ(base64url_encode(as_bytes("foo")), "Zm9v");
  EXPECT_EQ(base64url_encode({}), "");
}

TEST(Base64, RefusesWithOffset) {
  for (const char* bad : {"Zm9v!", "Zg==Zg==", "Z", "Zg=", "Zm9v=", "Zg===", "===="}) {
    const auto decoded = base64_decode(bad);
    ASSERT_FALSE(decoded) << bad;
    EXPECT_EQ(decoded.error().code, ErrorCode::kInvalidData);
    EXPECT_NE(decoded.error().message.find("offset"), std::string::npos);
  }
}

TEST(Base64, RoundTripsEveryLength) {
  std::mt19937 random(7);  // NOLINT: a fixed seed, so that a failure repeats
  for (std::size_t length = 0; length < 200; ++length) {
    const Bytes bytes = random_bytes(random, length);
    const std::string text = base64_encode(bytes);
    EXPECT_EQ(text.size(), (length + 2) / 3 * 4);
    EXPECT_EQ(*base64_decode(text), bytes) << length;
  }
}

// The definition, bit by bit: what the vectors are compared with.
TEST(Base64, EncodesAsTheDefinitionSays) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::mt19937 random(8);  // NOLINT: a fixed seed, so that a failure repeats
  const Bytes bytes = random_bytes(random, 3000);
  std::string expected;
  for (std::size_t bit = 0; bit < bytes.size() * 8; bit += 6) {
    unsigned digit = 0;
    for (std::size_t i = bit; i < bit + 6; ++i) {
      digit = digit << 1U | (std::to_integer<unsigned>(bytes[i / 8]) >> (7 - i % 8) & 1U);
    }
    expected.push_back(kAlphabet[digit]);
  }
  EXPECT_EQ(base64_encode(bytes), expected);
}

// Every value of a byte at every place of two vectors: it is decoded, passed over or refused as it is in a text too
// short for vectors.
TEST(Base64, EveryCharacterAtEveryPlace) {
  const std::string filler(80, 'A');
  for (std::size_t place = 0; place < 64; ++place) {
    for (int value = 0; value < 256; ++value) {
      std::string text = filler;
      text[place] = static_cast<char>(value);
      // The same character within its own group of four, alone.
      std::string group = "AAAA";
      group[place % 4] = static_cast<char>(value);
      const auto expected = base64_decode(group);
      const auto decoded = base64_decode(text);
      if (value == '=') {
        EXPECT_FALSE(decoded) << place;
      } else if (!expected) {
        ASSERT_FALSE(decoded) << place << " " << value;
        EXPECT_NE(decoded.error().message.find("offset " + std::to_string(place)), std::string::npos);
      } else if (expected->size() == 3) {
        ASSERT_TRUE(decoded) << place << " " << value;
        EXPECT_EQ(decoded->size(), 60U);
        EXPECT_TRUE(std::equal(expected->begin(), expected->end(),
                               decoded->begin() + static_cast<std::ptrdiff_t>(place / 4 * 3)));
      } else {
        ASSERT_TRUE(decoded) << "white space at " << place;
        EXPECT_EQ(decoded->size(), 59U);
      }
    }
  }
}

TEST(Base64, LinesOfAnyLength) {
  std::mt19937 random(9);  // NOLINT: a fixed seed, so that a failure repeats
  const Bytes bytes = random_bytes(random, 500);
  const std::string text = base64_encode(bytes);
  for (std::size_t length = 1; length < 140; ++length) {
    std::string lines;
    for (std::size_t i = 0; i < text.size(); i += length) {
      lines += text.substr(i, length) + "\r\n";
    }
    const auto decoded = base64_decode(lines);
    ASSERT_TRUE(decoded) << length << ": " << decoded.error().message;
    EXPECT_EQ(*decoded, bytes) << length;
  }
}

}  // namespace
}  // namespace facepipe
