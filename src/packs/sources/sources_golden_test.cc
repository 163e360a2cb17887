// The real files: facenet-pytorch's MTCNN weights and facenet_keras.h5. Expected digests were made with torch.load of
// PyTorch 2, and for Inception-ResNet v1 from a facenet-pytorch module that h5py's arrays had been loaded into.
#include <gtest/gtest.h>

#include <span>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/hash.h"
#include "packs/sources/inception_resnet_v1.h"
#include "packs/sources/keras_hdf5.h"
#include "packs/sources/mtcnn.h"
#include "weights/readers.h"

namespace facepipe::weights {
namespace {

Bytes model(const std::string& name) {
  Result<Bytes> file = read_file(FACEPIPE_SOURCE_DIR "/.cache/models/" + name, std::size_t{256} << 20U);
  EXPECT_TRUE(file.has_value()) << file.error().message;
  return file ? *std::move(file) : Bytes{};
}

// SHA-256 of each name, a zero byte and the values, in order of names.
std::string digest(const StateDict& tensors) {
  Bytes all;
  for (const auto& [name, tensor] : tensors) {
    const ByteView text = as_bytes(name);
    all.insert(all.end(), text.begin(), text.end());
    all.push_back(std::byte{0});
    const auto values = std::as_bytes(std::span(tensor.values));
    all.insert(all.end(), values.begin(), values.end());
  }
  return sha256_hex(all);
}

using Shape = std::vector<std::int64_t>;

TEST(WeightsGolden, ReadsPnet) {
  const Result<StateDict> tensors = read_torch(model("pnet.pt"));
  ASSERT_TRUE(tensors) << tensors.error().message;
  EXPECT_EQ(tensors->size(), 13U);
  EXPECT_EQ(tensors->at("conv1.weight").shape, (Shape{10, 3, 3, 3}));
  EXPECT_EQ(tensors->at("prelu3.weight").shape, Shape{32});
  EXPECT_EQ(tensors->at("conv4_2.weight").shape, (Shape{4, 32, 1, 1}));
  EXPECT_EQ(digest(*tensors), "f039fc738b5903be42e83b29c6188b2c25acc70b7cc9635dd090204419333cbe");
}

TEST(WeightsGolden, ReadsRnet) {
  const Result<StateDict> tensors = read_torch(model("rnet.pt"));
  ASSERT_TRUE(tensors) << tensors.error().message;
  EXPECT_EQ(tensors->size(), 16U);
  EXPECT_EQ(tensors->at("dense4.weight").shape, (Shape{128, 576}));
  EXPECT_EQ(digest(*tensors), "3f6d2ec7f99339b5a5d1d4dbc7e089fc40dec6b5bf63b4c2cc91f0f759a95b53");
}

TEST(WeightsGolden, ReadsOnet) {
  const Result<StateDict> tensors = read_torch(model("onet.pt"));
  ASSERT_TRUE(tensors) << tensors.error().message;
  EXPECT_EQ(tensors->size(), 21U);
  EXPECT_EQ(tensors->at("dense6_3.bias").shape, Shape{10});
  EXPECT_EQ(digest(*tensors), "c8921336d8214bf1dfdace000cedf3b807c7bb69633130a82811ef479ceabd12");
}

TEST(WeightsGolden, JoinsMtcnn) {
  const Result<StateDict> joined =
      canonical_mtcnn(*read_torch(model("pnet.pt")), *read_torch(model("rnet.pt")), *read_torch(model("onet.pt")));
  ASSERT_TRUE(joined) << joined.error().message;
  EXPECT_EQ(joined->size(), 50U);
  EXPECT_FLOAT_EQ(joined->at("pnet.conv1.weight").values[0], -0.08164715766906738F);
  EXPECT_FLOAT_EQ(joined->at("rnet.conv1.weight").values[1], 0.018869930878281593F);
  EXPECT_FLOAT_EQ(joined->at("onet.conv1.weight").values[2], 0.21208827197551727F);
}

TEST(WeightsGolden, ReadsKerasFacenet) {
  const Result<StateDict> keras = read_keras_hdf5(model("facenet_keras.h5"));
  ASSERT_TRUE(keras) << keras.error().message;
  EXPECT_EQ(keras->size(), 490U);
  EXPECT_EQ(keras->at("Conv2d_1a_3x3/kernel").shape, (Shape{3, 3, 3, 32}));
  EXPECT_EQ(keras->at("Block17_10_Branch_1_Conv2d_0b_1x7/kernel").shape, (Shape{1, 7, 128, 128}));
  EXPECT_EQ(keras->at("Bottleneck/kernel").shape, (Shape{1792, 128}));
  EXPECT_EQ(keras->at("Block8_6_Conv2d_1x1/bias").shape, Shape{1792});

  const Result<StateDict> canonical = canonical_inception_resnet_v1(*keras);
  ASSERT_TRUE(canonical) << canonical.error().message;
  EXPECT_EQ(canonical->size(), 602U);
  EXPECT_EQ(embedding_size(*canonical), 128);
  EXPECT_EQ(canonical->at("last_linear.weight").shape, (Shape{128, 1792}));
  EXPECT_EQ(digest(*canonical), "1a4719a9de97d12ddcabc5b21c53fb651d13ce8487a98c0e66f92a7ffaceef31");
}

}  // namespace
}  // namespace facepipe::weights
