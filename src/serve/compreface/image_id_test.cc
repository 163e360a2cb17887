#include "serve/compreface/image_id.h"

#include <gtest/gtest.h>

namespace facepipe::serve {
namespace {

TEST(ImageId, IsAUuidAndIsReadAgain) {
  for (const std::uint64_t id : {0x0123456789abcdefULL, 0ULL, ~0ULL}) {
    const std::string text = image_id(faces::PictureId{id});
    EXPECT_TRUE(is_uuid(text)) << text;
    EXPECT_EQ(parse_image_id(text), faces::PictureId{id});
  }
  EXPECT_EQ(image_id(faces::PictureId{0x0123456789abcdef}), "01234567-89ab-4000-8000-00000000cdef");
  EXPECT_EQ(parse_image_id("01234567-89AB-4000-8000-00000000CDEF"), faces::PictureId{0x0123456789abcdef});
}

TEST(ImageId, AnotherUuidIsNone) {
  EXPECT_FALSE(parse_image_id("01234567-89ab-4000-8000-00000001cdef"));
  EXPECT_FALSE(parse_image_id("6b135f5b-a365-4522-b1f1-4c9ac2dd0728"));
  EXPECT_FALSE(parse_image_id("hello"));
  EXPECT_FALSE(is_uuid("01234567-89ab-4000-8000-00000000cdeg"));
}

}  // namespace
}  // namespace facepipe::serve
