// An embedder for tests: a function in place of the network.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "embed/embedder.h"

namespace facepipe::embed::testing {

class TestEmbedder final : public Embedder {
 public:
  using Function = std::function<Result<std::vector<Embedding>>(std::span<const image::RgbView> crops,
                                                                const model::Preprocessing& preprocessing)>;

  explicit TestEmbedder(Function embed) : embed_(std::move(embed)) {}
  [[nodiscard]] Result<std::vector<Embedding>> embed(std::span<const image::RgbView> crops,
                                                     const model::Preprocessing& preprocessing) const override {
    return embed_(crops, preprocessing);
  }

 private:
  Function embed_;
};

[[nodiscard]] inline std::shared_ptr<const Embedder> test_embedder(TestEmbedder::Function embed) {
  return std::make_shared<TestEmbedder>(std::move(embed));
}

}  // namespace facepipe::embed::testing
