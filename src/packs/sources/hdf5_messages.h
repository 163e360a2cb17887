// The object header messages that describe a dataset (HDF5 File Format Specification 3.0, IV.A.2).
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace facepipe::weights::hdf5 {

inline constexpr std::uint16_t kDataspace = 0x0001;
inline constexpr std::uint16_t kLinkInfo = 0x0002;
inline constexpr std::uint16_t kDatatype = 0x0003;
inline constexpr std::uint16_t kExternalFiles = 0x0007;
inline constexpr std::uint16_t kDataLayout = 0x0008;
inline constexpr std::uint16_t kFilterPipeline = 0x000B;
inline constexpr std::uint16_t kContinuation = 0x0010;
inline constexpr std::uint16_t kSymbolTable = 0x0011;

// The extents, at most 16; empty for a scalar. kUnsupported for a null dataspace or an unknown version.
[[nodiscard]] Result<std::vector<std::uint64_t>> parse_dataspace(ByteView message);

// True for IEEE float64, false for float32, both little-endian. kUnsupported naming the class of any other type.
[[nodiscard]] Result<bool> parse_is_double(ByteView message);

// The first `size_bytes` of the data of a compact or contiguous layout. kUnsupported for other layouts.
[[nodiscard]] Result<ByteView> locate_data(ByteView message, ByteView file, std::uint64_t size_bytes);

}  // namespace facepipe::weights::hdf5
