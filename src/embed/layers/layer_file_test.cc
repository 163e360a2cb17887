#include "embed/layers/layer_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "embed/layers/test_chain.h"
#include "weights/tensor_file.h"

namespace facepipe::embed::layers {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using testing::TestChain;

std::string error_of(ByteView bytes) {
  const auto read = read_layers(bytes);
  return read ? "no error" : read.error().message;
}

TEST(LayerFile, ReadsWhatItWrites) {
  TestChain chain;
  const Bytes bytes = write_layers(chain.layers());
  const auto read = read_layers(bytes);
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->size(), chain.layers().size());
  for (std::size_t i = 0; i < read->size(); ++i) {
    SCOPED_TRACE(i);
    const Layer& found = (*read)[i];
    const Layer& expected = chain.layers()[i];
    EXPECT_EQ(found.kind, expected.kind);
    EXPECT_EQ(found.out_side, expected.out_side);
    EXPECT_EQ(found.out_channels, expected.out_channels);
    EXPECT_EQ(found.add, expected.add);
    EXPECT_THAT(found.weights, ElementsAreArray(expected.weights));
    EXPECT_THAT(found.bias, ElementsAreArray(expected.bias));
    EXPECT_THAT(found.factors, ElementsAreArray(expected.factors));
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(found.weights.data()) % 64,
              reinterpret_cast<std::uintptr_t>(bytes.data()) % 64)
        << "on a cache line of the file";
  }
  EXPECT_EQ(write_layers(*read), bytes);
}

// The chain's file, in which the layer at `place` says `value` of `field`.
Bytes spoilt(std::size_t place, const std::string& field, const std::string& value) {
  TestChain chain;
  auto file = weights::read_tensor_file(write_layers(chain.layers()));
  EXPECT_TRUE(file);
  std::string& text = file->metadata["layers"];
  std::size_t at = 0;
  for (std::size_t i = 0; i <= place; ++i) {
    at = text.find("\"kind\"", at + 1);
  }
  at = text.find("\"" + field + "\":", at) + field.size() + 3;
  text.replace(at, text.find_first_of(",}", at) - at, value);
  return weights::write_tensor_file(*file);
}

TEST(LayerFile, WhatCannotBeRunIsRefusedByItsPlace) {
  EXPECT_THAT(error_of(spoilt(1, "in_side", "7")),
              HasSubstr("layer 1: expected an input of side 6 and 16 channels, got 7 and 16"));
  EXPECT_THAT(error_of(spoilt(2, "out_side", "5")), HasSubstr("layer 2: expected a pointwise layer to keep"));
  EXPECT_THAT(error_of(spoilt(4, "add", "3")), HasSubstr("layer 4: adds an output of another size"));
  EXPECT_THAT(error_of(spoilt(4, "add", "4")), HasSubstr("'[4].add' must be"));
  EXPECT_THAT(error_of(spoilt(5, "stride", "8")), HasSubstr("layer 5: its output reaches past its input"));
  EXPECT_THAT(error_of(spoilt(5, "stride", "9")), HasSubstr("'[5].stride' must be"));
  EXPECT_THAT(error_of(spoilt(5, "pad", "3")), HasSubstr("'[5].pad' must be"));
  EXPECT_THAT(error_of(spoilt(0, "out_side", "1024")), HasSubstr("layer 0: its output reaches past its input"));
  EXPECT_THAT(error_of(spoilt(0, "out_channels", "8192")), HasSubstr("tensor '000.weights': expected [512,27,16]"));
  EXPECT_THAT(error_of(spoilt(0, "out_channels", "24")), HasSubstr("layer 0: expected a multiple of 16 channels"));
  EXPECT_THAT(error_of(spoilt(0, "kind", "\"pointwise\"")), HasSubstr("layer 0: expected a convolution as the first"));
  EXPECT_THAT(error_of(spoilt(3, "kind", "\"convolution\"")),
              HasSubstr("layer 3: expected a convolution as the first"));
  EXPECT_THAT(error_of(spoilt(3, "kind", "\"pooling\"")), HasSubstr("'[3].kind' must be"));
  EXPECT_THAT(error_of(spoilt(1, "out_channels", "32")), HasSubstr("layer 1: expected a depthwise layer to keep"));
  EXPECT_THAT(error_of(spoilt(1, "kernel", "5")), HasSubstr("tensor '001.weights': expected [5,5,16], got [3,3,16]"));
  EXPECT_THAT(error_of(spoilt(0, "activated", "false")), HasSubstr("the file holds tensors of no layer"));
  EXPECT_THAT(error_of(spoilt(2, "activated", "true")), HasSubstr("tensor '002.factors': expected [16], got none"));
}

TEST(LayerFile, WhatMakesTooMuchIsRefused) {
  // 1,024 x 1,024 pixels of 32 channels: 128 MiB out of a file of 4 KiB.
  weights::TensorFile file;
  file.metadata["layers"] =
      R"([{"kind":"convolution","in_side":1024,"in_channels":3,"out_side":1024,"out_channels":32,"kernel":1,)"
      R"("stride":1,"pad":0,"activated":false}])";
  EXPECT_THAT(error_of(weights::write_tensor_file(file)), HasSubstr("layer 0: makes more than 16777216 values"));
}

TEST(LayerFile, OtherFilesAreRefused) {
  weights::TensorFile file;
  EXPECT_THAT(error_of(weights::write_tensor_file(file)), HasSubstr("expected a tensor file that says its layers"));
  file.metadata["layers"] = "[]";
  EXPECT_THAT(error_of(weights::write_tensor_file(file)), HasSubstr("expected 1 to 512 layers, got 0"));
  file.metadata["layers"] = "{";
  EXPECT_THAT(error_of(weights::write_tensor_file(file)), HasSubstr("expected JSON"));
  TestChain chain;
  Bytes cut = write_layers(chain.layers());
  cut.pop_back();
  EXPECT_THAT(error_of(cut), HasSubstr("tensor file: the data has"));
}

}  // namespace
}  // namespace facepipe::embed::layers
