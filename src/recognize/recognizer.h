// Bytes to faces to names. Pure: no I/O, environment or clock after construction.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "detect/detector.h"
#include "embed/embedder.h"
#include "gallery/gallery.h"
#include "image/decode.h"

namespace facepipe::recognize {

// What a face is called.
struct Identity {
  std::string name;  // a person's name, or "unknown"
  bool known = false;
  std::optional<float> distance;  // to the nearest person; absent for an empty gallery
  std::string second_name;        // runner-up, empty if there is none
  std::optional<float> second_distance;
};
inline constexpr std::string_view kUnknown = "unknown";

// A cut-out of a frame that still holds what any preprocessing mode needs, with the box it is about.
struct SourceCrop {
  image::RgbImage pixels;
  image::Box box;  // in pixels of `pixels`
};

struct SourceCropOptions {
  // Room around the box, as a share of its longer side: covers the margin of every known mode
  // (32 px of 160: 32/128/2 = 0.125 a side) with some to spare.
  float margin_share = 0.2F;
  // A crop with a longer side is shrunk to it.
  int max_side_px = 512;
};

// Cuts `face.box` with its surroundings out of `frame`. Empty pixels for a degenerate box.
[[nodiscard]] SourceCrop cut_source_crop(image::RgbView frame, const image::Box& box,
                                         const SourceCropOptions& options = {});

// A probe for recognition: a picture and the face's box in it, or a ready crop of the original's detector.
struct Probe {
  image::RgbImage pixels;
  std::optional<image::Box> box;  // absent: `pixels` is the whole face crop (the original's 240x240)
};

// Embeds and names faces in one run.
class FaceRecognizer {
 public:
  // `gallery` must be compatible with the pack in its own mode (kMismatch otherwise, both named). The embedder is
  // shared and outlives this.
  [[nodiscard]] static Result<FaceRecognizer> create(const embed::Embedder& embedder, const nn::Manifest& manifest,
                                                     gallery::Gallery gallery);

  [[nodiscard]] const gallery::Gallery& gallery() const { return gallery_; }
  // One identity a probe, in order.
  [[nodiscard]] Result<std::vector<Identity>> recognize(std::span<const Probe> probes) const;
  // One embedding a probe in the gallery's mode.
  [[nodiscard]] Result<std::vector<embed::Embedding>> embed(std::span<const Probe> probes) const;
  [[nodiscard]] Result<Identity> identify(const embed::Embedding& embedding) const;

 private:
  FaceRecognizer(const embed::Embedder& embedder, gallery::Gallery gallery);
  const embed::Embedder* embedder_;
  gallery::Gallery gallery_;
};

}  // namespace facepipe::recognize
