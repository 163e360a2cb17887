// Safe readers of PyTorch's files. A pickle is data: opcodes and globals outside an allow-list are refused by name,
// never executed; sizes, counts and depths are bounded before anything is allocated. docs/formats/weights.md
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "weights/tensor.h"

namespace facepipe::weights {

// What a file may ask for. The defaults leave room for face networks (facenet-pytorch's VGGFace2 weights, classifier
// included, have 28 million values) and galleries of a million embeddings. A file of torch may have more entries, one
// for every 8 of its bytes, and fewer tensor values, one a byte but always 1 Mi: see limits_for in parse.h.
struct ReadLimits {
  std::size_t max_file_bytes = std::size_t{2} << 30U;
  std::size_t max_tensor_values = std::size_t{512} << 20U;  // all tensors together
  std::size_t max_entries = 1'000'000;                      // archive entries, pickle objects, HDF5 objects
  int max_depth = 64;                                       // modules in modules, HDF5 groups in groups
};

// A state dict from torch.save (zip or legacy), or the one that a training checkpoint keeps under 'state_dict' and
// other usual names, or the parameters and buffers of a TorchScript module under the names that its state_dict() would
// give them. Integer buffers (num_batches_tracked) are left out.
[[nodiscard]] Result<StateDict> read_torch(ByteView file, const ReadLimits& limits = {});

// The gallery of the Python pipeline: torch.save([[embedding [1,D] or [D], ...], [name, ...]]),
// or one tensor [N,D] or [N,1,D] in place of the list of embeddings.
struct TorchGallery {
  std::vector<std::vector<float>> embeddings;  // all of one size D >= 1, finite
  std::vector<std::string> names;              // as many as embeddings, UTF-8
};
[[nodiscard]] Result<TorchGallery> read_torch_gallery(ByteView file, const ReadLimits& limits = {});

}  // namespace facepipe::weights
