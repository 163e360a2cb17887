// Tested by pickle_test.cc.
#include <array>

#include "weights/pickle.h"

namespace facepipe::weights {

std::string_view to_string(PickleKind kind) {
  static constexpr std::array<std::string_view, 13> kNames = {
      "None",    "a bool",       "an integer", "an integer",     "a float",  "a string", "a list",
      "a tuple", "a dictionary", "a global",   "a built object", "a module", "a storage"};
  return kNames.at(static_cast<std::size_t>(kind));
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
