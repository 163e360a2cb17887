// Our own file of named tensors: the safetensors layout (8-byte little-endian header length, JSON header, raw data).
// docs/formats/tensor-file.md
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "weights/readers.h"
#include "weights/tensor.h"

namespace facepipe::weights {

using TensorFileMetadata = std::map<std::string, std::string, std::less<>>;  // free text, safetensors' "__metadata__"

struct TensorFile {
  TensorFileMetadata metadata;
  StateDict tensors;  // stored as F32
};

// The same, where it lies in a file's bytes. Values need not be aligned in files of other writers.
struct TensorBytes {
  std::vector<std::int64_t> shape;
  ByteView values;  // float32, row-major, as many as the product of `shape`
};
struct TensorFileView {
  TensorFileMetadata metadata;
  std::map<std::string, TensorBytes, std::less<>> tensors;
};

// Deterministic: equal content gives equal bytes. The data begin at a multiple of 64 bytes. Names and metadata must be
// UTF-8, no tensor is named "__metadata__", and shapes fit their values (checked but for the UTF-8: a bug otherwise).
[[nodiscard]] Bytes write_tensor_file(const TensorFile& file);
// kInvalidData naming the entry for overlapping, misplaced or mis-sized data; kUnsupported for a type other than F32.
[[nodiscard]] Result<TensorFile> read_tensor_file(ByteView bytes, const ReadLimits& limits = {});
// The same without a copy: valid as long as `bytes`.
[[nodiscard]] Result<TensorFileView> view_tensor_file(ByteView bytes, const ReadLimits& limits = {});

}  // namespace facepipe::weights
