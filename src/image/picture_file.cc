// Tested by picture_file_test.cc.
#include "image/picture_file.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

#include "base/text.h"

namespace facepipe::image {
namespace {

constexpr std::size_t kBeginningBytes = 64;
constexpr std::array<std::string_view, 6> kPictureExtensions = {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp"};

}  // namespace

PictureKind picture_kind_of_file(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) {
    return PictureKind::kNone;
  }
  const std::string extension = lower(file.extension().string());
  if (std::find(kPictureExtensions.begin(), kPictureExtensions.end(), extension) != kPictureExtensions.end()) {
    return PictureKind::kReadable;
  }
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    return PictureKind::kReadable;
  }
  std::array<char, kBeginningBytes> beginning{};
  in.read(beginning.data(), beginning.size());
  return picture_kind(as_bytes(std::string_view(beginning.data(), static_cast<std::size_t>(in.gcount()))));
}

}  // namespace facepipe::image
