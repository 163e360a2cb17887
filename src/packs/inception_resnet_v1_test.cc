#include "packs/inception_resnet_v1.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "base/temporary_folder.h"
#include "embed/onnx_embedder.h"
#include "image/test_pictures.h"
#include "packs/sources/inception_resnet_v1.h"
#include "packs/test_pack.h"
#include "packs/test_weights.h"

namespace facepipe::packs {
namespace {

using embed::Embedding;
using embed::OnnxEmbedder;
constexpr unsigned kSeed = 20161;

TEST(InceptionResnetV1, RunsWithAnyEmbeddingSizeAndInputSize) {
  const auto weights = testing::RandomWeights(kSeed).inception_resnet_v1(512);
  ASSERT_EQ(weights.size(), 602U);
  const auto canonical = weights::canonical_inception_resnet_v1(weights);
  ASSERT_TRUE(canonical) << canonical.error().message;
  const auto graph = inception_resnet_v1_graph(*canonical);
  ASSERT_TRUE(graph) << graph.error().message;
  const TemporaryFolder folder;
  const auto embedder = OnnxEmbedder::load(testing::write_pack(folder.path(), write_onnx(*graph), 512));
  ASSERT_TRUE(embedder) << embedder.error().message;
  for (const int side : {kMinInputPx, 160}) {
    model::Preprocessing preprocessing = *model::known_mode("standard");
    preprocessing.input_px = side;
    const image::RgbImage first = image::testing::random_picture(1, side, side);
    const image::RgbImage second = image::testing::random_picture(2, side, side);
    const std::vector<image::RgbView> crops{first.view(), second.view(), first.view()};
    const auto embeddings = embedder->embed(crops, preprocessing);
    ASSERT_TRUE(embeddings) << embeddings.error().message;
    ASSERT_EQ(embeddings->size(), 3U);
    for (const Embedding& embedding : *embeddings) {
      ASSERT_EQ(embedding.size(), 512U);
      const float squares = std::inner_product(embedding.begin(), embedding.end(), embedding.begin(), 0.0F);
      EXPECT_NEAR(squares, 1.0F, 1e-5F);
    }
    EXPECT_NE((*embeddings)[0], (*embeddings)[1]);
  }
}

TEST(InceptionResnetV1, NamesWeightsThatAreNotFinite) {
  auto weights = testing::RandomWeights(kSeed).inception_resnet_v1(8);
  weights["mixed_6a.branch0.bn.running_var"].values[5] = -1.0F;
  const auto graph = inception_resnet_v1_graph(weights);
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().code, ErrorCode::kInvalidData);
  EXPECT_EQ(graph.error().message,
            "tensor 'mixed_6a.branch0.conv.weight': with its batch norm, scale and bias makes values that are not "
            "finite");
}

}  // namespace
}  // namespace facepipe::packs
