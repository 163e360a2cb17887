// What both containers of torch.save hold: a pickle and the raw storages that it refers to.
#pragma once

#include <map>

#include "base/bytes.h"
#include "base/result.h"
#include "weights/pickle.h"
#include "weights/readers.h"
#include "weights/tensor.h"
#include "weights/zip_unpack.h"

namespace facepipe::weights {

// Everything looks into the file's bytes, which must outlive it, or into what was inflated of them.
struct TorchContent {
  PickleTree tree;
  std::map<std::string_view, ByteView> storages;  // by key; raw little-endian values
  ZipUnpacker inflated{0};
};

// The type of a storage's elements.
enum class ScalarType { kFloat32, kFloat64, kFloat16, kBFloat16, kInt64, kInt32, kInt16, kInt8, kUint8, kBool };
[[nodiscard]] std::size_t size_in_bytes(ScalarType type);

// ('storage', TYPE, KEY, LOCATION, NUMBER OF ELEMENTS), and in legacy files at times a sixth item: None or
// (VIEW KEY, OFFSET, SIZE), a part of the storage. Offsets and sizes in elements.
struct StorageReference {
  ScalarType type = ScalarType::kFloat32;
  std::string_view key{};
  std::uint64_t element_count = 0;
  std::uint64_t view_offset = 0;
  std::uint64_t view_count = 0;  // element_count if the whole storage is meant
};
[[nodiscard]] Result<StorageReference> parse_storage_reference(const PickleTree& tree, const PickleNode& node);

// Makes tensors of a content. Keeps count of the values and tensors made: all of them together stay within the limits.
class TensorMaker {
 public:
  TensorMaker(const TorchContent& content, const ReadLimits& limits) : content_(content), limits_(limits) {}

  // True for a call of torch._utils._rebuild_tensor_v2 or _rebuild_parameter.
  [[nodiscard]] bool is_tensor(const PickleNode& node) const;
  // float32, contiguous; nullopt for a tensor of integers. `node` must be is_tensor. Errors do not name the tensor:
  // add it with with_context.
  [[nodiscard]] Result<std::optional<Tensor>> make(const PickleNode& node);

 private:
  struct Layout;
  [[nodiscard]] Result<Layout> parse_layout(const PickleNode& call) const;
  [[nodiscard]] Result<ByteView> storage_bytes(const StorageReference& reference) const;
  [[nodiscard]] Status claim(const Layout& layout);

  const TorchContent& content_;
  const ReadLimits& limits_;
  std::size_t values_made_ = 0;
  std::size_t tensors_made_ = 0;
};

// The file of torch.save before PyTorch 1.6 (or with _use_new_zipfile_serialization=False).
[[nodiscard]] bool is_torch_legacy(ByteView file);
[[nodiscard]] Result<TorchContent> open_torch_legacy(ByteView file, const ReadLimits& limits);

// --- The zip container of torch.save (since PyTorch 1.6) and torch.jit.save.
struct TorchArchive {
  bool is_script = false;
  TorchContent content;  // of data.pkl
};
[[nodiscard]] Result<TorchArchive> open_torch_zip(ByteView file, const ReadLimits& limits);

// The tensors of a TorchScript module and of the modules in it under dotted names. Tensors that a module keeps as plain
// attributes cannot be told from buffers here and come along.
[[nodiscard]] Result<StateDict> flatten_script_module(const TorchContent& content, const ReadLimits& limits);

}  // namespace facepipe::weights
