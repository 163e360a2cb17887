// torch.save([[embedding, ...], [name, ...]]): what the Python pipeline keeps its people in. Tested by
// torch_gallery_test.cc.
#include <algorithm>
#include <cmath>

#include "weights/parse.h"
#include "weights/readers.h"
#include "weights/torch_content.h"

namespace facepipe::weights {
namespace {

bool is_sequence(const PickleNode& node) {
  return node.kind == PickleKind::kList || node.kind == PickleKind::kTuple;
}

Result<TorchContent> open_content(ByteView file, const ReadLimits& limits) {
  FACEPIPE_TRY(check_file_size(file, limits));
  if (is_torch_legacy(file)) {
    return open_torch_legacy(file, limits);
  }
  if (!is_zip(file)) {
    return unsupported("not a gallery of torch.save, neither a zip archive nor a legacy torch file: it " +
                       std::string(resemblance(file)));
  }
  FACEPIPE_ASSIGN(TorchArchive archive, open_torch_zip(file, limits));
  if (archive.is_script) {
    return unsupported("a TorchScript model, expected a gallery of torch.save");
  }
  return std::move(archive.content);
}

Result<Tensor> read_floats(TensorMaker& maker, const PickleNode& node) {
  FACEPIPE_ASSIGN(std::optional<Tensor> tensor, maker.make(node));
  if (!tensor) {
    return invalid_data("holds integers, expected floating-point numbers");
  }
  return *std::move(tensor);
}

Status check_finite(std::span<const float> values) {
  if (!std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); })) {
    return invalid_data("holds a value that is not finite");
  }
  return {};
}

Result<std::vector<float>> read_embedding(TensorMaker& maker, const PickleNode& node) {
  if (!maker.is_tensor(node)) {
    return invalid_data("is " + std::string(to_string(node.kind)) + ", expected a tensor" +
                        (node.kind == PickleKind::kString ? " (the names come second)" : ""));
  }
  FACEPIPE_ASSIGN(Tensor tensor, read_floats(maker, node));
  const bool is_row = tensor.shape.size() == 2 && tensor.shape[0] == 1;
  if ((!is_row && tensor.shape.size() != 1) || tensor.values.empty()) {
    return invalid_data("has shape " + shape_to_string(tensor.shape) + ", expected [1,D] or [D]");
  }
  FACEPIPE_TRY(check_finite(tensor.values));
  return std::move(tensor.values);
}

Error in_embedding(std::size_t index, const Error& error) {
  return Error{error.code, "embedding " + std::to_string(index) + " " + error.message};
}

Error other_count(std::size_t embeddings, std::size_t names) {
  return invalid_data("the gallery has " + std::to_string(embeddings) + " embeddings and " + std::to_string(names) +
                      " names");
}

using Rows = std::vector<std::vector<float>>;

// A list of tensors [1,D] or [D].
Result<Rows> read_list(TensorMaker& maker, const PickleTree& tree, const std::vector<PickleId>& ids) {
  Rows rows;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    Result<std::vector<float>> row = read_embedding(maker, tree[ids[i]]);
    if (!row) {
      return in_embedding(i, row.error());
    }
    if (!rows.empty() && row->size() != rows[0].size()) {
      return invalid_data("embedding " + std::to_string(i) + " has " + std::to_string(row->size()) +
                          " values, the first has " + std::to_string(rows[0].size()));
    }
    rows.push_back(*std::move(row));
  }
  return rows;
}

// One tensor [N,D] or [N,1,D] that holds them all.
Result<Rows> read_stacked(TensorMaker& maker, const PickleNode& node, std::size_t names) {
  FACEPIPE_ASSIGN(const auto tensor, read_floats(maker, node).with_context("the tensor of embeddings"));
  const std::vector<std::int64_t>& shape = tensor.shape;
  const bool is_stack = shape.size() == 2 || (shape.size() == 3 && shape[1] == 1);
  if (!is_stack || tensor.values.empty()) {
    return invalid_data("the tensor of embeddings has shape " + shape_to_string(shape) +
                        ", expected [N,D], [N,1,D] or a list of tensors");
  }
  const auto count = static_cast<std::size_t>(shape[0]);
  if (count != names) {
    return other_count(count, names);
  }
  Rows rows;
  const std::size_t size = tensor.values.size() / count;
  for (std::size_t i = 0; i < count; ++i) {
    const std::span<const float> row = std::span<const float>(tensor.values).subspan(i * size, size);
    if (const Status finite = check_finite(row); !finite) {
      return in_embedding(i, finite.error());
    }
    rows.emplace_back(row.begin(), row.end());
  }
  return rows;
}

