// Against tests/data/weights/inception_resnet_v1.txt: the names and shapes that facenet-pytorch and Keras have.
#include "packs/sources/inception_resnet_v1.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "weights/test_data.h"

namespace facepipe::weights {
namespace {

using Shape = std::vector<std::int64_t>;

// Tensors of one vocabulary. Without values where only names and shapes matter: 23 million floats otherwise.
StateDict listed(const std::string& vocabulary, bool with_values) {
  const Bytes file = test_file("inception_resnet_v1.txt");
  std::istringstream lines{std::string(as_text(file))};
  StateDict tensors;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string kind;
    std::string name;
    words >> kind >> name;
    Tensor tensor;
    std::size_t count = 1;
    for (std::int64_t extent = 0; words >> extent;) {
      tensor.shape.push_back(extent);
      count *= static_cast<std::size_t>(extent);
    }
    if (kind == vocabulary) {
      tensor.values.resize(with_values ? count : 0);
      tensors.emplace(name, std::move(tensor));
    }
  }
  return tensors;
}

TEST(InceptionResnetV1, TakesFacenetPytorchsNamesAndDropsTheClassifier) {
  StateDict torch = listed("torch", false);
  ASSERT_EQ(torch.size(), 604U);
  const auto canonical = canonical_inception_resnet_v1(torch);
  ASSERT_TRUE(canonical) << error_of(canonical);
  EXPECT_EQ(canonical->size(), 602U);
  EXPECT_EQ(embedding_size(*canonical), 512);
  EXPECT_FALSE(canonical->contains("logits.weight"));
  torch.erase("logits.weight");
  torch.erase("logits.bias");
  for (const auto& [name, tensor] : torch) {
    ASSERT_TRUE(canonical->contains(name)) << name;
    EXPECT_EQ(canonical->at(name).shape, tensor.shape) << name;
  }
}

TEST(InceptionResnetV1, DropsACommonPrefix) {
  StateDict prefixed;
  for (auto& [name, tensor] : listed("torch", false)) {
    prefixed.emplace("module." + name, tensor);
  }
  const auto canonical = canonical_inception_resnet_v1(prefixed);
  ASSERT_TRUE(canonical) << error_of(canonical);
  EXPECT_EQ(canonical->size(), 602U);
  EXPECT_TRUE(canonical->contains("conv2d_1a.conv.weight"));
  prefixed.emplace("other.weight", Tensor{});
  EXPECT_EQ(error_of(canonical_inception_resnet_v1(prefixed)),
            "the tensors are not those of Inception-ResNet v1; unknown: 'other.weight'");
}

TEST(InceptionResnetV1, ConvertsKeras) {
  StateDict keras = listed("keras", true);
  ASSERT_EQ(keras.size(), 490U);
  // [H,W,I,O] of 3x3x3x32: height 1, width 2, input 0, output 31. [I,O] of 1792x128: input 3, output 5.
  keras.at("Conv2d_1a_3x3/kernel").values[((1 * 3 + 2) * 3 + 0) * 32 + 31] = 7.0F;
  keras.at("Block17_3_Branch_1_Conv2d_0c_7x1/kernel").values[(6 * 128 + 1) * 128 + 2] = 8.0F;
  keras.at("Bottleneck/kernel").values[3 * 128 + 5] = 9.0F;
  keras.at("Block8_6_Conv2d_1x1/bias").values[4] = 10.0F;
  keras.at("Bottleneck_BatchNorm/moving_variance").values[6] = 11.0F;
  const auto canonical = canonical_inception_resnet_v1(keras);
  ASSERT_TRUE(canonical) << error_of(canonical);
  EXPECT_EQ(canonical->size(), 602U);
  EXPECT_EQ(embedding_size(*canonical), 128);
  EXPECT_EQ(canonical->at("conv2d_1a.conv.weight").shape, (Shape{32, 3, 3, 3}));
  EXPECT_EQ(canonical->at("conv2d_1a.conv.weight").values[((31 * 3 + 0) * 3 + 1) * 3 + 2], 7.0F);
  EXPECT_EQ(canonical->at("repeat_2.2.branch1.2.conv.weight").values[(2 * 128 + 1) * 7 + 6], 8.0F);
  EXPECT_EQ(canonical->at("last_linear.weight").values[5 * 1792 + 3], 9.0F);
  EXPECT_EQ(canonical->at("block8.conv2d.bias").values[4], 10.0F);
  EXPECT_EQ(canonical->at("last_bn.running_var").values[6], 11.0F);
  EXPECT_EQ(canonical->at("conv2d_1a.bn.weight").values, std::vector<float>(32, 1.0F));
}

TEST(InceptionResnetV1, NamesWhatIsWrong) {
  StateDict torch = listed("torch", false);
  torch.erase("block8.conv2d.bias");
  torch["extra"] = {};
  torch["mixed_6a.branch0.bn.bias"] = {{383}, {}};
  EXPECT_EQ(error_of(canonical_inception_resnet_v1(torch)),
            "the tensors are not those of Inception-ResNet v1; missing: 'block8.conv2d.bias'; misshapen: "
            "'mixed_6a.branch0.bn.bias' [383], expected [384]; unknown: 'extra'");
  torch = listed("torch", false);
  torch["last_bn.bias"] = {{128}, {}};
  EXPECT_EQ(error_of(canonical_inception_resnet_v1(torch)),
            "the tensors are not those of Inception-ResNet v1: 'last_bn.bias' has shape [128], expected [512] as "
            "'last_linear.weight' has it");
  torch["last_linear.weight"] = {{1792}, {}};
  EXPECT_EQ(
      error_of(canonical_inception_resnet_v1(torch)),
      "the tensors are not those of Inception-ResNet v1; misshapen: 'last_linear.weight' [1792], expected [D,1792]");
}

TEST(InceptionResnetV1, RefusesAnotherNetwork) {
  const auto other = canonical_inception_resnet_v1({{"conv1.weight", {}}});
  EXPECT_EQ(error_of(other),
            "not Inception-ResNet v1: neither 'conv2d_1a.conv.weight' (facenet-pytorch) nor 'Conv2d_1a_3x3/kernel' "
            "(Keras) is among the 1 tensors");
  EXPECT_EQ(other.error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(embedding_size({}), 0);
}

}  // namespace
}  // namespace facepipe::weights
