// Tested by pickle_test.cc.
#include "weights/pickle.h"

namespace facepipe::weights {

std::string_view to_string(PickleKind kind) {
  switch (kind) {
    case PickleKind::kNone:
      return "None";
    case PickleKind::kBool:
      return "a bool";
    case PickleKind::kInt:
    case PickleKind::kBigInt:
      return "an integer";
    case PickleKind::kFloat:
      return "a float";
    case PickleKind::kString:
      return "a string";
    case PickleKind::kList:
      return "a list";
    case PickleKind::kTuple:
      return "a tuple";
    case PickleKind::kDict:
      return "a dictionary";
    case PickleKind::kGlobal:
      return "a global";
    case PickleKind::kCall:
      return "a built object";
    case PickleKind::kObject:
      return "a module";
    case PickleKind::kPersistentId:
      return "a storage";
  }
  return "an unknown value";
}

bool PickleTree::is_call_of(const PickleNode& node, std::string_view name) const {
  return node.kind == PickleKind::kCall && nodes_[node.items[0]].text == name;
}

std::optional<PickleId> PickleTree::find(const PickleNode& dict, std::string_view key) const {
  for (std::size_t i = dict.items.size(); i >= 2; i -= 2) {
    const PickleNode& candidate = nodes_[dict.items[i - 2]];
    if (candidate.kind == PickleKind::kString && candidate.text == key) {
      return dict.items[i - 1];
    }
  }
  return std::nullopt;
}

}  // namespace facepipe::weights
