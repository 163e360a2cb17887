// An embedder for tests: a function in place of the network.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "embed/embedder.h"

namespace facepipe::embed::testing {

class TestEmbedder final : public Embedder {
 public:
  using Function = std::function<Result<std::vector<Embedding>>(std::span<const image::RgbView> crops,
                                                                const model::Preprocessing& preprocessing)>;

  explicit TestEmbedder(Function embed) : embed_(std::move(embed)) {}
  // Every face's, from now on.
  void set_norm(float norm) { norm_ = norm; }
  [[nodiscard]] Result<std::vector<MeasuredEmbedding>> measure(
      std::span<const image::RgbView> crops, const model::Preprocessing& preprocessing) const override {
    FACEPIPE_ASSIGN(std::vector<Embedding> embeddings, embed_(crops, preprocessing));
    std::vector<MeasuredEmbedding> measured;
    for (Embedding& embedding : embeddings) {
      measured.push_back({std::move(embedding), norm_});
    }
    return measured;
  }

 private:
  Function embed_;
  std::optional<float> norm_;
};

[[nodiscard]] inline std::shared_ptr<const Embedder> test_embedder(TestEmbedder::Function embed) {
  return std::make_shared<TestEmbedder>(std::move(embed));
}

}  // namespace facepipe::embed::testing
