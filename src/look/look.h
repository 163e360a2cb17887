// A picture looked at: which faces are in it, and who they are. Nothing is kept.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/memory_budget.h"
#include "base/result.h"
#include "base/work_limit.h"
#include "detect/detector.h"
#include "embed/embedder.h"
#include "image/decode.h"
#include "image/image.h"
#include "recognize/quality.h"
#include "recognize/recognizer.h"

namespace facepipe::look {

enum class Depth {
  kDetect,     // boxes alone
  kEmbed,      // and embeddings
  kRecognize,  // and who they are
};

// Somebody of the gallery, whether or not near enough to be named.
struct NearPerson {
  gallery::PersonId id{};
  std::string name;
  float distance = 0;
};

struct SeenFace {
  detect::Face face;                            // in pixels of the picture, upright
  std::optional<recognize::Quality> quality;    // where the gallery has a rule; not of kDetect
  std::optional<recognize::Identity> identity;  // kRecognize
  std::vector<NearPerson> nearest;              // kRecognize, LookOptions::nearest: the nearest first
  std::optional<embed::Embedding> embedding;    // kEmbed; kRecognize where it is asked for: by the gallery's network
};

struct Sight {
  int width = 0;  // of the picture, upright
  int height = 0;
  std::vector<SeenFace> faces;     // the largest first
  std::optional<float> threshold;  // kRecognize: up to which distance somebody is named
  bool incomplete = false;         // there were more candidates for faces than are looked at
};

struct LookOptions {
  Depth depth = Depth::kRecognize;
  std::size_t max_faces = 100;  // more are left out, the smallest first
  std::size_t nearest = 0;      // people told for each face, at most recognize::kCandidates
  bool embeddings = false;      // with kRecognize
  // kEmbed: by the network for cut faces, where there is one (recognize/cut_faces.h).
  bool by_network_for_cut_faces = false;
};

// Two pictures, each by its largest face; by the network for cut faces, where there is one and either face is cut.
struct Comparison {
  SeenFace first;
  SeenFace second;
  float distance = 0;                // Euclidean
  std::optional<float> threshold;    // of a gallery with one person; absent: there is none
  std::optional<float> probability;  // that the two are one person, by the pack's decision
  bool same = false;                 // by the gallery's threshold
};

// Thread-safe. `detector` and `memory` outlive it.
class Looker {
 public:
  using CurrentRecognizer = std::function<Result<std::shared_ptr<const recognize::FaceRecognizer>>()>;
  struct Parts {
    const detect::Detector& detector;
    CurrentRecognizer recognizer;  // empty: Depth::kDetect alone
    image::DecodeOptions decode;
    WorkMemory* memory = nullptr;  // that a picture is decoded and looked at in; null: as much as it needs
  };
  explicit Looker(Parts parts) : parts_(std::move(parts)) {}

  // One encoded picture (JPEG, PNG, WebP). Errors of image::decode_image, of detection and of the network;
  // kUnsupported for a depth that there are no parts for; kExhausted without memory; the limit's.
  [[nodiscard]] Result<Sight> look(ByteView encoded, const LookOptions& options, const WorkLimit& limit = {}) const;
  // The same of pixels that the caller has.
  [[nodiscard]] Result<Sight> look(image::RgbView picture, const LookOptions& options,
                                   const WorkLimit& limit = {}) const;
  // kNotFound where one of them has no face, saying which.
  [[nodiscard]] Result<Comparison> compare(ByteView first, ByteView second, const WorkLimit& limit = {}) const;

 private:
  [[nodiscard]] Status recognize(image::RgbView picture, const LookOptions& options, const WorkLimit& limit,
                                 Sight& sight) const;

  Parts parts_;
};

// How sure a distance is, on the scale of the APIs that this project did not make, whose clients hold it against fixed
// bounds: at least kAcceptedLikeness for a face that is told to be somebody and at most kRejectedLikeness for one that
// is not; falling with the distance. `threshold`: up to which somebody is named; absent: always.
inline constexpr float kAcceptedLikeness = 0.85F;
inline constexpr float kRejectedLikeness = 0.35F;
[[nodiscard]] float likeness(float distance, std::optional<float> threshold, bool accepted);

}  // namespace facepipe::look
