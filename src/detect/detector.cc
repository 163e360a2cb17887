// Tested by mtcnn/mtcnn_test.cc.
#include "detect/detector.h"

#include <algorithm>

namespace facepipe::detect {
namespace {

double area_of(const Face& face) {
  return (static_cast<double>(face.box.x2) - static_cast<double>(face.box.x1)) *
         (static_cast<double>(face.box.y2) - static_cast<double>(face.box.y1));
}

}  // namespace

void sort_largest_first(std::vector<Face>& faces) {
  std::stable_sort(faces.begin(), faces.end(), [](const Face& a, const Face& b) { return area_of(a) > area_of(b); });
}

}  // namespace facepipe::detect
