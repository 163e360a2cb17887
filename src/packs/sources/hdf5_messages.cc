// Tested by hdf5_test.cc.
#include "packs/sources/hdf5_messages.h"

#include <array>
#include <limits>
#include <string>

#include "weights/parse.h"

namespace facepipe::weights::hdf5 {
namespace {

constexpr std::uint64_t kUndefinedAddress = std::numeric_limits<std::uint64_t>::max();

std::string_view class_name(unsigned datatype_class) {
  constexpr std::array<std::string_view, 11> kNames = {"integer",    "floating-point",  "time",     "string",
                                                       "bit field",  "opaque",          "compound", "reference",
                                                       "enumerated", "variable-length", "array"};
  return datatype_class < kNames.size() ? kNames[datatype_class] : "unknown";
}

}  // namespace

// IV.A.2.b
Result<std::vector<std::uint64_t>> parse_dataspace(ByteView message) {
  constexpr unsigned kMaxRank = 16;  // our networks have 4
  constexpr unsigned kNullDataspace = 2;
  ByteReader reader(message);
  const unsigned version = reader.u8();
  const unsigned rank = reader.u8();
  reader.skip(1);  // flags: whether maximum extents follow the extents
  const unsigned type = reader.u8();
  if (version != 1 && version != 2) {
    return unsupported("HDF5: dataspace version " + std::to_string(version) + ", expected 1 or 2");
  }
  if (version == 1) {
    reader.skip(4);
  } else if (type == kNullDataspace) {
    return unsupported("HDF5: a null dataspace");
  }
  if (rank > kMaxRank) {
    return too_large("HDF5: a dataset of " + std::to_string(rank) + " dimensions, at most " + std::to_string(kMaxRank) +
                     " are read");
  }
  std::vector<std::uint64_t> shape;
  for (unsigned i = 0; i < rank; ++i) {
    shape.push_back(reader.u64());
    if (shape.back() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      return too_large("HDF5: an extent of a dataset overflows 63 bits");
    }
  }
  if (reader.overrun()) {
    return invalid_data("HDF5: a dataspace message is cut short");
  }
  return shape;
}

// IV.A.2.d
Result<bool> parse_is_double(ByteView message) {
  constexpr unsigned kFloatingPoint = 1;
  constexpr unsigned kByteOrderBits = 0x41;  // bits 0 and 6: 0 is little-endian
  ByteReader reader(message);
  const unsigned class_and_version = reader.u8();
  const unsigned byte_order = reader.u8() & kByteOrderBits;
  reader.skip(2);
  const std::uint32_t size_bytes = reader.u32();
  if (const unsigned datatype_class = class_and_version & 0x0FU; datatype_class != kFloatingPoint) {
    return unsupported("HDF5: a dataset of " + std::string(class_name(datatype_class)) +
                       " type, expected floating-point");
  }
  // Bit offset, precision, exponent's place and size, mantissa's place and size, exponent's bias.
  const std::array<std::uint32_t, 7> format = {reader.u16(), reader.u16(), reader.u8(), reader.u8(),
                                               reader.u8(),  reader.u8(),  reader.u32()};
  constexpr std::array<std::uint32_t, 7> kFloat32 = {0, 32, 23, 8, 0, 23, 127};
  constexpr std::array<std::uint32_t, 7> kFloat64 = {0, 64, 52, 11, 0, 52, 1023};
  if (reader.overrun()) {
    return invalid_data("HDF5: a datatype message is cut short");
  }
  if (byte_order != 0) {
    return unsupported("HDF5: big-endian values, expected little-endian");
  }
  if (size_bytes == 4 && format == kFloat32) {
    return false;
  }
  if (size_bytes == 8 && format == kFloat64) {
    return true;
  }
  return unsupported("HDF5: floating-point values of " + std::to_string(size_bytes) +
                     " bytes, expected IEEE float32 or float64");
}

// IV.A.2.i
Result<ByteView> locate_data(ByteView message, ByteView file, std::uint64_t size_bytes) {
  constexpr unsigned kVersion = 3;
  constexpr unsigned kCompact = 0;
  constexpr unsigned kContiguous = 1;
  ByteReader reader(message);
  const unsigned version = reader.u8();
  const unsigned layout = reader.u8();
  if (version != kVersion) {
    return unsupported("HDF5: data layout version " + std::to_string(version) + ", expected 3");
  }
  if (layout == kCompact) {
    const ByteView data = reader.take(reader.u16());
    if (reader.overrun() || data.size() < size_bytes) {
      return invalid_data("HDF5: a compact dataset holds " + std::to_string(data.size()) + " bytes, expected " +
                          std::to_string(size_bytes));
    }
    return data.first(static_cast<std::size_t>(size_bytes));
  }
  if (layout != kContiguous) {
    return unsupported("HDF5: a chunked or virtual dataset, expected a contiguous or compact one");
  }
  const std::uint64_t address = reader.u64();
  const std::uint64_t stored_bytes = reader.u64();
  if (reader.overrun()) {
    return invalid_data("HDF5: a data layout message is cut short");
  }
  if (size_bytes == 0) {
    return ByteView{};
  }
  if (address == kUndefinedAddress || stored_bytes < size_bytes) {
    return invalid_data("HDF5: a dataset of " + std::to_string(size_bytes) + " bytes was never written");
  }
  return slice(file, address, size_bytes, "HDF5: a dataset's data");
}

}  // namespace facepipe::weights::hdf5
