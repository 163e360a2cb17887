#include "packs/sources/keras_hdf5.h"

#include <gtest/gtest.h>

#include <string>

#include "weights/test_data.h"

namespace facepipe::weights {
namespace {

using Shape = std::vector<std::int64_t>;
using Values = std::vector<float>;

TEST(KerasHdf5, ReadsEveryWeight) {
  const auto tensors = read_keras_hdf5(test_file("keras.h5"));
  ASSERT_TRUE(tensors) << error_of(tensors);
  EXPECT_EQ(tensors->size(), 13U);
  EXPECT_EQ(tensors->at("conv/kernel").shape, (Shape{1, 2, 3, 4}));
  EXPECT_EQ(tensors->at("conv/kernel").values[23], 23.0F);
  EXPECT_EQ(tensors->at("conv/bias").values, (Values{0.5F, -0.5F}));       // float64 in the file
  EXPECT_EQ(tensors->at("act/alpha").values, (Values{1.0F, 2.0F, 3.0F}));  // compact
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(tensors->at("norm/w" + std::to_string(i)).values, Values{static_cast<float>(i)});
  }
}

TEST(KerasHdf5, ReadsAFileOfSaveWeights) {
  const auto tensors = read_keras_hdf5(test_file("keras_weights_only.h5"));
  ASSERT_TRUE(tensors) << error_of(tensors);
  EXPECT_EQ(tensors->size(), 1U);
  EXPECT_EQ(tensors->at("dense/kernel").shape, (Shape{2, 2}));
}

TEST(KerasHdf5, RefusesOtherKindsByName) {
  const auto error = [](const char* name) { return error_of(read_keras_hdf5(test_file(name))); };
  EXPECT_EQ(error("chunked.h5"),
            "layer 'a', 'w:0': HDF5: a chunked or virtual dataset, expected a contiguous or compact one");
  EXPECT_EQ(error("integer.h5"), "layer 'a', 'w:0': HDF5: a dataset of integer type, expected floating-point");
  EXPECT_EQ(error("big_endian.h5"), "layer 'a', 'w:0': HDF5: big-endian values, expected little-endian");
  EXPECT_EQ(error("float16.h5"),
            "layer 'a', 'w:0': HDF5: floating-point values of 2 bytes, expected IEEE float32 or float64");
  EXPECT_EQ(error("soft_link.h5"), "HDF5: member 'v:0' is a soft link");
  EXPECT_EQ(error("latest.h5"), "HDF5: superblock version 3, expected 0 (h5py's default)");
  EXPECT_EQ(read_keras_hdf5(test_file("chunked.h5")).error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(error("state_zip.pt"), "HDF5: the signature is missing");
}

TEST(KerasHdf5, KeepsToTheLimits) {
  const Bytes file = test_file("keras.h5");
  EXPECT_EQ(error_of(read_keras_hdf5(file, {.max_file_bytes = 1000})),
            "a weights file of 19000 bytes, at most 1000 are read");
  EXPECT_EQ(error_of(read_keras_hdf5(file, {.max_tensor_values = 38})),
            "tensor 'act/alpha' of 3 values: more than 38 values in all tensors together");
  EXPECT_EQ(error_of(read_keras_hdf5(file, {.max_entries = 5})),
            "layer 'norm', 'w0:0': HDF5: more than 80 nodes, messages and links");
  EXPECT_EQ(error_of(read_keras_hdf5(file, {.max_depth = 1})), "HDF5: groups are nested deeper than 1");
}

bool reads_keras(ByteView file) {
  return read_keras_hdf5(file, {.max_tensor_values = 10'000}).has_value();
}

TEST(KerasHdf5, SurvivesTruncation) {
  EXPECT_EQ(accepted_prefixes(test_file("keras_weights_only.h5"), reads_keras), 0U);
  const Bytes file = test_file("keras.h5");
  EXPECT_FALSE(reads_keras(ByteView(file).first(file.size() / 2)));
}

TEST(KerasHdf5, SurvivesChangedBytes) {
  read_with_changed_bytes(test_file("keras.h5"), reads_keras, 3);
  read_with_changed_bytes(test_file("keras_weights_only.h5"), reads_keras);
  EXPECT_TRUE(reads_keras(test_file("keras.h5")));
}

}  // namespace
}  // namespace facepipe::weights
