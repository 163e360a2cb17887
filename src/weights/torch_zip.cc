// ROOT/data.pkl, ROOT/data/KEY a storage each, ROOT/version, and since PyTorch 2.1 ROOT/byteorder; TorchScript adds
// ROOT/constants.pkl and ROOT/code/. Layout: torch/serialization.py and caffe2/serialize/inline_container.h (PyTorch
// 2). Tested by torch_file_test.cc.
#include <algorithm>

#include "weights/parse.h"
#include "weights/torch_content.h"
#include "weights/zip.h"
#include "weights/zip_unpack.h"

namespace facepipe::weights {
namespace {

constexpr std::string_view kContentName = "data.pkl";

const ZipEntry* find_entry(const std::vector<ZipEntry>& entries, const std::string& name) {
  const auto found = std::lower_bound(entries.begin(), entries.end(), name,
                                      [](const ZipEntry& entry, const std::string& key) { return entry.name < key; });
  return found != entries.end() && found->name == name ? &*found : nullptr;
}

// Compressed entries together: weights hardly shrink and a pickle shrinks to a tenth, so more is a bomb.
std::size_t max_inflated_bytes(ByteView file, const ReadLimits& limits) {
  constexpr std::size_t kRatio = 16;
  constexpr std::size_t kAlways = std::size_t{1} << 20U;
  return std::min(limits.max_file_bytes, file.size() * kRatio + kAlways);
}

// What a zip archive of another program is, for the message.
std::string_view other_archive(const std::vector<ZipEntry>& entries) {
  for (const ZipEntry& entry : entries) {
    if (entry.name.ends_with(".npy")) {
      return "it holds numpy arrays (.npz): save torch tensors with torch.save";
    }
    if (entry.name == "model.weights.h5" || entry.name == "config.json") {
      return "it looks like Keras 3 (.keras): save the weights as .h5 in TensorFlow 2's Keras";
    }
  }
  return "not made by torch.save";
}

// The folder that holds everything, and which of the two kinds of archive it is.
struct TorchArchiveLayout {
  std::string_view root;  // with its slash: "archive/"
  bool is_script = false;
};

// kUnsupported if the archive is neither kind.
Result<TorchArchiveLayout> torch_archive_layout(const std::vector<ZipEntry>& entries) {
  TorchArchiveLayout layout;
  for (const ZipEntry& entry : entries) {
    const std::size_t slash = entry.name.find('/');
    if (slash == std::string_view::npos || entry.name.substr(slash + 1) != kContentName) {
      continue;
    }
    if (!layout.root.empty()) {
      return invalid_data("the zip archive has two folders with a " + std::string(kContentName));
    }
    layout.root = entry.name.substr(0, slash + 1);
  }
  if (layout.root.empty()) {
    return unsupported("a zip archive without FOLDER/" + std::string(kContentName) + ": " +
                       std::string(other_archive(entries)));
  }
  layout.is_script = find_entry(entries, std::string(layout.root) + "constants.pkl") != nullptr;
  return layout;
}

}  // namespace

Result<TorchArchive> open_torch_zip(ByteView file, const ReadLimits& limits) {
  FACEPIPE_ASSIGN(const std::vector<ZipEntry> entries, read_zip(file, limits));
  FACEPIPE_ASSIGN(const TorchArchiveLayout layout, torch_archive_layout(entries));
  const std::string root(layout.root);
  ZipUnpacker unpacker(max_inflated_bytes(file, limits));
  if (const ZipEntry* byte_order = find_entry(entries, root + "byteorder"); byte_order != nullptr) {
    FACEPIPE_ASSIGN(const ByteView order, unpacker.unpack(*byte_order));
    if (as_text(order) != "little") {
      return unsupported("torch archive: byte order " + quote(as_text(order)) + ", expected 'little'");
    }
  }
  FACEPIPE_ASSIGN(const ByteView content, unpacker.unpack(*find_entry(entries, root + std::string(kContentName))));
  std::map<std::string_view, ByteView> storages;
  const std::string data_folder = root + "data/";
  for (const ZipEntry& entry : entries) {
    if (entry.name.starts_with(data_folder)) {
      FACEPIPE_ASSIGN(const ByteView storage, unpacker.unpack(entry));
      storages.emplace_hint(storages.end(), entry.name.substr(data_folder.size()), storage);
    }
  }
  const PickleClasses classes = layout.is_script ? PickleClasses::kTensorsAndScript : PickleClasses::kTensors;
  FACEPIPE_ASSIGN(ParsedPickle pickle, parse_pickle(content, classes, limits));
  return TorchArchive{layout.is_script, {std::move(pickle.tree), std::move(storages), std::move(unpacker)}};
}

}  // namespace facepipe::weights
