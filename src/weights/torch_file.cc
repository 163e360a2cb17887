// Entry points for the files of torch.save and torch.jit.save. Tested by torch_file_test.cc, weights_golden_test.cc.
#include <string>
#include <utility>

#include "weights/hdf5.h"
#include "weights/parse.h"
#include "weights/readers.h"
#include "weights/torch_content.h"
#include "weights/torch_zip.h"

namespace facepipe::weights {
namespace {

// A state dict: names to tensors, nothing else.
Result<StateDict> read_state_dict(const TorchContent& content, const ReadLimits& limits) {
  const PickleTree& tree = content.tree;
  const PickleNode& root = tree.root();
  if (root.kind != PickleKind::kDict) {
    return unsupported("the torch file holds " + std::string(to_string(root.kind)) +
                       ", expected a state dict (names to tensors)");
  }
  StateDict tensors;
  TensorMaker maker(content, limits);
  for (std::size_t i = 0; i + 1 < root.items.size(); i += 2) {
    const PickleNode& key = tree[root.items[i]];
    const PickleNode& value = tree[root.items[i + 1]];
    if (key.kind != PickleKind::kString) {
      return invalid_data("a key of the state dict is " + std::string(to_string(key.kind)) + ", expected a string");
    }
    FACEPIPE_TRY(check_name(key.text));
    if (!maker.is_tensor(value)) {
      return unsupported("the state dict's entry " + quote(key.text) + " is " + std::string(to_string(value.kind)) +
                         ", expected a tensor");
    }
    Result<std::optional<Tensor>> tensor = maker.make(value);
    if (!tensor) {
      return tensor.error().with_context("tensor " + quote(key.text));
    }
    if (*tensor && !tensors.emplace(std::string(key.text), *std::move(tensor).value()).second) {
      return invalid_data("tensor " + quote(key.text) + " is there twice");
    }
  }
  return tensors;
}

// What bytes of no known format look like, for the message.
std::string_view resemblance(std::string_view text) {
  if (text.empty()) {
    return "is empty";
  }
  if (text.starts_with("\x80")) {
    return "looks like a plain pickle";
  }
  if (text.starts_with("\x89HDF")) {
    return "looks like HDF5";
  }
  if (text.starts_with("\x1F\x8B")) {
    return "looks like gzip";
  }
  if (text.starts_with("<") || text.starts_with("version https://git-lfs")) {
    return "looks like text: a web page or a Git LFS pointer";
  }
  if (text.size() > 9 && text[8] == '{') {
    return "looks like safetensors";
  }
  return "begins with bytes of no known format";
}

}  // namespace

std::string_view to_string(WeightsFormat format) {
  switch (format) {
    case WeightsFormat::kTorchZip:
      return "torch.save, zip archive";
    case WeightsFormat::kTorchLegacy:
      return "torch.save, legacy";
    case WeightsFormat::kTorchScript:
      return "TorchScript archive";
    case WeightsFormat::kKerasHdf5:
      return "Keras HDF5";
  }
  return "unknown";
}

Result<WeightsFormat> detect_format(ByteView file) {
  const std::string_view text = as_text(file);
  if (is_torch_legacy(file)) {
    return WeightsFormat::kTorchLegacy;
  }
  if (is_hdf5(file)) {
    return WeightsFormat::kKerasHdf5;
  }
  if (is_zip(file)) {
    FACEPIPE_ASSIGN(const std::vector<ZipEntry> entries, read_zip(file, {}));
    FACEPIPE_ASSIGN(const TorchArchiveLayout layout, torch_archive_layout(entries));
    return layout.is_script ? WeightsFormat::kTorchScript : WeightsFormat::kTorchZip;
  }
  return unsupported("not a weights file that is read (torch.save, TorchScript or Keras HDF5): it " +
                     std::string(resemblance(text)));
}

Result<StateDict> read_torch(ByteView file, const ReadLimits& limits) {
  FACEPIPE_TRY(check_file_size(file, limits));
  if (is_torch_legacy(file)) {
    FACEPIPE_ASSIGN(const TorchContent content, open_torch_legacy(file, limits));
    return read_state_dict(content, limits);
  }
  if (is_zip(file)) {
    FACEPIPE_ASSIGN(const TorchArchive archive, open_torch_zip(file, limits));
    return archive.is_script ? flatten_script_module(archive.content, limits)
                             : read_state_dict(archive.content, limits);
  }
  return unsupported("not a torch file (torch.save or TorchScript): it " + std::string(resemblance(as_text(file))));
}

}  // namespace facepipe::weights
