#include "annotate.h"

#include <algorithm>
#include <system_error>

#include "base/file.h"
#include "base/text.h"
#include "image/draw.h"
#include "image/encode.h"

namespace facepipe::app {
namespace {

// One spelling of a file, also of one that does not exist yet.
std::string one_spelling(const std::filesystem::path& file) {
  std::error_code error;
  const std::filesystem::path whole = std::filesystem::weakly_canonical(file, error);
  return lower((error ? file.lexically_normal() : whole).string());
}

constexpr image::Color kBoxColor{0, 200, 0};
constexpr image::Color kTextColor{255, 255, 255};
constexpr int kJpegQuality = 92;

// A name in white on a bar of the box's colour, above the box where there is room, else inside it.
void draw_label(image::RgbImage& picture, const Label& label, int scale) {
  const int pad = scale * 2;
  const int width = image::text_width_px(label.name, scale) + 2 * pad;
  const int height = image::text_height_px(scale) + 2 * pad;
  const int left = static_cast<int>(std::clamp(label.box.x1, 0.0F, static_cast<float>(picture.width())));
  const int box_top = static_cast<int>(std::clamp(label.box.y1, 0.0F, static_cast<float>(picture.height())));
  const int top = box_top >= height ? box_top - height : box_top;
  image::fill_rect(picture, {left, top, left + width, top + height}, kBoxColor);
  image::draw_text(picture, left + pad, top + pad, label.name, kTextColor, scale);
}

}  // namespace

void UniqueNames::reserve(const std::filesystem::path& file) {
  taken_.insert(one_spelling(file));
}

std::filesystem::path UniqueNames::take(const std::filesystem::path& stem, std::string_view suffix) {
  for (int number = 1;; ++number) {
    std::filesystem::path name = stem;
    name += (number == 1 ? "" : "-" + std::to_string(number)) + std::string(suffix);
    if (taken_.insert(one_spelling(name)).second) {
      return name;
    }
  }
}

Status write_annotated(image::RgbView picture, std::span<const Label> labels, const std::filesystem::path& target) {
  image::RgbImage drawn = image::RgbImage::clone(picture);
  // A line that can be seen on a picture of any size.
  const int scale = std::clamp(std::max(drawn.width(), drawn.height()) / 500, 1, 8);
  for (const Label& label : labels) {
    image::draw_box(drawn, label.box, kBoxColor, scale + 1);
    if (!label.name.empty()) {
      draw_label(drawn, label, scale);
    }
  }
  FACEPIPE_ASSIGN(const Bytes encoded, image::encode_jpeg(drawn.view(), kJpegQuality));
  std::error_code error;
  std::filesystem::create_directories(target.parent_path(), error);
  if (error) {
    return Error{ErrorCode::kPermission, "cannot make " + target.parent_path().string() + ": " + error.message()};
  }
  return write_file_atomically(target, encoded);
}

std::vector<std::filesystem::path> annotated_names(const std::filesystem::path& folder,
                                                   std::span<const client::FrameFile> files) {
  UniqueNames names;
  for (const client::FrameFile& file : files) {
    names.reserve(file.path);
  }
  std::vector<std::filesystem::path> targets;
  targets.reserve(files.size());
  for (const client::FrameFile& file : files) {
    targets.push_back(names.take(folder / file.relative, ".jpg"));
  }
  return targets;
}

}  // namespace facepipe::app
