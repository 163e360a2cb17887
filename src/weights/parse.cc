#include "weights/parse.h"

#include <algorithm>

#include "weights/tensor.h"

namespace facepipe::weights {

std::string shape_to_string(std::span<const std::int64_t> shape) {
  std::string text = "[";
  for (const std::int64_t extent : shape) {
    text += (text.size() > 1 ? "," : "") + (extent == kAnyExtent ? "D" : std::to_string(extent));
  }
  return text + "]";
}

std::string quote(std::string_view text) {
  constexpr std::size_t kMaxQuoted = 100;
  std::string result = "'";
  for (const char c : text.substr(0, kMaxQuoted)) {
    result += c >= ' ' && c <= '~' ? c : '?';
  }
  result += text.size() > kMaxQuoted ? "...'" : "'";
  return result;
}

Status check_name(std::string_view name) {
  if (name.empty() || name.size() > kMaxNameBytes) {
    return invalid_data("a tensor's name of " + std::to_string(name.size()) + " bytes, expected 1 to " +
                        std::to_string(kMaxNameBytes));
  }
  if (name == "__metadata__") {
    return invalid_data("a tensor is named '__metadata__', which is reserved");
  }
  return {};
}

ReadLimits limits_for(std::size_t file_bytes, ReadLimits limits) {
  constexpr std::size_t kBytesPerEntry = 8;
  constexpr std::size_t kValuesAlways = std::size_t{1} << 20U;
  limits.max_entries = std::max(limits.max_entries, file_bytes / kBytesPerEntry);
  limits.max_tensor_values = std::min(limits.max_tensor_values, std::max(kValuesAlways, file_bytes));
  return limits;
}

std::string_view resemblance(ByteView file) {
  struct Beginning {
    std::string_view bytes;
    std::string_view looks_like;
    std::size_t at = 0;
  };
  static constexpr Beginning kBeginnings[] = {
      {"\x80", "looks like a plain pickle: save it with torch.save"},
      {"PK\x03\x04", "looks like a zip archive"},
      {"\x89HDF", "looks like HDF5"},
      {"\x1F\x8B", "looks like gzip: decompress it first"},
      {"\x93NUMPY", "looks like a numpy array (.npy): save torch tensors with torch.save"},
      {"ustar", "looks like a tar archive, as the first versions of PyTorch wrote: load and save it with a later one",
       257},
      {"<", "looks like text: a web page or a Git LFS pointer"},
      {"version https://git-lfs", "looks like text: a web page or a Git LFS pointer"},
      {"{", "looks like safetensors: load it with safetensors.torch and save it with torch.save", 8},
      {"TFL3", "looks like TensorFlow Lite", 4},
  };
  const std::string_view text = as_text(file);
  if (text.empty()) {
    return "is empty";
  }
  for (const Beginning& beginning : kBeginnings) {
    if (text.size() > beginning.at && text.substr(beginning.at).starts_with(beginning.bytes)) {
      return beginning.looks_like;
    }
  }
  if (text.starts_with("\x08") && text.size() > 2 && text[1] < 0x10 && text[1] > 0 &&
      (text[2] == '\x12' || text[2] == ':')) {
    return "looks like ONNX: save the model it was made from with torch.save";
  }
  return "begins with bytes of no known format";
}

Status check_file_size(ByteView file, const ReadLimits& limits) {
  if (file.size() > limits.max_file_bytes) {
    return too_large("a weights file of " + std::to_string(file.size()) + " bytes, at most " +
                     std::to_string(limits.max_file_bytes) + " are read");
  }
  return {};
}

Result<ByteView> slice(ByteView bytes, std::uint64_t offset, std::uint64_t size, std::string_view what) {
  if (offset > bytes.size() || size > bytes.size() - offset) {
    return invalid_data(std::string(what) + " at byte " + std::to_string(offset) + ", " + std::to_string(size) +
                        " bytes, is outside the file of " + std::to_string(bytes.size()) + " bytes");
  }
  return bytes.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(size));
}

std::string_view ByteReader::line() {
  const std::string_view rest = as_text(bytes_.subspan(position_));
  const std::size_t length = rest.find('\n');
  if (length == std::string_view::npos) {
    overrun_ = true;
    return {};
  }
  position_ += length + 1;
  return rest.substr(0, length);
}

}  // namespace facepipe::weights
