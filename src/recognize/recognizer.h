// Faces to names. Pure: no I/O, environment or clock after construction.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "embed/alignment.h"
#include "embed/embedder.h"
#include "gallery/gallery.h"
#include "model/model_pack.h"
#include "recognize/naming.h"
#include "recognize/probe.h"

namespace facepipe::recognize {

// The most faces of one run of the network: bounds its memory. More are embedded in several runs.
inline constexpr std::size_t kMaxFacesPerRun = 32;

// kMismatch unless the model can make embeddings comparable with the gallery's, in the gallery's own mode.
[[nodiscard]] Status check_model(const gallery::Gallery& gallery, const model::Manifest& manifest);

// One embedding a view, by one run of the network; where the preprocessing is mirrored the sum of the view's and of its
// mirror image's, brought to length 1, and the view's norm. The network's errors; kInternal if it gives another number.
[[nodiscard]] Result<std::vector<embed::MeasuredEmbedding>> run_network(const embed::Embedder& embedder,
                                                                        std::span<const image::RgbView> views,
                                                                        const model::Preprocessing& preprocessing);

// Embeds and names faces. Copies share the people, and who is made for cut faces. Const calls are thread-safe.
class FaceRecognizer {
 public:
  // check_model's errors; kUnsupported for a gallery of an alignment that is none of `alignments`. The
  // alignments outlive this.
  [[nodiscard]] static Result<FaceRecognizer> create(
      std::shared_ptr<const embed::Embedder> embedder, const model::Manifest& manifest, gallery::Gallery gallery,
      const embed::AlignmentKinds& alignments = embed::alignment_kinds());

  [[nodiscard]] const gallery::Gallery& gallery() const { return *gallery_; }
  // Counts up with each that is created, so that of two of one gallery's the one that knows it newer can be told; a
  // copy has its original's.
  [[nodiscard]] std::uint64_t number() const { return number_; }
  [[nodiscard]] const std::optional<NamingRule>& rule() const { return rule_; }
  // The distance up to which somebody is named: the rule's, or without one the gallery's own. Absent: always the
  // nearest.
  [[nodiscard]] std::optional<float> threshold() const {
    return rule_ ? std::optional(rule_->threshold) : gallery_->distance_threshold();
  }
  // The probe as small as it can be: the network's input, made now. recognize() answers as it would for `probe`.
  // make_input's errors.
  [[nodiscard]] Result<Probe> prepare(const Probe& probe) const;
  // Must it be aligned by its box where the gallery's alignment asks for landmarks? Such an embedding is a worse one.
  [[nodiscard]] bool lacks_landmarks(const Probe& probe) const {
    return recognize::lacks_landmarks(probe, gallery_->origin().preprocessing);
  }
  // One identity a probe, in order. The first probe that make_input refuses, or a failure of the network, fails all.
  [[nodiscard]] Result<std::vector<Identity>> recognize(std::span<const Probe> probes) const;
  // One embedding a probe in the gallery's mode. Errors as recognize.
  [[nodiscard]] Result<std::vector<embed::MeasuredEmbedding>> measure(std::span<const Probe> probes) const;
  // The same, without norms.
  [[nodiscard]] Result<std::vector<embed::Embedding>> embed(std::span<const Probe> probes) const;
  // By the rule of the gallery and its pack.
  [[nodiscard]] Result<Identity> identify(std::span<const float> embedding) const;

  // Makes another recogniser of the same people, for faces that the picture's edge cuts; nullopt: there is none.
  using ForCutFaces = std::function<std::optional<FaceRecognizer>(const gallery::Gallery& people)>;
  // cut_faces.h has the use of it. `make` runs when the first such face comes, once unless it throws, and is then let
  // go of.
  void set_for_cut_faces(ForCutFaces make);
  // Who is to name a face of that quality: this one, or of one that is_deeply_cut() the one that was made for those. As
  // long-lived as this. The two know faces by different networks: what one makes of a probe or an embedding is nothing
  // to the other.
  [[nodiscard]] const FaceRecognizer& for_face(const std::optional<Quality>& quality) const;
  // The one that was made for faces that are cut deep; this one where there is none.
  [[nodiscard]] const FaceRecognizer& for_cut_faces() const;

 private:
  struct CutFaces;
  FaceRecognizer(std::shared_ptr<const embed::Embedder> embedder, const model::Manifest& manifest,
                 gallery::Gallery gallery, const embed::AlignmentKinds& alignments, std::uint64_t number)
      : embedder_(std::move(embedder)),
        alignments_(&alignments),
        gallery_(std::make_shared<const gallery::Gallery>(std::move(gallery))),
        rule_(naming_rule(*gallery_, manifest)),
        number_(number) {}
  std::shared_ptr<const embed::Embedder> embedder_;
  const embed::AlignmentKinds* alignments_;
  std::shared_ptr<const gallery::Gallery> gallery_;
  std::optional<NamingRule> rule_;
  std::uint64_t number_;
  std::shared_ptr<CutFaces> cut_faces_;  // null: this one names them
};

}  // namespace facepipe::recognize
