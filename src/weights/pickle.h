// Python pickles as data: a small tree of values. Nothing is imported or called; an opcode or global outside the
// allow-list ends the reading. docs/formats/weights.md lists both.
#pragma once

#include <cstdint>
#include <deque>

#include "base/bytes.h"
#include "base/result.h"
#include "weights/readers.h"

namespace facepipe::weights {

enum class PickleKind : std::uint8_t {
  kNone,
  kBool,
  kInt,
  kBigInt,  // an integer of more than 64 bits
  kFloat,
  kString,
  kList,
  kTuple,
  kDict,
  kGlobal,        // an allow-listed name, not what it names
  kCall,          // REDUCE: a global and its arguments, not called
  kObject,        // NEWOBJ (and BUILD): a TorchScript module and its state
  kPersistentId,  // BINPERSID: torch's reference to a storage
};
// "a list", "None" and so on, for messages.
[[nodiscard]] std::string_view to_string(PickleKind kind);

using PickleId = std::uint32_t;  // index into PickleTree's nodes

struct PickleNode {
  PickleKind kind = PickleKind::kNone;
  std::int64_t integer = 0;  // kBool, kInt
  double real = 0.0;         // kFloat
  // kString: valid UTF-8. kBigInt: two's complement, little-endian. kGlobal: "module.name"; of a TorchScript class only
  // the module, "__torch__....".
  std::string_view text{};
  // kList, kTuple: the items. kDict: key, value, key, value, ... in order of insertion. kCall: the global, the argument
  // tuple. kObject: the class, then the state if BUILD gave one. kPersistentId: the id.
  std::vector<PickleId> items{};
};

// The nodes lie in one flat sequence (which grows without a copy of itself), so that neither depth nor cycles matter to
// building and destroying a tree; whoever walks it bounds depth and number of visits itself. Looks into the pickle's
// bytes, which must outlive it.
class PickleTree {
 public:
  PickleTree(std::deque<PickleNode> nodes, PickleId root) : nodes_(std::move(nodes)), root_(root) {}

  [[nodiscard]] PickleId root_id() const { return root_; }
  [[nodiscard]] const PickleNode& root() const { return nodes_[root_]; }
  [[nodiscard]] const PickleNode& operator[](PickleId id) const { return nodes_[id]; }
  [[nodiscard]] const std::deque<PickleNode>& nodes() const { return nodes_; }
  // True if `node` is a call of the global `name`.
  [[nodiscard]] bool is_call_of(const PickleNode& node, std::string_view name) const;
  // The arguments of a kCall.
  [[nodiscard]] const std::vector<PickleId>& arguments(const PickleNode& call) const {
    return nodes_[call.items[1]].items;
  }
  // The value under `key` in a kDict (the last one, as in Python), or nullopt.
  [[nodiscard]] std::optional<PickleId> find(const PickleNode& dict, std::string_view key) const;

 private:
  std::deque<PickleNode> nodes_;
  PickleId root_;
};

enum class PickleClasses {
  kTensors,          // collections.OrderedDict and torch's tensors and storages
  kTensorsAndScript  // also "__torch__" and below, the classes of a TorchScript archive, and its typed containers
};

struct ParsedPickle {
  PickleTree tree;
  std::size_t size_bytes;  // of the pickle, up to and including STOP: legacy files hold several in a row
};

// Protocols 2 to 5. kUnsupported naming the opcode or the global that is not allowed, kTooLarge past
// limits.max_entries values, kInvalidData naming the byte offset otherwise.
[[nodiscard]] Result<ParsedPickle> parse_pickle(ByteView bytes, PickleClasses classes, const ReadLimits& limits);

}  // namespace facepipe::weights
