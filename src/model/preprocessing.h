// From the source picture to the network's input: the part of a model that a gallery depends on.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace facepipe::model {

// The largest network input: 50 MB of float32 values. The networks of the field take 112 to 299.
inline constexpr int kMaxInputPx = 2048;

enum class Normalisation {
  kUnit,    // x / 255
  kFixed,   // (x - 127.5) / 128
  kWhiten,  // (x - mean) / max(std, 1/sqrt(count)) over the whole crop: David Sandberg's facenet
};
[[nodiscard]] std::string_view to_string(Normalisation normalisation);  // "unit", "fixed", "whiten"
[[nodiscard]] Result<Normalisation> parse_normalisation(std::string_view text);

struct Preprocessing {
  std::string mode;              // its name: "classic", "standard", "whitened" or a user's own
  int input_px = 160;            // side of the square network input
  int margin_px = 0;             // added around the box, in pixels of the input (facenet-pytorch's `margin`)
  bool min_max_stretch = false;  // stretch the crop to 0..255 before normalising, in the original's float steps
  Normalisation normalisation = Normalisation::kFixed;
  friend bool operator==(const Preprocessing&, const Preprocessing&) = default;
};

// "classic": 240, margin 0, stretched, unit: what the Python original does; its .pt galleries match only this.
// "standard": 160, margin 0, fixed: what facenet-pytorch documents.
// "whitened": 160, margin 32, whiten: the best measured for the default weights (docs/numerics.md).
// kNotFound naming the known modes otherwise.
[[nodiscard]] Result<Preprocessing> known_mode(std::string_view name);

}  // namespace facepipe::model
