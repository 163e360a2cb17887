#include <gtest/gtest.h>

#include "queue/store/payload.h"

namespace facepipe::queue {
namespace {

TEST(AttributeCodec, RoundTrip) {
  const MessageAttributes attributes{{"a", {"String", "v"}}, {"b", {"Binary.png", std::string("\0\x01\xff", 3)}}};
  const auto decoded = decode_attributes(encode_attributes(attributes));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(*decoded, attributes);
}

TEST(AttributeCodec, NoneIsEmpty) {
  EXPECT_TRUE(encode_attributes({}).empty());
  const auto decoded = decode_attributes({});
  ASSERT_TRUE(decoded);
  EXPECT_TRUE(decoded->empty());
}

TEST(AttributeCodec, Layout) {
  const Bytes bytes = encode_attributes({{"a", {"String", "v"}}});
  EXPECT_EQ(as_text(bytes), std::string_view("\1\0\0\0a\6\0\0\0String\1\0\0\0v", 20));
}

TEST(AttributeCodec, EveryCutIsAnError) {
  const Bytes bytes = encode_attributes({{"name", {"String", "value"}}});
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    const auto decoded = decode_attributes(ByteView(bytes).first(size));
    ASSERT_FALSE(decoded) << size;
    EXPECT_EQ(decoded.error().code, ErrorCode::kInvalidData);
  }
}

TEST(AttributeCodec, HugeLengthIsAnError) {
  EXPECT_FALSE(decode_attributes(as_bytes("\xff\xff\xff\xff")));
}

}  // namespace
}  // namespace facepipe::queue
