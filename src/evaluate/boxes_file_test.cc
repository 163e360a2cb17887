#include "evaluate/boxes_file.h"

#include <gtest/gtest.h>

namespace facepipe::evaluate {
namespace {

std::string boxes_error(std::string_view text) {
  const auto pictures = parse_boxes(text, "boxes");
  return pictures ? "no error" : pictures.error().message;
}

TEST(BoxesFile, CsvColumnsByName) {
  const auto pictures =
      parse_boxes("w,h,image,x,y,invalid\n4,5,b.jpg,1,2,0\n,,a.jpg,,,\n2,2,b.jpg,0.5,-3,1\n0,5,b.jpg,1,1,0\n", "boxes");
  ASSERT_TRUE(pictures) << pictures.error().message;
  ASSERT_EQ(pictures->size(), 2U);
  EXPECT_EQ((*pictures)[0].picture, "b.jpg");
  ASSERT_EQ((*pictures)[0].boxes.size(), 2U);  // the one without width is left out
  EXPECT_EQ((*pictures)[0].boxes[0].box, (image::Box{1, 2, 5, 7}));
  EXPECT_FALSE((*pictures)[0].boxes[0].ignored);
  EXPECT_EQ((*pictures)[0].boxes[1].box, (image::Box{0.5F, -3, 2.5F, -1}));
  EXPECT_TRUE((*pictures)[0].boxes[1].ignored);
  EXPECT_EQ((*pictures)[1].picture, "a.jpg");
  EXPECT_TRUE((*pictures)[1].boxes.empty());
}

TEST(BoxesFile, WiderFace) {
  const auto pictures = parse_boxes(
      "1--A/a.jpg\n2\n10 20 30 40 0 0 0 0 0 0 \n1 2 3 4 2 0 0 1 0 0\r\n1--A/b.jpg\n0\n0 0 0 0 0 0 0 0 0 0\n", "boxes");
  ASSERT_TRUE(pictures) << pictures.error().message;
  ASSERT_EQ(pictures->size(), 2U);
  ASSERT_EQ((*pictures)[0].boxes.size(), 2U);
  EXPECT_EQ((*pictures)[0].boxes[0].box, (image::Box{10, 20, 40, 60}));
  EXPECT_TRUE((*pictures)[0].boxes[1].ignored);
  EXPECT_TRUE((*pictures)[1].boxes.empty());
}

TEST(BoxesFile, BadLinesSayWhereWhatAndWhatCame) {
  EXPECT_EQ(boxes_error("\n\n"), "boxes: expected boxes in pictures, found nothing");
  EXPECT_EQ(boxes_error("image,x,y,w\n"),
            "boxes: line 1: expected a header with the columns image, x, y, w and h, found one without");
  EXPECT_EQ(boxes_error("image,x,y,w,h\na.jpg,1,2,3\n"), "boxes: line 2: expected 5 cells, as the header has, found 4");
  for (const char* number : {"x", "1e9", "nan", "inf", "", "1 "}) {
    EXPECT_EQ(boxes_error("image,x,y,w,h\na.jpg,1,2,3," + std::string(number) + "\n"),
              "boxes: line 2: expected four numbers for x, y, w and h, or all empty; found other text")
        << number;
  }
  EXPECT_EQ(boxes_error("image,x,y,w,h\n/a.jpg,1,2,3,4\n"),
            "boxes: line 2: expected the path of a picture inside the folder, found other text");
  EXPECT_EQ(boxes_error("\n\r\nimage,x,y,w,h\na.jpg,1,2,3\n"),
            "boxes: line 4: expected 5 cells, as the header has, found 4");
  EXPECT_EQ(boxes_error("\n../a.jpg\n"),
            "boxes: line 2: expected the path of a picture inside the folder, found other text");
  EXPECT_EQ(boxes_error("image,x,y,w,h\n"), "boxes: expected boxes in pictures, found none");
  EXPECT_EQ(boxes_error("a.jpg\nmany\n"),
            "boxes: line 2: expected the number of boxes of the picture before, found other text");
  EXPECT_EQ(boxes_error("a.jpg\n2\n1 2 3 4 0 0 0 0 0 0"), "boxes: line 3: expected 1 more boxes, found the end");
  EXPECT_EQ(boxes_error("a.jpg\n1\n1 2 3 4\n"),
            "boxes: line 3: expected x, y, w, h and six marks of a box, found other text");
  EXPECT_EQ(boxes_error("../a.jpg\n1\n1 2 3 4 0 0 0 0 0 0\n"),
            "boxes: line 1: expected the path of a picture inside the folder, found other text");
}

}  // namespace
}  // namespace facepipe::evaluate
