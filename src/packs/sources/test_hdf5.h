// For tests: HDF5 files put together by hand, so that they can lie.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "packs/sources/hdf5_messages.h"
#include "weights/byte_writer.h"

namespace facepipe::weights::testing {

inline constexpr std::uint64_t kUndefined = ~std::uint64_t{0};

inline Bytes dataspace(const std::vector<std::uint64_t>& extents) {
  ByteWriter out;
  out.u8(1).u8(static_cast<std::uint8_t>(extents.size())).zeros(6);
  for (const std::uint64_t extent : extents) {
    out.u64(extent);
  }
  return std::move(out).take();
}

struct FloatFields {
  std::uint8_t class_and_version = 0x11;
  std::uint8_t byte_order = 0x20;  // bit 5: normalised mantissa
  std::uint32_t size = 4;
  std::uint8_t exponent_at = 23;
  std::uint32_t bias = 127;
};

inline Bytes datatype(const FloatFields& fields) {
  ByteWriter out;
  out.u8(fields.class_and_version).u8(fields.byte_order).u8(31).u8(0).u32(fields.size);
  out.u16(0)
      .u16(static_cast<std::uint16_t>(8 * fields.size))
      .u8(fields.exponent_at)
      .u8(8)
      .u8(0)
      .u8(23)
      .u32(fields.bias);
  return std::move(out).take();
}

inline Bytes contiguous(std::uint64_t address, std::uint64_t size) {
  ByteWriter out;
  out.u8(3).u8(1).u64(address).u64(size);
  return std::move(out).take();
}

inline void add_message(ByteWriter& out, std::uint16_t type, const Bytes& data, std::uint8_t flags = 0) {
  const std::size_t padding = (8 - data.size() % 8) % 8;
  out.u16(type).u16(static_cast<std::uint16_t>(data.size() + padding)).u8(flags).zeros(3).bytes(data).zeros(padding);
}

inline void add_header(ByteWriter& out, std::uint16_t message_count, const Bytes& messages) {
  out.u8(1).u8(0).u16(message_count).u32(1).u32(static_cast<std::uint32_t>(messages.size())).zeros(4).bytes(messages);
}

inline constexpr std::size_t kSuperblockBytes = 96;

// A superblock whose root object follows it at once.
inline Bytes file_of(const Bytes& root_object) {
  ByteWriter out;
  out.text("\x89HDF\r\n\x1a\n").zeros(5).u8(8).u8(8).u8(0).u16(4).u16(16).u32(0);
  out.u64(0).u64(kUndefined).u64(0).u64(kUndefined).u64(0).u64(kSuperblockBytes).zeros(24);
  out.bytes(root_object);
  return std::move(out).take();
}

// The object header of a float32 dataset.
inline Bytes dataset_object(std::uint64_t count, std::uint64_t address) {
  ByteWriter messages;
  add_message(messages, hdf5::kDataspace, dataspace({count}));
  add_message(messages, hdf5::kDatatype, datatype({}));
  add_message(messages, hdf5::kDataLayout, contiguous(address, count * 4));
  ByteWriter object;
  add_header(object, 3, std::move(messages).take());
  return std::move(object).take();
}

struct TestMember {
  std::uint64_t name_offset = 0;  // in the group's heap
  std::uint64_t address = 0;
};

inline constexpr std::size_t kGroupObjectBytes = 16 + 24;

// A group's object header, heap, B-tree and one symbol table node, which the tree names `times` times. It lies at
// `address` of its file. `heap` holds the names, each ended by a zero.
inline Bytes group_object(std::size_t address, std::string_view heap, const std::vector<TestMember>& members,
                          std::size_t times = 1) {
  const std::size_t heap_at = address + kGroupObjectBytes;
  const std::size_t tree_at = heap_at + 32 + heap.size();
  const std::size_t node_at = tree_at + 24 + 8 + 16 * times;
  ByteWriter table;
  table.u64(tree_at).u64(heap_at);
  ByteWriter messages;
  add_message(messages, hdf5::kSymbolTable, std::move(table).take());
  ByteWriter out;
  add_header(out, 1, std::move(messages).take());
  out.text("HEAP").zeros(4).u64(heap.size()).u64(kUndefined).u64(heap_at + 32).text(heap);
  out.text("TREE").u8(0).u8(0).u16(static_cast<std::uint16_t>(times)).u64(kUndefined).u64(kUndefined).u64(0);
  for (std::size_t i = 0; i < times; ++i) {
    out.u64(node_at).u64(0);
  }
  out.text("SNOD").u8(1).u8(0).u16(static_cast<std::uint16_t>(members.size()));
  for (const TestMember& member : members) {
    out.u64(member.name_offset).u64(member.address).zeros(24);
  }
  return std::move(out).take();
}

}  // namespace facepipe::weights::testing
