// From the source picture to the network's input: the part of a model that a gallery depends on.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/result.h"
#include "image/geometry.h"

namespace facepipe::model {

// Kinds of alignment: embed/alignment.h.
inline constexpr std::string_view kBoxAlignment = "box";
inline constexpr std::string_view kLandmarksAlignment = "landmarks";  // needs Preprocessing::points

// The largest network input: 50 MB of float32 values. The networks of the field take 112 to 299.
inline constexpr int kMaxInputPx = 2048;

// (x - mean) / deviation of each byte x of the picture, in the float32 steps that this says; channel by channel, in the
// order in which the network takes them.
struct Normalisation {
  // True: mean and deviation are the crop's own, over all its values, the deviation at least 1/sqrt(count): David
  // Sandberg's facenet. The two below are then 0 and 1.
  bool whiten = false;
  std::array<float, 3> mean{};
  std::array<float, 3> deviation{1, 1, 1};  // above 0
  friend bool operator==(const Normalisation&, const Normalisation&) = default;

  static const Normalisation kUnit;    // x / 255
  static const Normalisation kFixed;   // (x - 127.5) / 128
  static const Normalisation kWhiten;  // see above
};
inline constexpr Normalisation Normalisation::kUnit{.deviation = {255, 255, 255}};
inline constexpr Normalisation Normalisation::kFixed{.mean = {127.5F, 127.5F, 127.5F}, .deviation = {128, 128, 128}};
inline constexpr Normalisation Normalisation::kWhiten{.whiten = true};
// "unit", "fixed", "whiten", or "mean [104,117,123.5] deviation [1,1,1]".
[[nodiscard]] std::string to_string(const Normalisation& normalisation);
// What to_string writes: one of the three names, or means and deviations of at most 1e6 each way, deviations above 0.
// kInvalidArgument quotes any other text.
[[nodiscard]] Result<Normalisation> parse_normalisation(std::string_view text);
// Is it one of the three that have a name?
[[nodiscard]] bool has_name(const Normalisation& normalisation);

enum class ColourOrder { kRgb, kBgr };                        // in which the network takes a pixel's channels
[[nodiscard]] std::string_view to_string(ColourOrder order);  // "rgb", "bgr"

// Two that do the same are equal but for their names.
struct Preprocessing {
  std::string mode;              // its name: "classic", "standard", "whitened" or a user's own
  int input_px = 160;            // side of the square network input
  int margin_px = 0;             // added around the box, in pixels of the input (facenet-pytorch's `margin`)
  bool min_max_stretch = false;  // stretch the crop to 0..255 before normalising, in the original's float steps
  Normalisation normalisation = Normalisation::kFixed;
  std::string alignment = std::string(kBoxAlignment);  // a kind of embed/alignment.h
  // Where an alignment brings the landmarks, in pixels of the input; all 0 for kinds that do not ask where they are.
  image::Landmarks points{};
  ColourOrder colour_order = ColourOrder::kRgb;
  // The embedding of a face is the sum of its input's and of that input's mirror image, brought to length 1.
  bool mirrored = false;
  friend bool operator==(const Preprocessing&, const Preprocessing&) = default;
};

// Do both make the same pixels? The name of a mode says nothing about the embeddings; what it does, does.
[[nodiscard]] bool same_pixels(Preprocessing a, const Preprocessing& b);

// "classic": 240, margin 0, stretched, unit: what the Python original does; its .pt galleries match only this.
// "standard": 160, margin 0, fixed: what facenet-pytorch documents.
// "whitened": 160, margin 32, whiten: the best measured for the default weights (docs/numerics.md).
// kNotFound naming the known modes otherwise.
[[nodiscard]] Result<Preprocessing> known_mode(std::string_view name);

}  // namespace facepipe::model
