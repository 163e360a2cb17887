#include "packs/sources/mtcnn.h"

#include <gtest/gtest.h>

#include <string>

#include "weights/test_data.h"

namespace facepipe::weights {
namespace {

Tensor zeros(std::vector<std::int64_t> shape) {
  std::size_t count = 1;
  for (const std::int64_t extent : shape) {
    count *= static_cast<std::size_t>(extent);
  }
  return {std::move(shape), std::vector<float>(count)};
}

StateDict pnet() {
  return {{"conv1.weight", zeros({10, 3, 3, 3})},
          {"conv1.bias", zeros({10})},
          {"prelu1.weight", zeros({10})},
          {"conv2.weight", zeros({16, 10, 3, 3})},
          {"conv2.bias", zeros({16})},
          {"prelu2.weight", zeros({16})},
          {"conv3.weight", zeros({32, 16, 3, 3})},
          {"conv3.bias", zeros({32})},
          {"prelu3.weight", zeros({32})},
          {"conv4_1.weight", zeros({2, 32, 1, 1})},
          {"conv4_1.bias", zeros({2})},
          {"conv4_2.weight", zeros({4, 32, 1, 1})},
          {"conv4_2.bias", zeros({4})}};
}

StateDict rnet() {
  return {{"conv1.weight", zeros({28, 3, 3, 3})},
          {"conv1.bias", zeros({28})},
          {"prelu1.weight", zeros({28})},
          {"conv2.weight", zeros({48, 28, 3, 3})},
          {"conv2.bias", zeros({48})},
          {"prelu2.weight", zeros({48})},
          {"conv3.weight", zeros({64, 48, 2, 2})},
          {"conv3.bias", zeros({64})},
          {"prelu3.weight", zeros({64})},
          {"dense4.weight", zeros({128, 576})},
          {"dense4.bias", zeros({128})},
          {"prelu4.weight", zeros({128})},
          {"dense5_1.weight", zeros({2, 128})},
          {"dense5_1.bias", zeros({2})},
          {"dense5_2.weight", zeros({4, 128})},
          {"dense5_2.bias", zeros({4})}};
}

StateDict onet() {
  return {{"conv1.weight", zeros({32, 3, 3, 3})},
          {"conv1.bias", zeros({32})},
          {"prelu1.weight", zeros({32})},
          {"conv2.weight", zeros({64, 32, 3, 3})},
          {"conv2.bias", zeros({64})},
          {"prelu2.weight", zeros({64})},
          {"conv3.weight", zeros({64, 64, 3, 3})},
          {"conv3.bias", zeros({64})},
          {"prelu3.weight", zeros({64})},
          {"conv4.weight", zeros({128, 64, 2, 2})},
          {"conv4.bias", zeros({128})},
          {"prelu4.weight", zeros({128})},
          {"dense5.weight", zeros({256, 1152})},
          {"dense5.bias", zeros({256})},
          {"prelu5.weight", zeros({256})},
          {"dense6_1.weight", zeros({2, 256})},
          {"dense6_1.bias", zeros({2})},
          {"dense6_2.weight", zeros({4, 256})},
          {"dense6_2.bias", zeros({4})},
          {"dense6_3.weight", zeros({10, 256})},
          {"dense6_3.bias", zeros({10})}};
}

TEST(Mtcnn, JoinsTheThreeNetworks) {
  StateDict p = pnet();
  p.at("conv1.weight").values[0] = 5.0F;
  const auto joined = canonical_mtcnn(p, rnet(), onet());
  ASSERT_TRUE(joined) << error_of(joined);
  EXPECT_EQ(joined->size(), 50U);
  EXPECT_EQ(joined->at("pnet.conv1.weight").values[0], 5.0F);
  EXPECT_EQ(joined->at("rnet.dense4.weight").shape, (std::vector<std::int64_t>{128, 576}));
  EXPECT_EQ(joined->at("onet.dense6_3.bias").shape, std::vector<std::int64_t>{10});
}

TEST(Mtcnn, NamesWhatIsWrong) {
  StateDict p = pnet();
  p.erase("conv3.bias");
  p["fc.weight"] = zeros({1});
  p["conv1.weight"] = zeros({10, 3, 5, 5});
  EXPECT_EQ(error_of(canonical_mtcnn(p, rnet(), onet())),
            "the tensors are not those of P-Net; missing: 'conv3.bias'; misshapen: 'conv1.weight' [10,3,5,5], expected "
            "[10,3,3,3]; unknown: 'fc.weight'");
}

TEST(Mtcnn, NoticesSwappedFiles) {
  const auto swapped = canonical_mtcnn(pnet(), onet(), rnet());
  ASSERT_FALSE(swapped);
  EXPECT_EQ(swapped.error().code, ErrorCode::kInvalidData);
  EXPECT_EQ(swapped.error().message.substr(0, 72),
            "the tensors are not those of R-Net; missing: 'dense4.weight', 'dense4.bi");
  EXPECT_NE(swapped.error().message.find("and 1 more"), std::string::npos) << swapped.error().message;
}

}  // namespace
}  // namespace facepipe::weights
