// The zip container of torch.save (since PyTorch 1.6) and torch.jit.save.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "weights/readers.h"
#include "weights/tensor.h"
#include "weights/torch_content.h"
#include "weights/zip.h"

namespace facepipe::weights {

// The folder that holds everything, and which of the two kinds of archive it is.
struct TorchArchiveLayout {
  std::string_view root;  // with its slash: "archive/"
  bool is_script = false;
};
// kUnsupported if the archive is neither kind.
[[nodiscard]] Result<TorchArchiveLayout> torch_archive_layout(const std::vector<ZipEntry>& entries);

struct TorchArchive {
  bool is_script = false;
  TorchContent content;  // of data.pkl
};
[[nodiscard]] Result<TorchArchive> open_torch_zip(ByteView file, const ReadLimits& limits);

// The tensors of a TorchScript module and of the modules in it under dotted names. Tensors that a module keeps as plain
// attributes cannot be told from buffers here and come along.
[[nodiscard]] Result<StateDict> flatten_script_module(const TorchContent& content, const ReadLimits& limits);

}  // namespace facepipe::weights
