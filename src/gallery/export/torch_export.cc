// Tested by torch_export_test.cc.
#include "gallery/export/torch_export.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/file.h"
#include "gallery/names.h"
#include "weights/byte_writer.h"
#include "weights/zip_writer.h"

namespace facepipe::gallery {
namespace {

// Protocol 2: what every version of torch.load reads, weights_only included.
class GalleryPickler {
 public:
  explicit GalleryPickler(const weights::TorchGallery& gallery) : gallery_(gallery) {}

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

  const weights::TorchGallery& gallery_;
  weights::ByteWriter out_;
};

}  // namespace

Bytes write_torch_gallery(const weights::TorchGallery& gallery) {
  FACEPIPE_CHECK(gallery.embeddings.size() == gallery.names.size());
  Bytes storage;
  storage.reserve(gallery.embeddings.empty() ? 0 : gallery.embeddings.size() * gallery.embeddings[0].size() * 4);
  for (const std::vector<float>& embedding : gallery.embeddings) {
    FACEPIPE_CHECK(!embedding.empty() && embedding.size() == gallery.embeddings[0].size());
    const ByteView values = std::as_bytes(std::span(embedding));
    storage.insert(storage.end(), values.begin(), values.end());
  }
  const Bytes pickle = GalleryPickler(gallery).run();
  std::vector<weights::ZipSource> entries = {{"archive/data.pkl", pickle}, {"archive/byteorder", as_bytes("little")}};
  if (!storage.empty()) {
    entries.push_back({"archive/data/0", storage});
  }
  entries.push_back({"archive/version", as_bytes("3\n")});
  return weights::write_zip(entries);
}

Status export_torch_gallery(const Gallery& gallery, const std::filesystem::path& file) {
  GalleryOrigin python{"", {}, gallery.origin().embedding_size};
  FACEPIPE_ASSIGN(python.preprocessing, model::known_mode("classic"));
  if (const Status compatible = gallery.check_compatible(python); !compatible) {
    return compatible.error().with_context("the Python pipeline cannot use this gallery");
  }
  constexpr std::size_t kMaxTorchBytes = weights::ReadLimits{}.max_file_bytes;
  constexpr std::size_t kBytesPerEntry = 64 + kMaxNameBytes;  // of the pickle, at most
  const std::size_t row_bytes = static_cast<std::size_t>(python.embedding_size) * sizeof(float);
  if (gallery.embedding_count() > kMaxTorchBytes / (row_bytes + kBytesPerEntry)) {  // the import would refuse it
    return Error{ErrorCode::kTooLarge, "a .pt file of " + std::to_string(gallery.embedding_count()) +
                                           " embeddings of " + std::to_string(python.embedding_size) +
                                           " values could have more than " + std::to_string(kMaxTorchBytes) + " bytes"};
  }
  weights::TorchGallery torch;
  for (std::size_t i = 0; i < gallery.embedding_count(); ++i) {
    const auto row = gallery.embedding(i);
    torch.embeddings.emplace_back(row.begin(), row.end());
    torch.names.push_back(gallery.people()[gallery.owner(i)].name);
  }
  return write_file_atomically(file, write_torch_gallery(torch), /*private_file=*/true);
}

}  // namespace facepipe::gallery
