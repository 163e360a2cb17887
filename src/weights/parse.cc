#include "weights/parse.h"

#include <simdjson.h>

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

bool is_utf8(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size());
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
  constexpr std::size_t kTarMagicAt = 257;
  const std::string_view text = as_text(file);
  if (text.empty()) {
    return "is empty";
  }
  if (text.starts_with("\x80")) {
    return "looks like a plain pickle: save it with torch.save";
  }
  if (text.starts_with("PK\x03\x04")) {
    return "looks like a zip archive";
  }
  if (text.starts_with("\x89HDF")) {
    return "looks like HDF5";
  }
  if (text.starts_with("\x1F\x8B")) {
    return "looks like gzip: decompress it first";
  }
  if (text.starts_with("\x93NUMPY")) {
    return "looks like a numpy array (.npy): save torch tensors with torch.save";
  }
  if (text.size() > kTarMagicAt && text.substr(kTarMagicAt).starts_with("ustar")) {
    return "looks like a tar archive, as the first versions of PyTorch wrote: load and save it with a later one";
  }
  if (text.starts_with("<") || text.starts_with("version https://git-lfs")) {
    return "looks like text: a web page or a Git LFS pointer";
  }
  if (text.size() > 9 && text[8] == '{') {
    return "looks like safetensors: load it with safetensors.torch and save it with torch.save";
  }
  if (text.starts_with("\x08") && text.size() > 2 && text[1] < 0x10 && text[1] > 0 &&
      (text[2] == '\x12' || text[2] == ':')) {
    return "looks like ONNX: save the model it was made from with torch.save";
  }
  if (text.size() > 8 && text.substr(4).starts_with("TFL3")) {
    return "looks like TensorFlow Lite";
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
