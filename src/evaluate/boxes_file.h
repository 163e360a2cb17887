// Lists of true boxes of faces in pictures.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "evaluate/detection_score.h"

namespace facepipe::evaluate {

struct BoxedPicture {
  std::string picture;  // path inside the folder of pictures
  std::vector<TrueBox> boxes;
};

// Two formats, told apart by the first line:
// - CSV with a header that names "image" (or "path"), "x", "y", "w" and "h", in any order and among others: a row a
// box,
//   left top corner and size in pixels. A row with these four empty says that the picture has no face. A column
//   "invalid" or "ignore" with 1 marks a box that is neither to be found nor wrong to be found.
// - WIDER FACE (shuoyang1213.me/WIDERFACE, wider_face_*_bbx_gt.txt): a line with the picture, one with the number of
//   boxes, and a line for each: x, y, w, h, blur, expression, illumination, invalid, occlusion, pose. A picture without
//   a box has the number 0 and a line of zeros.
// A box without width or height is left out, as WIDER FACE has some. Pictures in the order in which they come first.
// `context` is the file's name. kInvalidData names the line, what was expected there and what was found.
[[nodiscard]] Result<std::vector<BoxedPicture>> parse_boxes(std::string_view text, std::string_view context);

}  // namespace facepipe::evaluate
