#include "base/base64.h"

#include <gtest/gtest.h>

#include <random>

namespace facepipe {
namespace {

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
    Bytes bytes(length);
    for (auto& byte : bytes) {
      byte = static_cast<std::byte>(random() & 0xFFU);
    }
    EXPECT_EQ(*base64_decode(base64_encode(bytes)), bytes) << length;
  }
}

}  // namespace
}  // namespace facepipe
