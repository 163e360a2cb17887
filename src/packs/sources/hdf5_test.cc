// The building blocks of HDF5, on messages and files written by hand (test_hdf5.h).
#include "packs/sources/hdf5.h"

#include <gtest/gtest.h>

#include <string>

#include "packs/sources/hdf5_messages.h"
#include "packs/sources/test_hdf5.h"
#include "weights/byte_writer.h"
#include "weights/test_data.h"

namespace facepipe::weights {
namespace {

using namespace testing;

Result<Hdf5Object> root_object(const Bytes& file, const ReadLimits& limits = {}) {
  Result<Hdf5File> opened = Hdf5File::open(file, limits);
  if (!opened) {
    return opened.error();
  }
  return opened->object(opened->root_address());
}

TEST(Hdf5Messages, ReadsDataspaces) {
  EXPECT_EQ(*hdf5::parse_dataspace(dataspace({2, 3})), (std::vector<std::uint64_t>{2, 3}));
  EXPECT_TRUE(hdf5::parse_dataspace(dataspace({}))->empty());
  ByteWriter version2;
  version2.u8(2).u8(1).u8(0).u8(1).u64(5);
  EXPECT_EQ(*hdf5::parse_dataspace(std::move(version2).take()), std::vector<std::uint64_t>{5});
}

TEST(Hdf5Messages, RefusesOtherDataspaces) {
  Bytes cut = dataspace({2, 3});
  cut.pop_back();
  EXPECT_EQ(error_of(hdf5::parse_dataspace(cut)), "HDF5: a dataspace message is cut short");
  EXPECT_EQ(error_of(hdf5::parse_dataspace(as_bytes("\x05"))), "HDF5: dataspace version 5, expected 1 or 2");
  EXPECT_EQ(error_of(hdf5::parse_dataspace(dataspace(std::vector<std::uint64_t>(17, 1)))),
            "HDF5: a dataset of 17 dimensions, at most 16 are read");
  EXPECT_EQ(error_of(hdf5::parse_dataspace(dataspace({kUndefined}))), "HDF5: an extent of a dataset overflows 63 bits");
  ByteWriter null_space;
  null_space.u8(2).u8(0).u8(0).u8(2);
  EXPECT_EQ(error_of(hdf5::parse_dataspace(std::move(null_space).take())), "HDF5: a null dataspace");
}

TEST(Hdf5Messages, ReadsFloat32AndRefusesOtherTypes) {
  EXPECT_FALSE(*hdf5::parse_is_double(datatype({})));
  EXPECT_EQ(error_of(hdf5::parse_is_double(datatype({.class_and_version = 0x10}))),
            "HDF5: a dataset of integer type, expected floating-point");
  EXPECT_EQ(error_of(hdf5::parse_is_double(datatype({.class_and_version = 0x13}))),
            "HDF5: a dataset of string type, expected floating-point");
  EXPECT_EQ(error_of(hdf5::parse_is_double(datatype({.byte_order = 0x21}))),
            "HDF5: big-endian values, expected little-endian");
  EXPECT_EQ(error_of(hdf5::parse_is_double(datatype({.size = 2}))),
            "HDF5: floating-point values of 2 bytes, expected IEEE float32 or float64");
  EXPECT_EQ(error_of(hdf5::parse_is_double(datatype({.bias = 128}))),
            "HDF5: floating-point values of 4 bytes, expected IEEE float32 or float64");
  Bytes cut = datatype({});
  cut.pop_back();
  EXPECT_EQ(error_of(hdf5::parse_is_double(cut)), "HDF5: a datatype message is cut short");
}

TEST(Hdf5Messages, LocatesData) {
  const Bytes file(100);
  EXPECT_EQ(hdf5::locate_data(contiguous(96, 4), file, 4)->data(), file.data() + 96);
  EXPECT_TRUE(hdf5::locate_data(contiguous(kUndefined, 0), file, 0)->empty());
  EXPECT_EQ(error_of(hdf5::locate_data(contiguous(97, 4), file, 4)),
            "HDF5: a dataset's data at byte 97, 4 bytes, is outside the file of 100 bytes");
  EXPECT_EQ(error_of(hdf5::locate_data(contiguous(kUndefined - 1, 4), file, 4)),
            "HDF5: a dataset's data at byte 18446744073709551614, 4 bytes, is outside the file of 100 bytes");
  EXPECT_EQ(error_of(hdf5::locate_data(contiguous(kUndefined, 4), file, 4)),
            "HDF5: a dataset of 4 bytes was never written");
  EXPECT_EQ(error_of(hdf5::locate_data(contiguous(0, 4), file, 8)), "HDF5: a dataset of 8 bytes was never written");
  EXPECT_EQ(error_of(hdf5::locate_data(as_bytes("\x03\x02"), file, 8)),
            "HDF5: a chunked or virtual dataset, expected a contiguous or compact one");
  EXPECT_EQ(error_of(hdf5::locate_data(as_bytes("\x04\x01"), file, 8)), "HDF5: data layout version 4, expected 3");
  ByteWriter compact;
  compact.u8(3).u8(0).u16(4).u32(7);
  const Bytes compact_message = std::move(compact).take();
  EXPECT_EQ(hdf5::locate_data(compact_message, file, 4)->data(), compact_message.data() + 4);
  EXPECT_EQ(error_of(hdf5::locate_data(compact_message, file, 8)), "HDF5: a compact dataset holds 4 bytes, expected 8");
}

// The three messages of a dataset, the last in a continuation.
TEST(Hdf5, ReadsADatasetWithAContinuation) {
  ByteWriter messages;
  add_message(messages, hdf5::kDataspace, dataspace({2}));
  add_message(messages, hdf5::kDatatype, datatype({}));
  ByteWriter where;
  const std::size_t continuation_at = kSuperblockBytes + 16 + 24 + 32 + 24;
  where.u64(continuation_at).u64(32);
  add_message(messages, hdf5::kContinuation, std::move(where).take());
  ByteWriter object;
  add_header(object, 4, std::move(messages).take());
  add_message(object, hdf5::kDataLayout, contiguous(continuation_at + 32, 8));
  object.u32(0x3F800000).u32(0xBF800000);
  const Bytes file = file_of(std::move(object).take());
  const auto root = root_object(file);
  ASSERT_TRUE(root) << error_of(root);
  ASSERT_TRUE(std::holds_alternative<Hdf5Dataset>(*root));
  const auto& dataset = std::get<Hdf5Dataset>(*root);
  EXPECT_EQ(dataset.shape, std::vector<std::uint64_t>{2});
  EXPECT_FALSE(dataset.is_double);
  EXPECT_EQ(dataset.data.data(), file.data() + file.size() - 8);
}

// A continuation that points to itself ends with the bytes that a file of this size may hold, or the limit of entries.
TEST(Hdf5, AContinuationMayNotLoopForEver) {
  ByteWriter where;
  where.u64(kSuperblockBytes + 16).u64(24);
  ByteWriter messages;
  add_message(messages, hdf5::kContinuation, std::move(where).take());
  ByteWriter object;
  add_header(object, 0xFFFF, std::move(messages).take());
  const Bytes file = file_of(std::move(object).take());
  EXPECT_EQ(error_of(root_object(file)), "HDF5: groups and messages of more than twice the file's " +
                                             std::to_string(file.size()) +
                                             " bytes: they refer to each other, or lie over one another");
  EXPECT_EQ(error_of(root_object(file, {.max_entries = 1000})), "HDF5: more than 16000 nodes, messages and links");
}

TEST(Hdf5, BoundsTheSizeOfADataset) {
  const auto with_extents = [](const std::vector<std::uint64_t>& extents) {
    ByteWriter messages;
    add_message(messages, hdf5::kDataspace, dataspace(extents));
    add_message(messages, hdf5::kDatatype, datatype({}));
    add_message(messages, hdf5::kDataLayout, contiguous(0, 1'000'000'000'000));
    ByteWriter object;
    add_header(object, 3, std::move(messages).take());
    return error_of(root_object(file_of(std::move(object).take())));
  };
  EXPECT_EQ(with_extents({1'000'000'000}),
            "HDF5: a dataset's data at byte 0, 4000000000 bytes, is outside the file of 200 bytes");
  EXPECT_EQ(with_extents({1ULL << 40U, 1ULL << 40U}), "HDF5: the size of a dataset overflows 64 bits");
  EXPECT_EQ(with_extents({1ULL << 62U}), "HDF5: the size of a dataset overflows 64 bits");
}

TEST(Hdf5, RefusesOtherKindsOfObjects) {
  const auto with_message = [](std::uint16_t type, std::uint8_t flags) {
    ByteWriter messages;
    add_message(messages, type, Bytes(8), flags);
    ByteWriter object;
    add_header(object, 1, std::move(messages).take());
    return error_of(root_object(file_of(std::move(object).take())));
  };
  EXPECT_EQ(with_message(hdf5::kFilterPipeline, 0), "HDF5: a filtered (compressed) dataset");
  EXPECT_EQ(with_message(hdf5::kExternalFiles, 0), "HDF5: a dataset in external files");
  EXPECT_EQ(with_message(hdf5::kDatatype, 2), "HDF5: a shared header message (a committed datatype)");
  EXPECT_EQ(with_message(hdf5::kLinkInfo, 0),
            "HDF5: a group in the new style (links in its header), expected a symbol table");
  EXPECT_EQ(with_message(hdf5::kSymbolTable, 0), "HDF5: a symbol table message is cut short");
  EXPECT_EQ(error_of(root_object(file_of(Bytes(64)))), "HDF5: object header version 0 at byte 96, expected 1");
}

TEST(Hdf5, RefusesOtherSuperblocks) {
  Bytes file = file_of({});
  file[13] = std::byte{4};
  EXPECT_EQ(error_of(Hdf5File::open(file, {})),
            "HDF5: offsets of 4 bytes, lengths of 8, base address 0, expected 8, 8 and 0");
  file[8] = std::byte{2};
  EXPECT_EQ(error_of(Hdf5File::open(file, {})), "HDF5: superblock version 2, expected 0 (h5py's default)");
  EXPECT_EQ(error_of(Hdf5File::open(ByteView(file_of({})).first(60), {})), "HDF5: the superblock is cut short");
  EXPECT_EQ(error_of(Hdf5File::open(as_bytes("HDF"), {})), "HDF5: the signature is missing");
}

// A B-tree of which a node is its own child.
TEST(Hdf5, ABTreeMayNotLoop) {
  ByteWriter nodes;
  const std::size_t heap_at = kSuperblockBytes;
  const std::size_t tree_at = heap_at + 40;
  nodes.text("HEAP").zeros(4).u64(8).u64(kUndefined).u64(heap_at + 32).zeros(8);
  nodes.text("TREE").u8(0).u8(1).u16(1).u64(kUndefined).u64(kUndefined).u64(0).u64(tree_at).u64(0);
  const Bytes file = file_of(std::move(nodes).take());
  Result<Hdf5File> opened = Hdf5File::open(file, {});
  ASSERT_TRUE(opened);
  EXPECT_EQ(error_of(opened->members({.btree_address = tree_at, .heap_address = heap_at})),
            "HDF5: no group B-tree node of the right level at byte " + std::to_string(tree_at));
}

}  // namespace
}  // namespace facepipe::weights
