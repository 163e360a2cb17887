// Tested by tensor_file_test.cc.
#include "weights/tensor_file.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "base/json_reader.h"
#include "base/json_writer.h"
#include "weights/byte_writer.h"
#include "weights/parse.h"

namespace facepipe::weights {
namespace {

constexpr std::string_view kMetadataKey = "__metadata__";
constexpr std::size_t kTensorAlignment = 64;          // a cache line
constexpr std::size_t kMaxHeaderBytes = 100'000'000;  // safetensors' own limit
constexpr std::size_t kMaxFileDimensions = 16;        // our networks have 4

struct Entry {
  std::string name;
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

Result<std::vector<std::uint64_t>> counts_of(const JsonValue& list, std::string_view key, const std::string& what) {
  const std::string where = "tensor file: " + what + ": '" + std::string(key) + "'";
  if (list.type() != JsonType::kArray || list.size() > kMaxFileDimensions) {
    return invalid_data(where + " is not an array of at most 16 numbers");
  }
  std::vector<std::uint64_t> counts;
  FACEPIPE_TRY(list.each_item([&](const JsonValue& item) -> Status {
    const auto count = item.as_integer();
    if (!count || *count < 0) {
      return invalid_data(where + " holds something that is not a count");
    }
    counts.push_back(static_cast<std::uint64_t>(*count));
    return {};
  }));
  return counts;
}

Status check_object(const JsonValue& value, const std::string& what) {
  return value.type() == JsonType::kObject ? Status() : invalid_data("tensor file: " + what + " is not a JSON object");
}

Result<Entry> parse_entry(std::string_view name, const JsonValue& value) {
  const std::string what = "entry " + quote(name);
  FACEPIPE_TRY(check_name(name));
  FACEPIPE_TRY(check_object(value, what));
  const auto type = value["dtype"].as_string();
  if (!type) {
    return invalid_data("tensor file: " + what + ": 'dtype' is missing");
  }
  if (*type != "F32") {
    return unsupported("tensor file: " + what + " has type " + quote(*type) + ", expected 'F32'");
  }
  FACEPIPE_ASSIGN(const std::vector<std::uint64_t> shape, counts_of(value["shape"], "shape", what));
  FACEPIPE_ASSIGN(const std::vector<std::uint64_t> offsets, counts_of(value["data_offsets"], "data_offsets", what));
  if (offsets.size() != 2 || offsets[0] > offsets[1]) {
    return invalid_data("tensor file: " + what + ": 'data_offsets' is not [begin, end]");
  }
  Entry entry{.name = std::string(name), .shape = {}, .begin = offsets[0], .end = offsets[1]};
  std::uint64_t size_bytes = sizeof(float);
  for (const std::uint64_t extent : shape) {
    if (__builtin_mul_overflow(size_bytes, extent, &size_bytes)) {
      return too_large("tensor file: the size of " + what + " overflows 64 bits");
    }
    entry.shape.push_back(static_cast<std::int64_t>(extent));
  }
  if (size_bytes != entry.end - entry.begin) {
    return invalid_data("tensor file: " + what + " has " + std::to_string(entry.end - entry.begin) +
                        " bytes, its shape needs " + std::to_string(size_bytes));
  }
  return entry;
}

Status parse_metadata(const JsonValue& metadata, const ReadLimits& limits, TensorFileMetadata& found) {
  FACEPIPE_TRY(check_object(metadata, std::string(kMetadataKey)));
  return metadata.each_field([&](std::string_view name, const JsonValue& value) -> Status {
    const auto text = value.as_string();
    if (!text) {
      return invalid_data("tensor file: metadata " + quote(name) + " is not a string");
    }
    if (found.size() >= limits.max_entries) {
      return too_large("tensor file: more than " + std::to_string(limits.max_entries) + " metadata");
    }
    if (!found.emplace(std::string(name), std::string(*text)).second) {
      return invalid_data("tensor file: metadata " + quote(name) + " is there twice");
    }
    return {};
  });
}

Result<std::vector<Entry>> parse_header(std::string_view header, const ReadLimits& limits,
                                        TensorFileMetadata& metadata) {
  FACEPIPE_ASSIGN(
      const auto document,
      JsonDocument::parse(header, {.max_bytes = kMaxHeaderBytes}).with_context("tensor file: the header is not JSON"));
  FACEPIPE_TRY(check_object(document.root(), "the header"));
  std::vector<Entry> entries;
  bool has_metadata = false;
  FACEPIPE_TRY(document.root().each_field([&](std::string_view name, const JsonValue& value) -> Status {
    if (name == kMetadataKey) {
      return std::exchange(has_metadata, true) ? invalid_data("tensor file: two entries named '__metadata__'")
                                               : parse_metadata(value, limits, metadata);
    }
    if (entries.size() >= limits.max_entries) {
      return too_large("tensor file: more than " + std::to_string(limits.max_entries) + " tensors");
    }
    FACEPIPE_ASSIGN(Entry entry, parse_entry(name, value));
    entries.push_back(std::move(entry));
    return {};
  }));
  return entries;
}

// As safetensors demands: the tensors follow each other without gaps and fill the file.
Status check_placement(std::vector<Entry>& entries, std::size_t data_bytes) {
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return std::pair(a.begin, a.end) < std::pair(b.begin, b.end); });
  std::uint64_t used_to = 0;
  for (const Entry& entry : entries) {
    if (entry.begin != used_to) {
      return invalid_data("tensor file: entry " + quote(entry.name) + " begins at byte " + std::to_string(entry.begin) +
                          " of the data, expected " + std::to_string(used_to));
    }
    used_to = entry.end;
  }
  if (used_to != data_bytes) {
    return invalid_data("tensor file: the data has " + std::to_string(data_bytes) + " bytes, the entries need " +
                        std::to_string(used_to));
  }
  return {};
}

std::string header_json(const TensorFile& file) {
  JsonWriter json;
  json.begin_object();
  if (!file.metadata.empty()) {
    json.key(kMetadataKey).begin_object();
    for (const auto& [key, value] : file.metadata) {
      json.key(key).string(value);
    }
    json.end_object();
  }
  std::int64_t offset = 0;
  for (const auto& [name, tensor] : file.tensors) {
    FACEPIPE_CHECK(name != kMetadataKey);
    std::int64_t count = 1;
    json.key(name).begin_object().key("dtype").string("F32").key("shape").begin_array();
    for (const std::int64_t extent : tensor.shape) {
      json.integer(extent);
      count *= extent;
    }
    FACEPIPE_CHECK(static_cast<std::uint64_t>(count) == tensor.values.size());
    const std::int64_t end = offset + count * static_cast<std::int64_t>(sizeof(float));
    json.end_array().key("data_offsets").begin_array().integer(offset).integer(end).end_array().end_object();
    offset = end;
  }
  json.end_object();
  std::string text = std::move(json).text();
  const std::size_t data =
      (sizeof(std::uint64_t) + text.size() + kTensorAlignment - 1) / kTensorAlignment * kTensorAlignment;
  text.resize(data - sizeof(std::uint64_t), ' ');
  return text;
}

}  // namespace

