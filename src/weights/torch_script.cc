// data.pkl of a TorchScript archive: each module is an object of class __torch__.*, its state a dictionary of
// attributes; submodules are attributes that are modules (torch/csrc/jit/serialization/pickler.cpp, PyTorch 2). Tested
// by torch_file_test.cc.

#include "weights/parse.h"
#include "weights/torch_content.h"

namespace facepipe::weights {
namespace {

struct PendingModule {
  PickleId id;
  std::string prefix;  // "repeat_1.0." or empty
  int depth;
};

}  // namespace

Result<StateDict> flatten_script_module(const TorchContent& content, const ReadLimits& limits) {
  const PickleTree& tree = content.tree;
  if (tree.root().kind != PickleKind::kObject) {
    return unsupported("the TorchScript archive holds " + std::string(to_string(tree.root().kind)) +
                       ", expected a module");
  }
  StateDict tensors;
  TensorMaker maker(content, limits);
  std::vector<PendingModule> pending = {{tree.root_id(), "", 0}};
  std::size_t visits = 0;  // a module may be shared, or hold itself: every visit counts
  while (!pending.empty()) {
    const PendingModule module = std::move(pending.back());
    pending.pop_back();
    if (tree[module.id].items.size() < 2) {
      continue;  // no attributes
    }
    const PickleNode& state = tree[tree[module.id].items[1]];
    if (state.kind != PickleKind::kDict) {
      return unsupported("TorchScript module " + quote(module.prefix) + " keeps its state in " +
                         std::string(to_string(state.kind)) + ", expected a dictionary of attributes");
    }
    for (std::size_t i = 0; i + 1 < state.items.size(); i += 2) {
      if (++visits > limits.max_entries) {
        return too_large("the TorchScript module has more than " + std::to_string(limits.max_entries) + " attributes");
      }
      const PickleNode& key = tree[state.items[i]];
      const PickleNode& value = tree[state.items[i + 1]];
      const bool is_module = value.kind == PickleKind::kObject;
      if (key.kind != PickleKind::kString || (!is_module && !maker.is_tensor(value))) {
        continue;
      }
      std::string name = module.prefix + std::string(key.text.substr(0, kMaxNameBytes + 1));
      FACEPIPE_TRY(check_name(name));
      if (is_module) {
        if (module.depth >= limits.max_depth) {
          return too_large("TorchScript modules are nested deeper than " + std::to_string(limits.max_depth));
        }
        pending.push_back({state.items[i + 1], name + ".", module.depth + 1});
        continue;
      }
      FACEPIPE_ASSIGN(auto tensor, maker.make(value).with_context("tensor " + quote(name)));
      if (tensor && !tensors.emplace(name, *std::move(tensor)).second) {
        return invalid_data("tensor " + quote(name) + " is there twice");
      }
    }
  }
  if (tensors.empty()) {
    return unsupported(
        "the TorchScript module holds no tensors: torch.jit.freeze turns them into constants of its code; save the "
        "module as it is before it is frozen, or its state_dict()");
  }
  return tensors;
}

}  // namespace facepipe::weights
