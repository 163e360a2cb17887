#include "mean_colours.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "embed/normalise.h"

namespace facepipe::seam {
namespace {

class MeanColours final : public embed::Embedder {
 public:
  [[nodiscard]] Result<std::vector<embed::MeasuredEmbedding>> measure(
      std::span<const image::RgbView> crops, const model::Preprocessing& preprocessing) const override {
    const auto side = static_cast<std::size_t>(preprocessing.input_px);
    std::vector<float> planes(3 * side * side);
    std::vector<embed::MeasuredEmbedding> embeddings;
    for (const image::RgbView& crop : crops) {
      embed::normalise(crop, preprocessing, planes);
      embed::Embedding means;
      for (std::size_t channel = 0; channel < 3; ++channel) {
        const auto plane = std::span(planes).subspan(channel * side * side, side * side);
        means.push_back(std::accumulate(plane.begin(), plane.end(), 0.0F) / static_cast<float>(plane.size()));
      }
      const float norm = std::hypot(means[0], means[1], means[2]);
      std::transform(means.begin(), means.end(), means.begin(), [norm](float value) { return value / norm; });
      embeddings.push_back({std::move(means), norm});
    }
    return embeddings;
  }
};

Result<std::unique_ptr<const embed::Embedder>> load_means(const model::ModelPack& pack, const embed::EmbedderOptions&) {
  FACEPIPE_ASSIGN(const MappedFile file, pack.map("embedder"));
  if (as_text(file.bytes()) != "means") {
    return Error{ErrorCode::kInvalidData, pack.file("embedder").string() + ": expected means"};
  }
  return std::unique_ptr<const embed::Embedder>(std::make_unique<MeanColours>());
}

Result<image::RgbImage> align_by_eyes(image::RgbView picture, const image::Box&,
                                      const std::optional<image::Landmarks>& landmarks,
                                      const model::Preprocessing& preprocessing) {
  if (!landmarks) {
    return Error{ErrorCode::kInvalidData, "a face without landmarks"};
  }
  const auto& [left, right, nose, mouth_left, mouth_right] = *landmarks;
  const image::Point target = preprocessing.points[0];
  const float scale = (right.x - left.x) / (preprocessing.points[1].x - target.x);
  image::RgbImage input(preprocessing.input_px, preprocessing.input_px);
  for (int y = 0; y < input.height(); ++y) {
    for (int x = 0; x < input.width(); ++x) {
      const float from_x = left.x + (static_cast<float>(x) + 0.5F - target.x) * scale;
      const float from_y = left.y + (static_cast<float>(y) + 0.5F - target.y) * scale;
      const int column = std::clamp(static_cast<int>(from_x), 0, picture.width - 1);
      const int row = std::clamp(static_cast<int>(from_y), 0, picture.height - 1);
      std::copy_n(picture.row(row) + 3 * column, 3, input.row(y) + 3 * x);
    }
  }
  return input;
}

}  // namespace

void add_mean_colours(embed::EmbedderKinds& embedders, embed::AlignmentKinds& alignments) {
  embedders.add("mean-colours", load_means);
  alignments.add("eyes", align_by_eyes);
}

}  // namespace facepipe::seam
