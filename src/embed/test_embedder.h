// An embedder for tests: a function in place of the network.
#pragma once

#include <deque>
#include <functional>
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

// One that lives as long as the program: for what keeps a reference to it. Not thread-safe.
[[nodiscard]] inline const Embedder& test_embedder(TestEmbedder::Function embed) {
  static std::deque<TestEmbedder> kept;
  return kept.emplace_back(std::move(embed));
}

}  // namespace facepipe::embed::testing
