// Entry points for the files of torch.save and torch.jit.save. Tested by torch_file_test.cc, torch_golden_test.cc.
#include <string>
#include <utility>

#include "weights/parse.h"
#include "weights/readers.h"
#include "weights/torch_content.h"

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
      return unsupported("the state dict's entry " + quoted(key.text) + " is " + std::string(to_string(value.kind)) +
                         ", expected a tensor");
    }
    Result<std::optional<Tensor>> tensor = maker.make(value);
    if (!tensor) {
      return tensor.error().with_context("tensor " + quoted(key.text));
    }
    if (*tensor && !tensors.emplace(std::string(key.text), *std::move(tensor).value()).second) {
      return invalid_data("tensor " + quoted(key.text) + " is there twice");
    }
  }
  return tensors;
}

}  // namespace

Result<StateDict> read_torch(ByteView file, const ReadLimits& limits) {
  FACEPIPE_TRY(check_file_size(file, limits));
  if (is_torch_legacy(file)) {
    FACEPIPE_ASSIGN(const TorchContent content, open_torch_legacy(file, limits));
    return read_state_dict(content, limits);
  }
  return unsupported("not a torch file");
}

}  // namespace facepipe::weights
