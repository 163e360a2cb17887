// ROOT/data.pkl, ROOT/data/KEY a storage each, ROOT/version, and since PyTorch 2.1 ROOT/byteorder; TorchScript adds
// ROOT/constants.pkl and ROOT/code/. Layout: torch/serialization.py and caffe2/serialize/inline_container.h (PyTorch
// 2). Tested by torch_file_test.cc.
#include "weights/torch_zip.h"

#include <algorithm>
#include <string>
#include <utility>

#include "weights/parse.h"

namespace facepipe::weights {
namespace {

constexpr std::string_view kContentName = "data.pkl";

const ZipEntry* find_entry(const std::vector<ZipEntry>& entries, const std::string& name) {
  const auto found = std::lower_bound(entries.begin(), entries.end(), name,
                                      [](const ZipEntry& entry, const std::string& key) { return entry.name < key; });
  return found != entries.end() && found->name == name ? &*found : nullptr;
}

Error compressed_entry(std::string_view name) {
  return unsupported("zip entry " + quote(name) + " is compressed, expected it stored as torch writes it");
}

}  // namespace

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
    return unsupported("a zip archive without FOLDER/" + std::string(kContentName) + ": not made by torch.save");
  }
  layout.is_script = find_entry(entries, std::string(layout.root) + "constants.pkl") != nullptr;
  return layout;
}

Result<TorchArchive> open_torch_zip(ByteView file, const ReadLimits& limits) {
  FACEPIPE_ASSIGN(const std::vector<ZipEntry> entries, read_zip(file, limits));
  FACEPIPE_ASSIGN(const TorchArchiveLayout layout, torch_archive_layout(entries));
  const std::string root(layout.root);
  const ZipEntry* byte_order = find_entry(entries, root + "byteorder");
  if (byte_order != nullptr && as_text(byte_order->data) != "little") {
    return unsupported("torch archive: byte order " + quote(as_text(byte_order->data)) + ", expected 'little'");
  }
  std::map<std::string_view, ByteView> storages;
  const std::string data_folder = root + "data/";
  for (const ZipEntry& entry : entries) {
    if (!entry.name.starts_with(data_folder)) {
      continue;
    }
    if (entry.compressed) {
      return compressed_entry(entry.name);
    }
    storages.emplace(entry.name.substr(data_folder.size()), entry.data);
  }
  const ZipEntry* content = find_entry(entries, root + std::string(kContentName));
  if (content->compressed) {
    return compressed_entry(content->name);
  }
  const PickleClasses classes = layout.is_script ? PickleClasses::kTensorsAndScript : PickleClasses::kTensors;
  FACEPIPE_ASSIGN(ParsedPickle pickle, parse_pickle(content->data, classes, limits));
  return TorchArchive{layout.is_script, {std::move(pickle.tree), std::move(storages)}};
}

}  // namespace facepipe::weights
