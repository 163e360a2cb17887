// Who names the faces that the picture's edge cuts: a second network of the pack, against the gallery's companion.
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "base/result.h"
#include "embed/embedder.h"
#include "gallery/gallery.h"
#include "model/model_pack.h"
#include "recognize/recognizer.h"

namespace facepipe::recognize {

// A pack's network for cut faces, loaded when it is first asked for: most programs never see such a face. Thread-safe.
class CutFaceNetwork {
 public:
  // Null for a pack without one.
  [[nodiscard]] static std::shared_ptr<const CutFaceNetwork> of(const model::ModelPack& pack,
                                                                const embed::EmbedderOptions& options = {});
  CutFaceNetwork(model::ModelPack pack, const embed::EmbedderOptions& options)
      : pack_(std::move(pack)), options_(options) {}

  [[nodiscard]] const model::Manifest& manifest() const { return pack_.manifest(); }
  // Errors of embed::load_embedder, of every call anew.
  [[nodiscard]] Result<std::shared_ptr<const embed::Embedder>> embedder() const;
  // Prepares and embeds probes for a companion; its gallery is an empty one's. Errors as embedder().
  [[nodiscard]] Result<std::shared_ptr<const FaceRecognizer>> without_people() const;

 private:
  model::ModelPack pack_;
  embed::EmbedderOptions options_;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const embed::Embedder> embedder_;  // guarded by mutex_
};

// The gallery's companion (gallery/known_people.h); kNotFound: there is none.
using LoadCompanion = std::function<Result<gallery::Gallery>()>;

// From now on for_face() of `recognizer` gives one by `network` and the companion for cut faces, where both can be
// loaded, agree with its gallery, and have a naming rule. Both are loaded when the first such face comes, once; why
// they are not used, other than that there is no companion, `failed` is told. Nothing happens without a network, or
// where the gallery has no naming rule.
void name_cut_faces(FaceRecognizer& recognizer, std::shared_ptr<const CutFaceNetwork> network, LoadCompanion companion,
                    std::function<void(const Error&)> failed);

}  // namespace facepipe::recognize
