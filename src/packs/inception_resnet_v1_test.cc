#include "packs/inception_resnet_v1.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "base/temporary_folder.h"
#include "embed/embedder.h"
#include "image/test_pictures.h"
#include "packs/sources/inception_resnet_v1.h"
#include "packs/test_pack.h"
#include "packs/test_weights.h"

namespace facepipe::packs {
namespace {

using embed::Embedder;
using embed::Embedding;
using embed::kMinInputPx;
constexpr unsigned kSeed = 20161;

TEST(InceptionResnetV1, RunsWithAnyEmbeddingSizeAndInputSize) {
  const auto weights = testing::RandomWeights(kSeed).inception_resnet_v1(512);
  ASSERT_EQ(weights.size(), 602U);
  const auto canonical = weights::canonical_inception_resnet_v1(weights);
  ASSERT_TRUE(canonical) << canonical.error().message;
  const auto onnx = inception_resnet_v1_onnx(*canonical);
  ASSERT_TRUE(onnx) << onnx.error().message;
  const TemporaryFolder folder;
  const auto embedder = Embedder::load(testing::write_pack(folder.path(), *onnx, 512));
  ASSERT_TRUE(embedder) << embedder.error().message;
  EXPECT_EQ(embedder->embedding_size(), 512);
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

TEST(InceptionResnetV1, NamesATensorThatIsAbsent) {
  const auto onnx = inception_resnet_v1_onnx({});
  ASSERT_FALSE(onnx);
  EXPECT_EQ(onnx.error().code, ErrorCode::kInvalidData);
  EXPECT_EQ(onnx.error().message, "tensor 'last_linear.weight': is absent");
}

TEST(InceptionResnetV1, RefusesALastLayerOfAnotherRank) {
  const auto onnx = inception_resnet_v1_onnx({{"last_linear.weight", {{5}, {1, 2, 3, 4, 5}}}});
  ASSERT_FALSE(onnx);
  EXPECT_EQ(onnx.error().code, ErrorCode::kInvalidData);
  EXPECT_EQ(onnx.error().message,
            "tensor 'last_linear.weight': expected a matrix of 1 to 65536 rows, found 1 dimensions with a first extent "
            "of 5");
}

TEST(InceptionResnetV1, NamesTheFirstLayerThatDoesNotFit) {
  const auto onnx = inception_resnet_v1_onnx({{"last_linear.weight", {{1, 1792}, std::vector<float>(1792)}},
                                              {"conv2d_1a.conv.weight", {{32, 3, 3, 1}, std::vector<float>(288)}}});
  ASSERT_FALSE(onnx);
  EXPECT_EQ(onnx.error().code, ErrorCode::kInvalidData);
  EXPECT_EQ(onnx.error().message, "tensor 'conv2d_1a.conv.weight': expected shape [32,3,3,3], found [32,3,3,1]");
}

}  // namespace
}  // namespace facepipe::packs
