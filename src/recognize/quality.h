// How much of a face can be told, and what is wrong with it. The limits were measured: docs/accuracy.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/norm_limits.h"
#include "recognize/probe.h"

namespace facepipe::recognize {

enum class Flaw {
  kUncertain,  // the detector is not sure that it is a face
  kSmall,
  kBlurred,
  kDark,
  kBright,
  kFlat,    // hardly any contrast: fog, a face against the light
  kCut,     // the face or its surroundings lie outside the picture
  kTurned,  // to the side
  kWeak,    // the network makes little of it: much of it covered, or no face (model/norm_limits.h)
};
// "likely not a face", "too small", "blurred", "too dark", "too bright", "no contrast", "cut by the edge", "turned
// away", "weak embedding"
[[nodiscard]] std::string_view to_string(Flaw flaw);
// The flaw of those words; nothing for others.
[[nodiscard]] std::optional<Flaw> parse_flaw(std::string_view words);

struct Quality {
  float score = 1;          // 0..1, the worst of all that was looked at; 0.5 and less: with a flaw
  bool usable = true;       // false: whoever is named for it is named by chance. score is 0
  std::vector<Flaw> flaws;  // in the order of Flaw
  float outside = 0;        // the share of the box with its surroundings that lies outside the picture
};
// Is Flaw::kCut among the flaws?
[[nodiscard]] bool is_cut(const Quality& quality);
// Is it cut so deep that a network for such faces is to know it (recognizer.h)? docs/decisions/0021
[[nodiscard]] bool is_deeply_cut(const Quality& quality);
// "too small, blurred"; empty without flaws.
[[nodiscard]] std::string describe(const Quality& quality);

// May a gallery learn the face? Where it can be told, and is not Flaw::kWeak: the weak embeddings of different people
// are alike, so that one in a gallery draws strangers to it.
[[nodiscard]] bool may_be_enrolled(const Quality& quality);

// What is known of a face beside its pixels.
struct FaceFacts {
  std::optional<float> confidence;       // of its detection
  std::optional<float> shorter_side_px;  // of its box in the frame; absent: as it is in the probe
};

// Looks at what there is: a probe without a box has its light and sharpness alone, one without landmarks is never
// turned. The pixels outside its picture count as outside the frame. Thread-safe.
[[nodiscard]] Quality assess(const Probe& probe, const FaceFacts& facts);

// Adds what the network's answer says of a face: `norm` as embed::MeasuredEmbedding has it, the limits its pack's.
// Nothing where one of them is absent.
void add_norm(std::optional<float> norm, const std::optional<model::NormLimits>& limits, Quality& quality);

}  // namespace facepipe::recognize