Result<std::vector<std::string>> read_names(const PickleTree& tree, const std::vector<PickleId>& ids,
                                            std::size_t max_bytes) {
  std::vector<std::string> names;
  std::size_t total = 0;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const PickleNode& name = tree[ids[i]];
    if (name.kind != PickleKind::kString) {
      return invalid_data("name " + std::to_string(i) + " is " + std::string(to_string(name.kind)) +
                          ", expected a string");
    }
    if (name.text.size() > kMaxNameBytes) {
      return too_large("name " + std::to_string(i) + " has " + std::to_string(name.text.size()) +
                       " bytes, expected at most " + std::to_string(kMaxNameBytes));
    }
    total += name.text.size();
    if (total > max_bytes) {  // one long name, shared by many people
      return too_large("the gallery's names together have more than " + std::to_string(max_bytes) + " bytes");
    }
    names.emplace_back(name.text);
  }
  return names;
}

// The list of two, or what is wrong with it.
Status check_root(const TensorMaker& maker, const PickleTree& tree) {
  const PickleNode& root = tree.root();
  const std::string expected = ", expected a list of two: embeddings and names";
  if (!is_sequence(root)) {
    return invalid_data("the gallery is " + std::string(to_string(root.kind)) + expected);
  }
  if (root.items.size() != 2) {
    return invalid_data("the gallery is a list of " + std::to_string(root.items.size()) + expected +
                        "; save it again as torch.save([embeddings, names], FILE)");
  }
  const PickleNode& embeddings = tree[root.items[0]];
  if (!is_sequence(embeddings) && !maker.is_tensor(embeddings)) {
    return invalid_data("the gallery's first element is " + std::string(to_string(embeddings.kind)) +
                        ", expected a list of tensors or one tensor [N,D]");
  }
  const PickleNode& names = tree[root.items[1]];
  if (!is_sequence(names)) {
    return invalid_data("the gallery's second element is " +
                        std::string(maker.is_tensor(names) ? "a tensor" : to_string(names.kind)) +
                        ", expected a list of names");
  }
  return {};
}

}  // namespace

Result<TorchGallery> read_torch_gallery(ByteView file, const ReadLimits& base_limits) {
  constexpr std::size_t kNameBytesAlways = std::size_t{1} << 20U;
  const ReadLimits limits = limits_for(file.size(), base_limits);
  FACEPIPE_ASSIGN(const TorchContent content, open_content(file, limits));
  const PickleTree& tree = content.tree;
  TensorMaker maker(content, limits);
  FACEPIPE_TRY(check_root(maker, tree));
  const PickleNode& embeddings = tree[tree.root().items[0]];
  const std::vector<PickleId>& names = tree[tree.root().items[1]].items;
  if (is_sequence(embeddings) && embeddings.items.size() != names.size()) {
    return other_count(embeddings.items.size(), names.size());
  }
  if (names.size() > limits.max_entries) {
    return too_large("the gallery has " + std::to_string(names.size()) + " embeddings, expected at most " +
                     std::to_string(limits.max_entries) + " in a file of this size");
  }
  TorchGallery gallery;
  FACEPIPE_ASSIGN(gallery.embeddings, is_sequence(embeddings) ? read_list(maker, tree, embeddings.items)
                                                              : read_stacked(maker, embeddings, names.size()));
  FACEPIPE_ASSIGN(gallery.names, read_names(tree, names, std::max(kNameBytesAlways, file.size())));
  return gallery;
}

}  // namespace facepipe::weights
