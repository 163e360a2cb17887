// The zip container of torch.save (since PyTorch 1.6) and torch.jit.save.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "weights/readers.h"
#include "weights/tensor.h"
#include "weights/torch_content.h"

namespace facepipe::weights {

struct TorchArchive {
  bool is_script = false;
  TorchContent content;  // of data.pkl
};
[[nodiscard]] Result<TorchArchive> open_torch_zip(ByteView file, const ReadLimits& limits);

// The tensors of a TorchScript module and of the modules in it under dotted names. Tensors that a module keeps as plain
// attributes cannot be told from buffers here and come along.
[[nodiscard]] Result<StateDict> flatten_script_module(const TorchContent& content, const ReadLimits& limits);

}  // namespace facepipe::weights
