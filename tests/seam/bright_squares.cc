#include "bright_squares.h"

#include <charconv>
#include <string>

#include "base/file.h"

namespace facepipe::seam {
namespace {

class BrightSquares final : public detect::Detector {
 public:
  BrightSquares(int brightness, int min_side) : brightness_(brightness), min_side_(min_side) {}

  [[nodiscard]] Result<detect::Detection> detect(image::RgbView picture, const WorkLimit& limit) const override {
    detect::Detection found;
    for (int y = 0; y < picture.height; ++y) {
      FACEPIPE_TRY(limit.check("detection"));
      for (int x = 0; x < picture.width; ++x) {
        if (is_top_left(picture, x, y)) {
          add(picture, x, y, found);
        }
      }
    }
    detect::sort_largest_first(found.faces);
    return found;
  }
  [[nodiscard]] std::size_t memory(int, int) const override { return std::size_t{1} << 16U; }

 private:
  [[nodiscard]] bool bright(image::RgbView picture, int x, int y) const {
    if (x < 0 || y < 0 || x >= picture.width || y >= picture.height) {
      return false;
    }
    const std::uint8_t* pixel = picture.row(y) + 3 * x;
    return pixel[0] >= brightness_ && pixel[1] >= brightness_ && pixel[2] >= brightness_;
  }
  [[nodiscard]] bool is_top_left(image::RgbView picture, int x, int y) const {
    return bright(picture, x, y) && !bright(picture, x - 1, y) && !bright(picture, x, y - 1) &&
           bright(picture, x + 1, y) && bright(picture, x, y + 1);
  }
  void add(image::RgbView picture, int left, int top, detect::Detection& found) const {
    int right = left;
    while (bright(picture, right, top)) {
      ++right;
    }
    int bottom = top;
    while (bright(picture, left, bottom)) {
      ++bottom;
    }
    if (right - left < min_side_ || bottom - top < min_side_) {
      return;
    }
    const image::Box box{static_cast<float>(left), static_cast<float>(top), static_cast<float>(right),
                         static_cast<float>(bottom)};
    const auto at = [&box](float x, float y) {
      return image::Point{box.x1 + x * box.width(), box.y1 + y * box.height()};
    };
    found.faces.push_back({box, 1, {at(0.3F, 0.4F), at(0.7F, 0.4F), at(0.5F, 0.5F), at(0.4F, 0.7F), at(0.6F, 0.7F)}});
  }

  int brightness_;
  int min_side_;
};

Result<std::unique_ptr<const detect::Detector>> load_squares(const model::ModelPack& pack,
                                                             const detect::DetectorOptions& options) {
  FACEPIPE_ASSIGN(const MappedFile file, pack.map("detector"));
  const std::string_view text = as_text(file.bytes());
  int brightness = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), brightness).ec != std::errc()) {
    return Error{ErrorCode::kInvalidData, pack.file("detector").string() + ": expected a brightness"};
  }
  return std::unique_ptr<const detect::Detector>(std::make_unique<BrightSquares>(brightness, options.min_face_size_px));
}

}  // namespace

void add_bright_squares(detect::DetectorKinds& kinds) {
  kinds.add("bright-squares", load_squares);
}

}  // namespace facepipe::seam
