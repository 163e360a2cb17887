// Our own file of named tensors: the safetensors layout (8-byte little-endian header length, JSON header, raw data).
// docs/formats/tensor-file.md
#pragma once

#include <map>

#include "base/bytes.h"
#include "base/result.h"
#include "weights/readers.h"
#include "weights/tensor.h"

namespace facepipe::weights {

struct TensorFile {
  std::map<std::string, std::string, std::less<>> metadata;  // free text, safetensors' "__metadata__"
  StateDict tensors;                                         // stored as F32
};

// Deterministic: equal content gives equal bytes. Names and metadata must be UTF-8, no tensor is named "__metadata__",
// and shapes fit their values (checked but for the UTF-8: a bug otherwise).
[[nodiscard]] Bytes write_tensor_file(const TensorFile& file);
// kInvalidData naming the entry for overlapping, misplaced or mis-sized data; kUnsupported for a type other than F32.
[[nodiscard]] Result<TensorFile> read_tensor_file(ByteView bytes, const ReadLimits& limits = {});

}  // namespace facepipe::weights