Bytes write_tensor_file(const TensorFile& file) {
  const std::string header = header_json(file);
  ByteWriter out;
  out.u64(header.size()).text(header);
  for (const auto& [name, tensor] : file.tensors) {
    out.bytes(std::as_bytes(std::span(tensor.values)));
  }
  return std::move(out).take();
}

Result<TensorFileView> view_tensor_file(ByteView bytes, const ReadLimits& limits) {
  FACEPIPE_TRY(check_file_size(bytes, limits));
  ByteReader reader(bytes);
  const std::uint64_t header_bytes = reader.u64();
  if (reader.overrun() || header_bytes > reader.remaining()) {
    return invalid_data("tensor file: the header is cut short");
  }
  if (header_bytes > kMaxHeaderBytes) {
    return too_large("tensor file: a header of " + std::to_string(header_bytes) + " bytes, at most " +
                     std::to_string(kMaxHeaderBytes) + " are read");
  }
  const ByteView header = reader.take(header_bytes);
  const ByteView data = reader.take(reader.remaining());
  TensorFileView file;
  FACEPIPE_ASSIGN(std::vector<Entry> entries, parse_header(as_text(header), limits, file.metadata));
  FACEPIPE_TRY(check_placement(entries, data.size()));
  if (data.size() / sizeof(float) > limits.max_tensor_values) {
    return too_large("tensor file: more than " + std::to_string(limits.max_tensor_values) + " values");
  }
  for (Entry& entry : entries) {
    TensorBytes tensor{.shape = std::move(entry.shape), .values = data.subspan(entry.begin, entry.end - entry.begin)};
    if (!file.tensors.emplace(entry.name, std::move(tensor)).second) {
      return invalid_data("tensor file: entry " + quote(entry.name) + " is there twice");
    }
  }
  return file;
}

Result<TensorFile> read_tensor_file(ByteView bytes, const ReadLimits& limits) {
  FACEPIPE_ASSIGN(TensorFileView view, view_tensor_file(bytes, limits));
  TensorFile file{.metadata = std::move(view.metadata), .tensors = {}};
  for (auto& [name, found] : view.tensors) {
    Tensor tensor{.shape = std::move(found.shape), .values = {}};
    tensor.values.resize(found.values.size() / sizeof(float));
    if (!tensor.values.empty()) {
      std::memcpy(tensor.values.data(), found.values.data(), found.values.size());
    }
    file.tensors.emplace(name, std::move(tensor));
  }
  return file;
}

}  // namespace facepipe::weights
