// An 8-bit RGB picture and a view of one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "image/geometry.h"

namespace facepipe::image {

// Read-only view of interleaved R,G,B bytes. Does not own the pixels and must not outlive them.
struct RgbView {
  const std::uint8_t* pixels = nullptr;
  int width = 0;
  int height = 0;
  std::ptrdiff_t stride_bytes = 0;  // from a row's first byte to the next row's

  [[nodiscard]] bool empty() const { return width <= 0 || height <= 0; }
  [[nodiscard]] const std::uint8_t* row(int y) const { return pixels + y * stride_bytes; }
  // The part inside `rect`, which must lie within the picture.
  [[nodiscard]] RgbView crop(const Rect& rect) const {
    return {row(rect.top) + static_cast<std::ptrdiff_t>(rect.left) * 3, rect.width(), rect.height(), stride_bytes};
  }
};

// Owns its pixels, rows without padding. Move-only: copy with clone(), so that a copy is always seen.
class RgbImage {
 public:
  RgbImage() = default;
  // Black; width and height >= 0 and within DecodeLimits (the caller has checked).
  RgbImage(int width, int height)
      : width_(width),
        height_(height),
        pixels_(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3) {}
  RgbImage(RgbImage&&) noexcept = default;
  RgbImage& operator=(RgbImage&&) noexcept = default;
  RgbImage(const RgbImage&) = delete;
  RgbImage& operator=(const RgbImage&) = delete;

  [[nodiscard]] static RgbImage clone(RgbView view);

  [[nodiscard]] int width() const { return width_; }
  [[nodiscard]] int height() const { return height_; }
  [[nodiscard]] std::size_t stride_bytes() const { return static_cast<std::size_t>(width_) * 3; }
  [[nodiscard]] std::uint8_t* row(int y) { return pixels_.data() + static_cast<std::size_t>(y) * stride_bytes(); }
  [[nodiscard]] const std::uint8_t* row(int y) const {
    return pixels_.data() + static_cast<std::size_t>(y) * stride_bytes();
  }
  [[nodiscard]] const std::vector<std::uint8_t>& pixels() const { return pixels_; }
  [[nodiscard]] RgbView view() const& {
    return {pixels_.data(), width_, height_, static_cast<std::ptrdiff_t>(stride_bytes())};
  }
  RgbView view() && = delete;  // the view would dangle

 private:
  int width_ = 0;
  int height_ = 0;
  std::vector<std::uint8_t> pixels_;
};

}  // namespace facepipe::image
