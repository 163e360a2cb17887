// torch.save([[embedding, ...], [name, ...]]): what the Python pipeline keeps its people in. Tested by
// torch_gallery_test.cc.
#include <cmath>
#include <string>
#include <utility>

#include "base/check.h"
#include "weights/byte_writer.h"
#include "weights/network_spec.h"
#include "weights/parse.h"
#include "weights/readers.h"
#include "weights/torch_content.h"
#include "weights/torch_zip.h"

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
    return unsupported("not a gallery of torch.save: neither a zip archive nor a legacy torch file");
  }
  FACEPIPE_ASSIGN(TorchArchive archive, open_torch_zip(file, limits));
  if (archive.is_script) {
    return unsupported("a TorchScript model, expected a gallery of torch.save");
  }
  return std::move(archive.content);
}

Result<std::vector<float>> read_embedding(TensorMaker& maker, const PickleNode& node) {
  if (!maker.is_tensor(node)) {
    return invalid_data("is " + std::string(to_string(node.kind)) + ", expected a tensor");
  }
  FACEPIPE_ASSIGN(std::optional<Tensor> tensor, maker.make(node));
  if (!tensor) {
    return invalid_data("holds integers, expected floating-point numbers");
  }
  const bool is_row = tensor->shape.size() == 2 && tensor->shape[0] == 1;
  if ((!is_row && tensor->shape.size() != 1) || tensor->values.empty()) {
    return invalid_data("has shape " + shape_to_string(tensor->shape) + ", expected [1,D] or [D]");
  }
  for (const float value : tensor->values) {
    if (!std::isfinite(value)) {
      return invalid_data("holds a value that is not finite");
    }
  }
  return std::move(tensor->values);
}

// Protocol 2: what every version of torch.load reads, weights_only included.
class GalleryPickler {
 public:
  explicit GalleryPickler(const TorchGallery& gallery) : gallery_(gallery) {}

  Bytes run() && {
    out_.text("\x80\x02](](");  // PROTO 2, [ MARK, [ MARK
    for (std::size_t i = 0; i < gallery_.embeddings.size(); ++i) {
      write_tensor(i);
    }
    out_.text("e](");  // APPENDS, [ MARK
    for (const std::string& name : gallery_.names) {
      write_string(name);
    }
    out_.text("ee.");  // APPENDS, APPENDS, STOP
    return std::move(out_).take();
  }

 private:
  void write_string(std::string_view text) {
    FACEPIPE_CHECK(text.size() <= 0xFFFFFFFFU);
    out_.text("X").u32(static_cast<std::uint32_t>(text.size())).text(text);
  }
  void write_integer(std::uint64_t value) { out_.text("\x8a\x08").u64(value); }  // LONG1 of 8 bytes
  // What every tensor needs goes into the memo the first time: 0 the function, 1 the storage, 2 the empty dictionary.
  void write_tensor(std::size_t index) {
    const std::size_t size = gallery_.embeddings[0].size();
    if (index == 0) {
      out_.text("ctorch._utils\n_rebuild_tensor_v2\n").text("q").u8(0);
      out_.text("((");
      write_string("storage");
      out_.text("ctorch\nFloatStorage\n");
      write_string("0");
      write_string("cpu");
      write_integer(size * gallery_.embeddings.size());
      out_.text("tQq").u8(1);  // TUPLE, BINPERSID, BINPUT
    } else {
      out_.text("h").u8(0).text("(h").u8(1);
    }
    write_integer(index * size);
    out_.text("K\x01");  // shape (1, D)
    write_integer(size);
    out_.text("\x86");
    write_integer(size);  // strides (D, 1)
    out_.text("K\x01\x86\x89");
    if (index == 0) {
      out_.text("ccollections\nOrderedDict\n)Rq").u8(2);
    } else {
      out_.text("h").u8(2);
    }
    out_.text("tR");  // TUPLE, REDUCE
  }

  const TorchGallery& gallery_;
  ByteWriter out_;
};

}  // namespace

Result<TorchGallery> read_torch_gallery(ByteView file, const ReadLimits& limits) {
  FACEPIPE_ASSIGN(const TorchContent content, open_content(file, limits));
  const PickleTree& tree = content.tree;
  const PickleNode& root = tree.root();
  if (!is_sequence(root) || root.items.size() != 2 || !is_sequence(tree[root.items[0]]) ||
      !is_sequence(tree[root.items[1]])) {
    return invalid_data("the gallery is " + std::string(to_string(root.kind)) +
                        ", expected a list of two lists: embeddings and names");
  }
  const std::vector<PickleId>& embeddings = tree[root.items[0]].items;
  const std::vector<PickleId>& names = tree[root.items[1]].items;
  if (embeddings.size() != names.size()) {
    return invalid_data("the gallery has " + std::to_string(embeddings.size()) + " embeddings and " +
                        std::to_string(names.size()) + " names");
  }
  if (embeddings.size() > limits.max_entries) {
    return too_large("the gallery has more than " + std::to_string(limits.max_entries) + " embeddings");
  }
  TorchGallery gallery;
  TensorMaker maker(content, limits);
  std::size_t name_bytes = 0;
  for (std::size_t i = 0; i < embeddings.size(); ++i) {
    Result<std::vector<float>> embedding = read_embedding(maker, tree[embeddings[i]]);
    if (!embedding) {
      return Error{embedding.error().code, "embedding " + std::to_string(i) + " " + embedding.error().message};
    }
    if (!gallery.embeddings.empty() && embedding->size() != gallery.embeddings[0].size()) {
      return invalid_data("embedding " + std::to_string(i) + " has " + std::to_string(embedding->size()) +
                          " values, the first has " + std::to_string(gallery.embeddings[0].size()));
    }
    const PickleNode& name = tree[names[i]];
    if (name.kind != PickleKind::kString) {
      return invalid_data("name " + std::to_string(i) + " is " + std::string(to_string(name.kind)) +
                          ", expected a string");
    }
    name_bytes += name.text.size();
    if (name_bytes > limits.max_file_bytes) {  // one long name, shared by many people
      return too_large("the gallery's names together are longer than the largest file");
    }
    gallery.embeddings.push_back(*std::move(embedding));
    gallery.names.emplace_back(name.text);
  }
  return gallery;
}

Bytes write_torch_gallery(const TorchGallery& gallery) {
  FACEPIPE_CHECK(gallery.embeddings.size() == gallery.names.size());
  Bytes storage;
  for (const std::vector<float>& embedding : gallery.embeddings) {
    FACEPIPE_CHECK(!embedding.empty() && embedding.size() == gallery.embeddings[0].size());
    const ByteView values = std::as_bytes(std::span(embedding));
    storage.insert(storage.end(), values.begin(), values.end());
  }
  const Bytes pickle = GalleryPickler(gallery).run();
  std::vector<ZipSource> entries = {{"archive/data.pkl", pickle}, {"archive/byteorder", as_bytes("little")}};
  if (!storage.empty()) {
    entries.push_back({"archive/data/0", storage});
  }
  entries.push_back({"archive/version", as_bytes("3\n")});
  return write_zip(entries);
}

}  // namespace facepipe::weights
