// The subset of HDF5 that h5py writes by default and Keras uses, of the HDF5 File Format Specification 3.0: superblock
// 0, groups as symbol tables, object headers version 1, contiguous and compact datasets of float32 and float64. Why our
// own: docs/decisions/0004-own-hdf5-reader.md
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "weights/readers.h"

namespace facepipe::weights {

[[nodiscard]] bool is_hdf5(ByteView file);

struct Hdf5Group {
  std::uint64_t btree_address = 0;
  std::uint64_t heap_address = 0;
};

struct Hdf5Dataset {
  std::vector<std::uint64_t> shape;
  std::uint64_t value_count = 0;  // product of shape
  bool is_double = false;         // float64, else float32; little-endian
  ByteView data;                  // exactly value_count values
};

using Hdf5Object = std::variant<Hdf5Group, Hdf5Dataset>;

struct Hdf5Member {
  std::string_view name;
  std::uint64_t address = 0;  // of its object header
};

// Looks into the file's bytes, which must outlive it. Every node, message and member that is read counts towards
// limits.max_entries * 16, and its bytes towards twice the file and 1 MiB, over the life of the object: the structures
// of an honest file lie apart, and the root's are read twice. Links may form cycles, so who walks bounds the depth.
class Hdf5File {
 public:
  // kUnsupported naming the version for newer superblocks; kInvalidData otherwise.
  [[nodiscard]] static Result<Hdf5File> open(ByteView file, const ReadLimits& limits);

  [[nodiscard]] std::uint64_t root_address() const { return root_address_; }
  // kUnsupported naming the feature (chunks, filters, integers, big-endian, ...); kInvalidData naming the byte offset.
  [[nodiscard]] Result<Hdf5Object> object(std::uint64_t address);
  // In the order of the file, which is by name.
  [[nodiscard]] Result<std::vector<Hdf5Member>> members(const Hdf5Group& group);

 private:
  struct Message;
  Hdf5File(ByteView file, const ReadLimits& limits)
      : file_(file), max_steps_(limits.max_entries * 16), bytes_left_(2 * file.size() + (std::size_t{1} << 20U)) {}
  // Before `bytes` of the file are read as one node, message or member.
  [[nodiscard]] Status step(std::size_t bytes);
  [[nodiscard]] Result<std::vector<Message>> messages(std::uint64_t address);
  [[nodiscard]] Status read_symbol_node(std::uint64_t address, ByteView heap, std::vector<Hdf5Member>& members);
  [[nodiscard]] Result<ByteView> heap_data(std::uint64_t address) const;
  [[nodiscard]] Result<Hdf5Dataset> dataset(const std::vector<Message>& messages) const;

  ByteView file_;
  std::uint64_t root_address_ = 0;
  std::size_t steps_ = 0;
  std::size_t max_steps_;
  std::size_t bytes_left_;
};

}  // namespace facepipe::weights
