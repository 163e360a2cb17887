// Rebuilds tensors as torch._utils._rebuild_tensor_v2 (PyTorch 2) describes them: a storage, an offset, a size and
// strides, all in elements. Tested by torch_file_test.cc.
#include <algorithm>
#include <array>
#include <cstring>

#include "weights/parse.h"
#include "weights/scalar.h"
#include "weights/torch_content.h"

namespace facepipe::weights {
namespace {

constexpr std::string_view kRebuildTensor = "torch._utils._rebuild_tensor_v2";
constexpr std::string_view kRebuildParameter = "torch._utils._rebuild_parameter";
constexpr std::size_t kMaxDimensions = 16;  // our networks have 4

struct StorageType {
  std::string_view global;
  ScalarType type;
  std::size_t bytes;
  bool is_float;
};
// In the order of ScalarType.
constexpr std::array<StorageType, 10> kStorageTypes = {{{"torch.FloatStorage", ScalarType::kFloat32, 4, true},
                                                        {"torch.DoubleStorage", ScalarType::kFloat64, 8, true},
                                                        {"torch.HalfStorage", ScalarType::kFloat16, 2, true},
                                                        {"torch.BFloat16Storage", ScalarType::kBFloat16, 2, true},
                                                        {"torch.LongStorage", ScalarType::kInt64, 8, false},
                                                        {"torch.IntStorage", ScalarType::kInt32, 4, false},
                                                        {"torch.ShortStorage", ScalarType::kInt16, 2, false},
                                                        {"torch.CharStorage", ScalarType::kInt8, 1, false},
                                                        {"torch.ByteStorage", ScalarType::kUint8, 1, false},
                                                        {"torch.BoolStorage", ScalarType::kBool, 1, false}}};

const StorageType& storage_type(ScalarType type) {
  return kStorageTypes[static_cast<std::size_t>(type)];
}

Result<std::uint64_t> count_of(const PickleNode& node, std::string_view what) {
  if (node.kind != PickleKind::kInt || node.integer < 0) {
    return invalid_data(std::string(what) + " is not a count");
  }
  return static_cast<std::uint64_t>(node.integer);
}

Result<std::vector<std::uint64_t>> counts_of(const PickleTree& tree, const PickleNode& node, std::string_view what) {
  if (tree.is_call_of(node, "torch.Size") && tree.arguments(node).size() == 1) {
    return counts_of(tree, tree[tree.arguments(node)[0]], what);
  }
  if (node.kind != PickleKind::kTuple) {
    return invalid_data(std::string(what) + " is " + std::string(to_string(node.kind)) + ", expected a tuple");
  }
  if (node.items.size() > kMaxDimensions) {
    return too_large("a tensor of " + std::to_string(node.items.size()) + " dimensions, at most " +
                     std::to_string(kMaxDimensions) + " are read");
  }
  std::vector<std::uint64_t> counts;
  counts.reserve(node.items.size());
  for (const PickleId id : node.items) {
    FACEPIPE_ASSIGN(const std::uint64_t count, count_of(tree[id], what));
    counts.push_back(count);
  }
  return counts;
}

template <typename T>
T load(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

float load_as_float(ScalarType type, const std::byte* from) {
  switch (type) {
    case ScalarType::kFloat64:
      return static_cast<float>(load<double>(from));
    case ScalarType::kFloat16:
      return float_from_half(load<std::uint16_t>(from));
    case ScalarType::kBFloat16:
      return float_from_bfloat16(load<std::uint16_t>(from));
    default:
      return load<float>(from);
  }
}

}  // namespace

struct TensorMaker::Layout {
  StorageReference storage;
  std::uint64_t offset = 0;
  std::vector<std::uint64_t> shape;
  std::vector<std::uint64_t> strides;
  std::uint64_t value_count = 1;
  bool contiguous = true;
};

namespace {

// Fills values [product of shape] from `first`, the tensor's element 0. Every element was checked to lie in the
// storage.
void gather(ScalarType type, const std::byte* first, const std::vector<std::uint64_t>& shape,
            const std::vector<std::uint64_t>& strides, std::vector<float>& values) {
  const std::size_t item_bytes = size_in_bytes(type);
  std::vector<std::uint64_t> index(shape.size());
  std::size_t element = 0;
  for (float& value : values) {
    value = load_as_float(type, first + element * item_bytes);
    for (std::size_t axis = shape.size(); axis-- > 0;) {  // the odometer's next place
      element += strides[axis];
      if (++index[axis] < shape[axis]) {
        break;
      }
      element -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
}

}  // namespace

std::size_t size_in_bytes(ScalarType type) {
  return storage_type(type).bytes;
}

Result<StorageReference> parse_storage_reference(const PickleTree& tree, const PickleNode& node) {
  const auto malformed = [] { return invalid_data("a reference to a storage is malformed"); };
  if (node.kind != PickleKind::kPersistentId) {
    return malformed();
  }
  const PickleNode& id = tree[node.items[0]];
  if (id.kind != PickleKind::kTuple || id.items.size() < 5 || id.items.size() > 6) {
    return malformed();
  }
  const PickleNode& tag = tree[id.items[0]];
  const PickleNode& global = tree[id.items[1]];
  const PickleNode& key = tree[id.items[2]];
  if (tag.kind != PickleKind::kString || global.kind != PickleKind::kGlobal || key.kind != PickleKind::kString) {
    return malformed();
  }
  if (tag.text != "storage") {
    return unsupported("a persistent id of kind " + quote(tag.text) + ", expected 'storage'");
  }
  StorageReference reference{.key = key.text};
  const auto* known = std::ranges::find(kStorageTypes, global.text, &StorageType::global);
  if (known == kStorageTypes.end()) {
    return malformed();
  }
  reference.type = known->type;
  FACEPIPE_ASSIGN(reference.element_count, count_of(tree[id.items[4]], "the size of a storage"));
  reference.view_count = reference.element_count;
  if (id.items.size() == 6 && tree[id.items[5]].kind != PickleKind::kNone) {
    const PickleNode& view = tree[id.items[5]];
    if (view.kind != PickleKind::kTuple || view.items.size() != 3) {
      return malformed();
    }
    FACEPIPE_ASSIGN(reference.view_offset, count_of(tree[view.items[1]], "the offset of a storage view"));
    FACEPIPE_ASSIGN(reference.view_count, count_of(tree[view.items[2]], "the size of a storage view"));
  }
  return reference;
}

bool TensorMaker::is_tensor(const PickleNode& node) const {
  return content_.tree.is_call_of(node, kRebuildTensor) || content_.tree.is_call_of(node, kRebuildParameter);
}

// _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks[, metadata])
Result<TensorMaker::Layout> TensorMaker::parse_layout(const PickleNode& call) const {
  const PickleTree& tree = content_.tree;
  const std::vector<PickleId>& arguments = tree.arguments(call);
  if (arguments.size() < 6 || arguments.size() > 7) {
    return invalid_data("a tensor is built from " + std::to_string(arguments.size()) + " arguments, expected 6 or 7");
  }
  if (arguments.size() == 7) {  // bits such as "negated", which change what the values mean
    const PickleNode& metadata = tree[arguments[6]];
    if (metadata.kind != PickleKind::kNone && !(metadata.kind == PickleKind::kDict && metadata.items.empty())) {
      return unsupported("a tensor with metadata (conjugated or negated)");
    }
  }
  Layout layout;
  FACEPIPE_ASSIGN(layout.storage, parse_storage_reference(tree, tree[arguments[0]]));
  FACEPIPE_ASSIGN(layout.offset, count_of(tree[arguments[1]], "the offset of a tensor"));
  FACEPIPE_ASSIGN(layout.shape, counts_of(tree, tree[arguments[2]], "the size of a tensor"));
  FACEPIPE_ASSIGN(layout.strides, counts_of(tree, tree[arguments[3]], "the stride of a tensor"));
  if (layout.shape.size() != layout.strides.size()) {
    return invalid_data("a tensor of " + std::to_string(layout.shape.size()) + " dimensions has " +
                        std::to_string(layout.strides.size()) + " strides");
  }
  for (std::size_t axis = layout.shape.size(); axis-- > 0;) {
    layout.contiguous = layout.contiguous && (layout.shape[axis] == 1 || layout.strides[axis] == layout.value_count);
    if (__builtin_mul_overflow(layout.value_count, layout.shape[axis], &layout.value_count)) {
      return too_large("the size of a tensor overflows 64 bits");
    }
  }
  return layout;
}

Result<ByteView> TensorMaker::storage_bytes(const StorageReference& reference) const {
  const auto found = content_.storages.find(reference.key);
  if (found == content_.storages.end()) {
    return invalid_data("storage " + quote(reference.key) + " is missing");
  }
  const std::uint64_t held = found->second.size() / size_in_bytes(reference.type);
  if (held < reference.element_count) {
    return invalid_data("storage " + quote(reference.key) + " holds " + std::to_string(held) + " values, expected " +
                        std::to_string(reference.element_count));
  }
  if (reference.view_offset > reference.element_count ||
      reference.view_count > reference.element_count - reference.view_offset) {
    return invalid_data("a view is outside of storage " + quote(reference.key));
  }
  const std::size_t item_bytes = size_in_bytes(reference.type);
  return found->second.subspan(static_cast<std::size_t>(reference.view_offset) * item_bytes,
                               static_cast<std::size_t>(reference.view_count) * item_bytes);
}

Status TensorMaker::claim(const Layout& layout) {
  if (layout.value_count > limits_.max_tensor_values - values_made_) {
    return too_large("a tensor of " + std::to_string(layout.value_count) + " values: more than " +
                     std::to_string(limits_.max_tensor_values) + " values in all tensors together");
  }
  if (tensors_made_ >= limits_.max_entries) {
    return too_large("more than " + std::to_string(limits_.max_entries) + " tensors");
  }
  values_made_ += static_cast<std::size_t>(layout.value_count);
  ++tensors_made_;
  return {};
}

Result<std::optional<Tensor>> TensorMaker::make(const PickleNode& node) {
  const PickleTree& tree = content_.tree;
  if (tree.is_call_of(node, kRebuildParameter)) {  // (tensor, requires_grad, backward_hooks)
    const std::vector<PickleId>& arguments = tree.arguments(node);
    if (arguments.empty() || !tree.is_call_of(tree[arguments[0]], kRebuildTensor)) {
      return invalid_data("a parameter without its tensor");
    }
    return make(tree[arguments[0]]);
  }
  FACEPIPE_ASSIGN(const Layout layout, parse_layout(node));
  if (!storage_type(layout.storage.type).is_float) {
    return std::optional<Tensor>{};
  }
  FACEPIPE_ASSIGN(const ByteView bytes, storage_bytes(layout.storage));
  FACEPIPE_TRY(claim(layout));
  Tensor tensor;
  for (const std::uint64_t extent : layout.shape) {
    tensor.shape.push_back(static_cast<std::int64_t>(extent));
  }
  if (layout.value_count == 0) {
    return std::optional<Tensor>(std::move(tensor));
  }
  std::uint64_t last = layout.offset;  // the element that lies furthest into the storage
  for (std::size_t axis = 0; axis < layout.shape.size(); ++axis) {
    std::uint64_t reach = 0;
    if (__builtin_mul_overflow(layout.shape[axis] - 1, layout.strides[axis], &reach) ||
        __builtin_add_overflow(last, reach, &last)) {
      return invalid_data("the stride of a tensor overflows 64 bits");
    }
  }
  if (last >= layout.storage.view_count) {
    return invalid_data("a tensor reaches element " + std::to_string(last) + " of storage " +
                        quote(layout.storage.key) + " of " + std::to_string(layout.storage.view_count));
  }
  tensor.values.resize(static_cast<std::size_t>(layout.value_count));
  const std::byte* first = bytes.data() + layout.offset * size_in_bytes(layout.storage.type);
  if (layout.contiguous && layout.storage.type == ScalarType::kFloat32) {
    std::memcpy(tensor.values.data(), first, tensor.values.size() * sizeof(float));
  } else {
    gather(layout.storage.type, first, layout.shape, layout.strides, tensor.values);
  }
  return std::optional<Tensor>(std::move(tensor));
}

}  // namespace facepipe::weights
