// Small HDF5 files that ask for much: what is read of them stays within a small multiple of their size.
#include <gtest/gtest.h>

#include <string>

#include "packs/sources/hdf5.h"
#include "packs/sources/keras_hdf5.h"
#include "packs/sources/test_hdf5.h"
#include "weights/byte_writer.h"
#include "weights/test_data.h"

namespace facepipe::weights {
namespace {

using testing::dataset_object;
using testing::file_of;
using testing::group_object;
using testing::TestMember;

constexpr std::string_view kThreeNames("a\0b\0c\0", 6);
constexpr std::size_t kRootAt = testing::kSuperblockBytes;

// The root group's three members are one and the same layer, `layer_of(its address)`.
template <typename LayerOf>
Bytes three_times(const LayerOf& layer_of) {
  const std::size_t root_bytes = group_object(kRootAt, kThreeNames, std::vector<TestMember>(3)).size();
  const std::size_t layer_at = kRootAt + root_bytes;
  ByteWriter out;
  out.bytes(group_object(kRootAt, kThreeNames, {{0, layer_at}, {2, layer_at}, {4, layer_at}}));
  out.bytes(layer_of(layer_at));
  return file_of(std::move(out).take());
}

// One dataset under many names.
TEST(Hdf5Hostile, SharedDataAreBoundedByTheFile) {
  constexpr std::uint64_t kValues = 400'000;
  const auto layer_of = [](std::uint64_t values) {
    return [values](std::size_t at) {
      const Bytes group = group_object(at, std::string_view("w\0", 2), {{0, 0}});
      const std::size_t dataset_at = at + group.size();
      const std::size_t object_bytes = dataset_object(values, 0).size();
      ByteWriter out;
      out.bytes(group_object(at, std::string_view("w\0", 2), {{0, dataset_at}}));
      out.bytes(dataset_object(values, dataset_at + object_bytes)).zeros(4 * kValues);
      return std::move(out).take();
    };
  };
  const auto few = read_keras_hdf5(three_times(layer_of(10)));  // which is no harm
  ASSERT_TRUE(few) << error_of(few);
  EXPECT_EQ(few->size(), 3U);
  EXPECT_TRUE(read_keras_hdf5(three_times(layer_of(kValues)))) << "less than one value for each byte";
  const Bytes shared = three_times([](std::size_t at) {
    const std::string_view names("u\0v\0w\0", 6);
    const std::size_t dataset_at = at + group_object(at, names, std::vector<TestMember>(3)).size();
    const std::size_t object_bytes = dataset_object(kValues, 0).size();
    ByteWriter out;
    out.bytes(group_object(at, names, {{0, dataset_at}, {2, dataset_at}, {4, dataset_at}}));
    out.bytes(dataset_object(kValues, dataset_at + object_bytes)).zeros(4 * kValues);
    return std::move(out).take();
  });
  const std::string error = error_of(read_keras_hdf5(shared));
  EXPECT_NE(error.find(" of 400000 values: more than " + std::to_string(shared.size()) + " values in all"),
            std::string::npos)
      << error;
}

// A tree whose children are all the same node.
TEST(Hdf5Hostile, ASharedNodeIsNotReadForEver) {
  const std::string_view name("w\0", 2);
  const Bytes file = file_of(group_object(kRootAt, name, std::vector<TestMember>(100, {0, kRootAt}), 2000));
  EXPECT_EQ(error_of(read_keras_hdf5(file)), "HDF5: groups and messages of more than twice the file's " +
                                                 std::to_string(file.size()) +
                                                 " bytes: they refer to each other, or lie over one another");
}

// A group that is its own member many times over.
TEST(Hdf5Hostile, ACycleOfGroupsEnds) {
  const std::string_view name("w\0", 2);
  const Bytes file = file_of(group_object(kRootAt, name, std::vector<TestMember>(50, {0, kRootAt})));
  const Result<StateDict> read = read_keras_hdf5(file);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kTooLarge) << read.error().message;
}

// One long text, each end of which is the name of a tensor without values.
TEST(Hdf5Hostile, NamesTogetherAreBoundedByTheFile) {
  constexpr std::size_t kNameBytes = 1000;
  const std::string heap = std::string(kNameBytes, 'x') + '\0';
  const Bytes file = three_times([&heap](std::size_t at) {
    std::vector<TestMember> members(kNameBytes);
    const std::size_t dataset_at = at + group_object(at, heap, members).size();
    for (std::size_t i = 0; i < kNameBytes; ++i) {
      members[i] = {i, dataset_at};
    }
    ByteWriter out;
    out.bytes(group_object(at, heap, members)).bytes(dataset_object(0, 0));
    return std::move(out).take();
  });
  EXPECT_EQ(error_of(read_keras_hdf5(file)), "HDF5: the tensors' names together are longer than the file");
}

}  // namespace
}  // namespace facepipe::weights
