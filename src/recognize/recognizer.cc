// Tested by recognizer_test.cc and pipeline_golden_test.cc.
#include "recognize/recognizer.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <iterator>
#include <mutex>
#include <utility>

#include "image/orientation.h"

namespace facepipe::recognize {

Status check_model(const gallery::Gallery& gallery, const model::Manifest& manifest) {
  return gallery.check_compatible({manifest.model_id, gallery.origin().preprocessing, manifest.embedding_size});
}

namespace {

constexpr int kMirrored = 2;  // as EXIF has it

Result<std::vector<embed::MeasuredEmbedding>> embed_each(const embed::Embedder& embedder,
                                                         std::span<const image::RgbView> views,
                                                         const model::Preprocessing& preprocessing) {
  auto embeddings = embedder.measure(views, preprocessing);
  if (embeddings && embeddings->size() != views.size()) {
    return Error{ErrorCode::kInternal, "the network gave " + std::to_string(embeddings->size()) + " embeddings for " +
                                           std::to_string(views.size()) + " faces"};
  }
  return embeddings;
}

// `sum` becomes that of both, of length 1; opposite ones are left 0.
void add_and_normalise(embed::Embedding& sum, const embed::Embedding& other) {
  std::ranges::transform(sum, other, sum.begin(), std::plus());
  double square = 0;
  for (const float value : sum) {
    square += double{value} * double{value};
  }
  const auto length = static_cast<float>(std::sqrt(square));
  if (length > 0) {
    std::ranges::for_each(sum, [length](float& value) { value /= length; });
  }
}

}  // namespace

Result<std::vector<embed::MeasuredEmbedding>> run_network(const embed::Embedder& embedder,
                                                          std::span<const image::RgbView> views,
                                                          const model::Preprocessing& preprocessing) {
  if (!preprocessing.mirrored) {
    return embed_each(embedder, views, preprocessing);
  }
  std::vector<image::RgbImage> mirror_images;
  std::vector<image::RgbView> both(views.begin(), views.end());
  for (const image::RgbView& view : views) {
    mirror_images.push_back(image::apply_orientation(image::RgbImage::clone(view), kMirrored));
    both.push_back(mirror_images.back().view());
  }
  FACEPIPE_ASSIGN(auto embeddings, embed_each(embedder, both, preprocessing));
  for (std::size_t i = 0; i < views.size(); ++i) {
    embed::Embedding& own = embeddings[i].embedding;
    const embed::Embedding& mirrored = embeddings[views.size() + i].embedding;
    if (own.size() != mirrored.size()) {
      return Error{ErrorCode::kInternal, "the network gave embeddings of two sizes"};
    }
    add_and_normalise(own, mirrored);
  }
  embeddings.resize(views.size());
  return embeddings;
}

struct FaceRecognizer::CutFaces {
  ForCutFaces make;
  std::once_flag once;
  std::optional<FaceRecognizer> recognizer;
};

void FaceRecognizer::set_for_cut_faces(ForCutFaces make) {
  cut_faces_ = std::make_shared<CutFaces>();
  cut_faces_->make = std::move(make);
}

const FaceRecognizer& FaceRecognizer::for_face(const std::optional<Quality>& quality) const {
  return quality && is_deeply_cut(*quality) ? for_cut_faces() : *this;
}

const FaceRecognizer& FaceRecognizer::for_cut_faces() const {
  if (cut_faces_ == nullptr) {
    return *this;
  }
  std::call_once(cut_faces_->once, [this] {
    cut_faces_->recognizer = cut_faces_->make(*gallery_);
    cut_faces_->make = nullptr;  // not before: one that threw (memory ran out) is asked again for the next face
  });
  return cut_faces_->recognizer ? *cut_faces_->recognizer : *this;
}

Result<FaceRecognizer> FaceRecognizer::create(std::shared_ptr<const embed::Embedder> embedder,
                                              const model::Manifest& manifest, gallery::Gallery gallery,
                                              const embed::AlignmentKinds& alignments) {
  FACEPIPE_TRY(check_model(gallery, manifest));
  FACEPIPE_TRY(alignments.find(gallery.origin().preprocessing.alignment));
  static std::atomic<std::uint64_t> created = 0;
  return FaceRecognizer(std::move(embedder), manifest, std::move(gallery), alignments, ++created);
}

Result<Probe> FaceRecognizer::prepare(const Probe& probe) const {
  FACEPIPE_ASSIGN(image::RgbImage input, make_input(probe, gallery_->origin().preprocessing, *alignments_));
  Probe prepared{std::move(input), std::nullopt};
  prepared.is_input = true;
  return prepared;
}

Result<std::vector<embed::Embedding>> FaceRecognizer::embed(std::span<const Probe> probes) const {
  FACEPIPE_ASSIGN(std::vector<embed::MeasuredEmbedding> measured, measure(probes));
  return embed::without_norms(std::move(measured));
}

Result<std::vector<embed::MeasuredEmbedding>> FaceRecognizer::measure(std::span<const Probe> probes) const {
  std::vector<embed::MeasuredEmbedding> embeddings;
  for (std::size_t start = 0; start < probes.size(); start += kMaxFacesPerRun) {
    std::vector<image::RgbImage> inputs;
    std::vector<image::RgbView> views;
    for (const Probe& probe : probes.subspan(start, std::min(kMaxFacesPerRun, probes.size() - start))) {
      FACEPIPE_ASSIGN(image::RgbImage input, make_input(probe, gallery_->origin().preprocessing, *alignments_));
      inputs.push_back(std::move(input));
      views.push_back(inputs.back().view());  // the pixels stay where they are when `inputs` grows
    }
    FACEPIPE_ASSIGN(auto run, run_network(*embedder_, views, gallery_->origin().preprocessing));
    std::move(run.begin(), run.end(), std::back_inserter(embeddings));
  }
  return embeddings;
}

Result<Identity> FaceRecognizer::identify(std::span<const float> embedding) const {
  return recognize::identify(*gallery_, rule_, embedding);
}

Result<std::vector<Identity>> FaceRecognizer::recognize(std::span<const Probe> probes) const {
  FACEPIPE_ASSIGN(const auto embeddings, embed(probes));
  std::vector<Identity> identities;
  identities.reserve(embeddings.size());
  for (const embed::Embedding& embedding : embeddings) {
    FACEPIPE_ASSIGN(Identity identity, identify(embedding));
    identities.push_back(std::move(identity));
  }
  return identities;
}

}  // namespace facepipe::recognize
