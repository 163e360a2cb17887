// Entry points for the files of torch.save and torch.jit.save. Tested by torch_file_test.cc, sources_golden_test.cc.
#include <array>

#include "weights/parse.h"
#include "weights/readers.h"
#include "weights/torch_content.h"

namespace facepipe::weights {
namespace {

// Under which a training checkpoint keeps its state dict, the likeliest first.
constexpr std::array<std::string_view, 6> kCheckpointKeys = {"state_dict", "model_state_dict", "model",
                                                             "net",        "network",          "module"};

// The state dict itself, or the one in a checkpoint; null if there is none.
const PickleNode* find_state_dict(const PickleTree& tree) {
  if (tree.root().kind != PickleKind::kDict) {
    return nullptr;
  }
  for (const std::string_view key : kCheckpointKeys) {
    const std::optional<PickleId> inner = tree.find(tree.root(), key);
    if (inner && tree[*inner].kind == PickleKind::kDict) {
      return &tree[*inner];
    }
  }
  return &tree.root();
}

Error no_tensor(std::string_view key, const PickleNode& value) {
  return unsupported("the state dict's entry " + quote(key) + " is " + std::string(to_string(value.kind)) +
                     ", expected a tensor: of a training checkpoint the weights alone are read, under 'state_dict', "
                     "'model_state_dict', 'model', 'net', 'network' or 'module'");
}

// A state dict: names to tensors, nothing else.
Result<StateDict> read_state_dict(const TorchContent& content, const ReadLimits& limits) {
  const PickleTree& tree = content.tree;
  const PickleNode* state = find_state_dict(tree);
  if (state == nullptr) {
    return unsupported("the torch file holds " + std::string(to_string(tree.root().kind)) +
                       ", expected a state dict (names to tensors)");
  }
  StateDict tensors;
  TensorMaker maker(content, limits);
  for (std::size_t i = 0; i + 1 < state->items.size(); i += 2) {
    const PickleNode& key = tree[state->items[i]];
    const PickleNode& value = tree[state->items[i + 1]];
    if (key.kind != PickleKind::kString) {
      return invalid_data("a key of the state dict is " + std::string(to_string(key.kind)) + ", expected a string");
    }
    FACEPIPE_TRY(check_name(key.text));
    if (!maker.is_tensor(value)) {
      return no_tensor(key.text, value);
    }
    FACEPIPE_ASSIGN(auto tensor, maker.make(value).with_context("tensor " + quote(key.text)));
    if (tensor && !tensors.emplace(std::string(key.text), *std::move(tensor)).second) {
      return invalid_data("tensor " + quote(key.text) + " is there twice");
    }
  }
  return tensors;
}

}  // namespace

Result<StateDict> read_torch(ByteView file, const ReadLimits& base_limits) {
  FACEPIPE_TRY(check_file_size(file, base_limits));
  const ReadLimits limits = limits_for(file.size(), base_limits);
  if (is_torch_legacy(file)) {
    FACEPIPE_ASSIGN(const TorchContent content, open_torch_legacy(file, limits));
    return read_state_dict(content, limits);
  }
  if (is_zip(file)) {
    FACEPIPE_ASSIGN(const TorchArchive archive, open_torch_zip(file, limits));
    return archive.is_script ? flatten_script_module(archive.content, limits)
                             : read_state_dict(archive.content, limits);
  }
  return unsupported("not a torch file (torch.save or TorchScript): it " + std::string(resemblance(file)));
}

}  // namespace facepipe::weights
