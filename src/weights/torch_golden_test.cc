// The real files: facenet-pytorch's MTCNN weights. Expected digests were made with torch.load of PyTorch 2.
#include <gtest/gtest.h>

#include <string>

#include "base/file.h"
#include "base/hash.h"
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

TEST(TorchGolden, ReadsPnet) {
  const Bytes file = model("pnet.pt");
  EXPECT_EQ(detect_format(file).value(), WeightsFormat::kTorchLegacy);
  const Result<StateDict> tensors = read_torch(file);
  ASSERT_TRUE(tensors) << tensors.error().message;
  EXPECT_EQ(tensors->size(), 13U);
  EXPECT_EQ(tensors->at("conv1.weight").shape, (Shape{10, 3, 3, 3}));
  EXPECT_EQ(tensors->at("prelu3.weight").shape, Shape{32});
  EXPECT_EQ(tensors->at("conv4_2.weight").shape, (Shape{4, 32, 1, 1}));
  EXPECT_EQ(digest(*tensors), "f039fc738b5903be42e83b29c6188b2c25acc70b7cc9635dd090204419333cbe");
}

TEST(TorchGolden, ReadsRnet) {
  const Result<StateDict> tensors = read_torch(model("rnet.pt"));
  ASSERT_TRUE(tensors) << tensors.error().message;
  EXPECT_EQ(tensors->size(), 16U);
  EXPECT_EQ(tensors->at("dense4.weight").shape, (Shape{128, 576}));
  EXPECT_EQ(digest(*tensors), "3f6d2ec7f99339b5a5d1d4dbc7e089fc40dec6b5bf63b4c2cc91f0f759a95b53");
}

TEST(TorchGolden, ReadsOnet) {
  const Result<StateDict> tensors = read_torch(model("onet.pt"));
  ASSERT_TRUE(tensors) << tensors.error().message;
  EXPECT_EQ(tensors->size(), 21U);
  EXPECT_EQ(tensors->at("dense6_3.bias").shape, Shape{10});
  EXPECT_EQ(digest(*tensors), "c8921336d8214bf1dfdace000cedf3b807c7bb69633130a82811ef479ceabd12");
}

}  // namespace
}  // namespace facepipe::weights
