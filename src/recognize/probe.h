// Pictures of faces on their way to the network: cut out of a frame, and brought to a mode's input.
#pragma once

#include <cstddef>
#include <optional>

#include "base/result.h"
#include "detect/detector.h"
#include "detect/face.h"
#include "embed/alignment.h"
#include "image/decode.h"
#include "image/image.h"
#include "model/preprocessing.h"

namespace facepipe::recognize {

// A cut-out of a frame that still holds what any preprocessing mode needs, with the box it is about.
struct SourceCrop {
  image::RgbImage pixels;
  image::Box box;  // in pixels of `pixels`
};

struct SourceCropOptions {
  // Room around the box, as a share of its longer side: covers the margin of every known mode
  // (32 px of 160: 32/128/2 = 0.125 a side) with some to spare. A mode with a margin of its own needs at least
  // margin_px / (input_px - margin_px) / 2.
  float margin_share = 0.2F;
  // A crop with a longer side is shrunk to it.
  int max_side_px = 512;
};

// Is there a whole pixel of `picture` inside `box`? Without one there is no face to cut out. False for a box that is
// not finite.
[[nodiscard]] bool has_pixels(const image::Box& box, image::RgbView picture);

// Cuts a face with its surroundings out of `frame`: the box with its room and, if it has landmarks of a face, all that
// an alignment by them shows (embed::aligned_part); whole pixels, clipped to the frame. As long as it is not shrunk and
// margin_share covers the mode's margin, every alignment gives the same pixels from the crop, its box and the moved
// landmarks as from the frame. Empty pixels without has_pixels.
[[nodiscard]] SourceCrop cut_source_crop(image::RgbView frame, const image::Box& box,
                                         const std::optional<image::Landmarks>& landmarks = std::nullopt,
                                         const SourceCropOptions& options = {});

// The same crop with its longer side at most `max_side_px` >= 1, the box scaled with it.
[[nodiscard]] SourceCrop shrink_source_crop(const SourceCrop& crop, int max_side_px);

// Points of a picture in another of the same face, whose box lies in the one as `from` and in the other as `to`: a
// frame and a source crop of it. Of points whole numbers are the centres of pixels, of boxes their edges.
[[nodiscard]] image::Landmarks move_landmarks(const image::Landmarks& landmarks, const image::Box& from,
                                              const image::Box& to);

// A probe for recognition, told apart by `box`:
// - with a box (a cut-out, FaceMessage::crop "source"; or a whole picture): the crop of the gallery's mode is made from
//   it, stretched where the mode stretches;
// - without one (a ready crop of the original's detector, FaceMessage::crop absent or "classic"): `pixels` are the
//   network's input already. They are resized if their size is not the mode's, and never stretched (again). Where the
//   mode aligns by more than a box, the whole crop is the box; a square one is brought back to a box's usual shape
//   first (embed::kMeanBoxAspect).
struct Probe {
  image::RgbImage pixels;
  std::optional<image::Box> box;                   // in pixels of `pixels`
  std::optional<image::Landmarks> landmarks = {};  // the same; absent where the detector told none
  bool is_input = false;                           // `pixels` are what make_input has made of it
};

// Must `probe` be aligned by its box although `preprocessing` asks for landmarks?
[[nodiscard]] bool lacks_landmarks(const Probe& probe, const model::Preprocessing& preprocessing);

// A face of `picture` with everything around it that cut_source_crop keeps, never shrunk: its embedding is that of the
// picture itself. Without pixels where cut_source_crop gives none.
[[nodiscard]] Probe cut_probe(image::RgbView picture, const detect::Face& face);
// Bytes that it takes at most to decode a picture, find its faces and cut them out, one at a time: the picture, a face
// of it as large as it is, and what detection holds; or what decoding does.
[[nodiscard]] std::size_t probing_memory(const image::ImageInfo& picture, bool apply_exif_orientation,
                                         const detect::Detector& detector);

// The square picture of preprocessing.input_px that Embedder::embed takes. kInvalidData for a probe without pixels or
// with a box that has no whole pixel inside them (box and size are named); kUnsupported for an alignment that is none
// of `alignments`, and its own errors.
[[nodiscard]] Result<image::RgbImage> make_input(const Probe& probe, const model::Preprocessing& preprocessing,
                                                 const embed::AlignmentKinds& alignments = embed::alignment_kinds());

}  // namespace facepipe::recognize
