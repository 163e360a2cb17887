// Tested by tensor_file_test.cc.
#include "weights/tensor_file.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/json_writer.h"
#include "weights/byte_writer.h"
#include "weights/parse.h"

namespace facepipe::weights {
namespace {

namespace dom = simdjson::dom;

constexpr std::string_view kMetadataKey = "__metadata__";
constexpr std::size_t kHeaderAlignment = 8;
constexpr std::size_t kMaxHeaderBytes = 100'000'000;  // safetensors' own limit
constexpr std::size_t kMaxFileDimensions = 16;        // our networks have 4

struct Entry {
  std::string name;
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

Result<dom::object> object_of(dom::element element, const std::string& what) {
  dom::object object;
  if (element.get_object().get(object) != simdjson::SUCCESS) {
    return invalid_data("tensor file: " + what + " is not a JSON object");
  }
  return object;
}

Result<std::vector<std::uint64_t>> counts_of(const dom::object& object, const char* key, const std::string& what) {
  dom::array array;
  if (object[key].get_array().get(array) != simdjson::SUCCESS || array.size() > kMaxFileDimensions) {
    return invalid_data("tensor file: " + what + ": '" + key + "' is not an array of at most 16 numbers");
  }
  std::vector<std::uint64_t> counts;
  for (const dom::element element : array) {
    std::uint64_t count = 0;
    if (element.get_uint64().get(count) != simdjson::SUCCESS ||
        count > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      return invalid_data("tensor file: " + what + ": '" + key + "' holds something that is not a count");
    }
    counts.push_back(count);
  }
  return counts;
}

Result<Entry> parse_entry(std::string_view name, dom::element element) {
  const std::string what = "entry " + quote(name);
  FACEPIPE_TRY(check_name(name));
  FACEPIPE_ASSIGN(const dom::object object, object_of(element, what));
  std::string_view type;
  if (object["dtype"].get_string().get(type) != simdjson::SUCCESS) {
    return invalid_data("tensor file: " + what + ": 'dtype' is missing");
  }
  if (type != "F32") {
    return unsupported("tensor file: " + what + " has type " + quote(type) + ", expected 'F32'");
  }
  FACEPIPE_ASSIGN(const std::vector<std::uint64_t> shape, counts_of(object, "shape", what));
  FACEPIPE_ASSIGN(const std::vector<std::uint64_t> offsets, counts_of(object, "data_offsets", what));
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

Status parse_metadata(dom::element element, const ReadLimits& limits, TensorFile& file) {
  FACEPIPE_ASSIGN(const dom::object object, object_of(element, std::string(kMetadataKey)));
  for (const dom::key_value_pair field : object) {
    std::string_view value;
    if (field.value.get_string().get(value) != simdjson::SUCCESS) {
      return invalid_data("tensor file: metadata " + quote(field.key) + " is not a string");
    }
    if (file.metadata.size() >= limits.max_entries) {
      return too_large("tensor file: more than " + std::to_string(limits.max_entries) + " metadata");
    }
    if (!file.metadata.emplace(std::string(field.key), std::string(value)).second) {
      return invalid_data("tensor file: metadata " + quote(field.key) + " is there twice");
    }
  }
  return {};
}

Result<std::vector<Entry>> parse_header(std::string_view header, const ReadLimits& limits, TensorFile& file) {
  dom::parser parser;
  dom::element root;
  if (const simdjson::error_code error = parser.parse(header.data(), header.size()).get(root);
      error != simdjson::SUCCESS) {
    return invalid_data(std::string("tensor file: the header is not JSON: ") + simdjson::error_message(error));
  }
  FACEPIPE_ASSIGN(const dom::object object, object_of(root, "the header"));
  std::vector<Entry> entries;
  bool has_metadata = false;
  for (const dom::key_value_pair field : object) {
    if (field.key == kMetadataKey) {
      if (std::exchange(has_metadata, true)) {
        return invalid_data("tensor file: two entries named '__metadata__'");
      }
      FACEPIPE_TRY(parse_metadata(field.value, limits, file));
      continue;
    }
    if (entries.size() >= limits.max_entries) {
      return too_large("tensor file: more than " + std::to_string(limits.max_entries) + " tensors");
    }
    FACEPIPE_ASSIGN(Entry entry, parse_entry(field.key, field.value));
    entries.push_back(std::move(entry));
  }
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
  text.resize((text.size() + kHeaderAlignment - 1) / kHeaderAlignment * kHeaderAlignment, ' ');
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

Result<TensorFile> read_tensor_file(ByteView bytes, const ReadLimits& limits) {
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
  TensorFile file;
  FACEPIPE_ASSIGN(std::vector<Entry> entries, parse_header(as_text(header), limits, file));
  FACEPIPE_TRY(check_placement(entries, data.size()));
  if (data.size() / sizeof(float) > limits.max_tensor_values) {
    return too_large("tensor file: more than " + std::to_string(limits.max_tensor_values) + " values");
  }
  for (Entry& entry : entries) {
    Tensor tensor{.shape = std::move(entry.shape), .values = {}};
    tensor.values.resize(static_cast<std::size_t>(entry.end - entry.begin) / sizeof(float));
    if (!tensor.values.empty()) {
      std::memcpy(tensor.values.data(), data.data() + entry.begin, tensor.values.size() * sizeof(float));
    }
    if (!file.tensors.emplace(entry.name, std::move(tensor)).second) {
      return invalid_data("tensor file: entry " + quote(entry.name) + " is there twice");
    }
  }
  return file;
}

}  // namespace facepipe::weights
