// Field numbers and enumerators are those of tensorflow/compiler/mlir/lite/schema/schema.fbs, version 3. Tested by
// tflite_test.cc and tflite_hostile_test.cc.
#include "packs/sources/tflite.h"

#include <algorithm>
#include <array>
#include <optional>
#include <ranges>
#include <string>
#include <utility>

#include "base/text.h"
#include "packs/sources/flatbuffer.h"
#include "packs/sources/tflite_operators.h"
#include "weights/parse.h"
#include "weights/tensor.h"

namespace facepipe::weights {
namespace {

using tflite::kKnown;
using tflite::kNoField;
using tflite::Known;

constexpr std::string_view kIdentifier = "TFL3";
constexpr std::size_t kIdentifierAt = 4;
constexpr std::uint32_t kSchemaVersion = 3;

// MobileFaceNet has 370 tensors and 230 operators.
constexpr std::size_t kMaxItems = 8'192;
constexpr std::size_t kMaxRank = 4;
constexpr std::int64_t kMaxExtent = 65'536;
constexpr std::int64_t kMaxValues = std::int64_t{1} << 26U;
constexpr std::size_t kMaxInputs = 3;
constexpr std::int64_t kMaxWindow = 1'024;

std::string names_of_known() {
  return joined(std::views::transform(kKnown, &Known::name), ", ");
}

// The product of the extents; nullopt past the bounds.
std::optional<std::int64_t> count_of(std::span<const std::int64_t> shape) {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) {
    if (extent < 1 || extent > kMaxExtent || count * extent > kMaxValues) {
      return std::nullopt;
    }
    count *= extent;
  }
  return count;
}

class TfliteReader {
 public:
  explicit TfliteReader(ByteView file) : file_(file), buffer_(file) {}

  Result<TfliteModel> read() &&;

 private:
  // What the buffer has met, as the error of what was being read.
  Status whole() const { return buffer_.error() ? Status(*buffer_.error()) : Status(); }
  Status read_codes(const FlatTable& model);
  Status read_graph(const FlatTable& graph);
  Result<TfliteTensor> tensor(const FlatTable& table, const std::string& what);
  Result<ByteView> constant(std::uint32_t buffer, std::int64_t values, const std::string& what);
  Result<TfliteOperator> operation(const FlatTable& table, const std::string& what);
  Status read_options(const FlatTable& table, const Known& known, const std::string& what, TfliteOperator& operation);
  Result<std::size_t> computed(std::span<const std::int32_t> indices, const std::string& what) const;
  Result<std::size_t> index(std::int32_t index, const std::string& what) const;
  Status check_order() const;

  ByteView file_;
  FlatBuffer buffer_;
  std::vector<const Known*> codes_;
  std::vector<FlatTable> buffers_;
  std::uint64_t constant_bytes_ = 0;
  TfliteModel model_;
};

Status TfliteReader::read_codes(const FlatTable& model) {
  for (const FlatTable& code : model.tables(1, kMaxItems)) {
    // The old field holds codes up to 126, the new one (3) all; a file may have either.
    const std::int32_t number = std::max<std::int32_t>(code.number<std::int8_t>(0, 0), code.number<std::int32_t>(3, 0));
    const auto* known = std::ranges::find(kKnown, number, &Known::code);
    if (known == kKnown.end() || !code.text(1, kMaxNameBytes).empty()) {
      FACEPIPE_TRY(whole());
      return unsupported("TFLite: operator code " + std::to_string(number) +
                         " is none of those that are read: " + names_of_known());
    }
    codes_.push_back(known);
  }
  return whole();
}

Result<ByteView> TfliteReader::constant(std::uint32_t buffer, std::int64_t values, const std::string& what) {
  constexpr std::uint64_t kValueBytes = 4;
  if (buffer >= buffers_.size()) {
    return invalid_data(what + " has buffer " + std::to_string(buffer) + " of " + std::to_string(buffers_.size()));
  }
  const FlatTable& table = buffers_[buffer];
  if (table.number<std::uint64_t>(1, 0) > 1) {
    return unsupported(what + " has its values outside of the FlatBuffer");
  }
  const ByteView data = table.bytes(0);
  FACEPIPE_TRY(whole());
  if (!data.empty() && data.size() != static_cast<std::uint64_t>(values) * kValueBytes) {
    return invalid_data(what + ": expected " + std::to_string(values) + " values of 4 bytes, got " +
                        std::to_string(data.size()) + " bytes");
  }
  constant_bytes_ += data.size();
  if (constant_bytes_ > file_.size()) {
    return too_large("TFLite: the constants together are larger than the file");
  }
  return data;
}

Result<TfliteTensor> TfliteReader::tensor(const FlatTable& table, const std::string& what) {
  constexpr std::int8_t kFloat32 = 0;
  constexpr std::int8_t kInt32 = 2;
  TfliteTensor tensor;
  for (const std::int32_t extent : table.integers(0, kMaxRank)) {
    tensor.shape.push_back(extent);
  }
  const auto type = table.number<std::int8_t>(1, 0);
  tensor.is_float = type == kFloat32;
  tensor.name = table.text(3, kMaxNameBytes);
  const bool quantised = !table.table(4).bytes(2).empty();  // it has a scale
  const bool variable = table.number<std::uint8_t>(5, 0) != 0;
  const bool sparse = table.has(6);
  FACEPIPE_TRY(whole());
  if (type != kFloat32 && type != kInt32) {
    return unsupported(what + ": type " + std::to_string(type) + ", expected 0 (float32) or 2 (int32)");
  }
  if (quantised || variable || sparse) {
    return unsupported(what + ": expected a plain tensor, got a quantised, variable or sparse one");
  }
  const std::optional<std::int64_t> values = count_of(tensor.shape);
  if (!values) {
    return too_large(what + ": shape " + shape_to_string(tensor.shape) + ", expected extents from 1 to " +
                     std::to_string(kMaxExtent) + " and at most " + std::to_string(kMaxValues) + " values");
  }
  FACEPIPE_ASSIGN(tensor.constant, constant(table.number<std::uint32_t>(2, 0), *values, what));
  if (!tensor.is_float && tensor.constant.empty()) {
    return unsupported(what + ": integers that the graph computes");
  }
  return tensor;
}

Result<std::size_t> TfliteReader::index(std::int32_t index, const std::string& what) const {
  if (index < 0 || static_cast<std::size_t>(index) >= model_.tensors.size()) {
    return invalid_data(what + ": tensor " + std::to_string(index) + " of " + std::to_string(model_.tensors.size()));
  }
  return static_cast<std::size_t>(index);
}

// The one tensor of `indices`, float32 and no constant.
Result<std::size_t> TfliteReader::computed(std::span<const std::int32_t> indices, const std::string& what) const {
  if (indices.size() != 1) {
    return unsupported(what + ": expected one tensor, got " + std::to_string(indices.size()));
  }
  FACEPIPE_ASSIGN(const std::size_t only, index(indices[0], what));
  if (!model_.tensors[only].constant.empty()) {
    return invalid_data(what + ": tensor " + std::to_string(only) + " is a constant");
  }
  return only;
}

Status TfliteReader::read_options(const FlatTable& table, const Known& known, const std::string& what,
                                  TfliteOperator& operation) {
  constexpr std::int8_t kSame = 0;
  constexpr std::int8_t kValid = 1;
  constexpr std::int8_t kFusedRelu = 1;
  const bool windowed = known.op == TfliteOp::kConv2d || known.op == TfliteOp::kDepthwiseConv2d;
  const auto type = table.number<std::uint8_t>(3, 0);
  const FlatTable options = table.table(4);
  if (type != known.options && (type != 0 || windowed)) {
    return invalid_data(what + ": options of type " + std::to_string(type) + ", expected " +
                        std::to_string(known.options));
  }
  if (known.fused_field != kNoField) {
    const auto fused = options.number<std::int8_t>(known.fused_field, 0);
    if (fused != 0 && fused != kFusedRelu) {
      return unsupported(what + ": fused activation " + std::to_string(fused) + ", expected none or RELU");
    }
    operation.fused_relu = fused == kFusedRelu;
  }
  if (!windowed) {
    return whole();
  }
  const unsigned dilation_x = known.op == TfliteOp::kConv2d ? 4 : 5;  // the other has a depth_multiplier before it
  const auto padding = options.number<std::int8_t>(0, 0);
  TfliteWindow& window = operation.window;
  window = {padding == kSame, options.number<std::int32_t>(2, 0), options.number<std::int32_t>(1, 0),
            options.number<std::int32_t>(dilation_x + 1, 1), options.number<std::int32_t>(dilation_x, 1)};
  FACEPIPE_TRY(whole());
  for (const std::int64_t step : {window.stride_y, window.stride_x, window.dilation_y, window.dilation_x}) {
    if (step < 1 || step > kMaxWindow || (padding != kSame && padding != kValid)) {
      return invalid_data(what + ": expected strides and dilations from 1 to " + std::to_string(kMaxWindow) +
                          " and padding SAME or VALID, got " + std::to_string(step) + " and " +
                          std::to_string(padding));
    }
  }
  return {};
}

Result<TfliteOperator> TfliteReader::operation(const FlatTable& table, const std::string& where) {
  const auto code = table.number<std::uint32_t>(0, 0);
  FACEPIPE_TRY(whole());
  if (code >= codes_.size()) {
    return invalid_data(where + ": code " + std::to_string(code) + " of " + std::to_string(codes_.size()));
  }
  const Known& known = *codes_[code];
  const std::string what = where + " (" + std::string(known.name) + ")";
  TfliteOperator operation;
  operation.op = known.op;
  const std::vector<std::int32_t> inputs = table.integers(1, kMaxInputs);
  const std::vector<std::int32_t> outputs = table.integers(2, kMaxInputs);
  FACEPIPE_TRY(whole());
  if (inputs.size() != known.inputs) {
    return unsupported(what + ": expected " + std::to_string(known.inputs) + " inputs, got " +
                       std::to_string(inputs.size()));
  }
  for (const std::int32_t input : inputs) {
    FACEPIPE_ASSIGN(const std::size_t tensor, index(input, what));
    operation.inputs.push_back(tensor);
  }
  FACEPIPE_ASSIGN(operation.output, computed(outputs, what + ": output"));
  FACEPIPE_TRY(read_options(table, known, what, operation));
  return operation;
}

// No cycles: what an operator takes is there before it runs, and nothing is computed twice.
Status TfliteReader::check_order() const {
  std::vector<bool> there(model_.tensors.size());
  for (std::size_t i = 0; i < there.size(); ++i) {
    there[i] = !model_.tensors[i].constant.empty() || i == model_.input;
  }
  for (std::size_t i = 0; i < model_.operators.size(); ++i) {
    const TfliteOperator& operation = model_.operators[i];
    const auto is_there = [&](std::size_t tensor) { return there[tensor]; };
    if (!std::ranges::all_of(operation.inputs, is_there) || there[operation.output]) {
      return invalid_data("TFLite: operator " + std::to_string(i) +
                          " takes what is computed after it, or computes what is there already");
    }
    there[operation.output] = true;
  }
  return there[model_.output] ? Status() : Status(invalid_data("TFLite: nothing computes the output"));
}

Status TfliteReader::read_graph(const FlatTable& graph) {
  const std::vector<FlatTable> tensors = graph.tables(0, kMaxItems);
  const std::vector<std::int32_t> inputs = graph.integers(1, kMaxItems);
  const std::vector<std::int32_t> outputs = graph.integers(2, kMaxItems);
  const std::vector<FlatTable> operators = graph.tables(3, kMaxItems);
  FACEPIPE_TRY(whole());
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    FACEPIPE_ASSIGN(TfliteTensor read, tensor(tensors[i], "TFLite: tensor " + std::to_string(i)));
    model_.tensors.push_back(std::move(read));
  }
  FACEPIPE_ASSIGN(model_.input, computed(inputs, "TFLite: the graph's input"));
  FACEPIPE_ASSIGN(model_.output, computed(outputs, "TFLite: the graph's output"));
  for (std::size_t i = 0; i < operators.size(); ++i) {
    FACEPIPE_ASSIGN(TfliteOperator read, operation(operators[i], "TFLite: operator " + std::to_string(i)));
    model_.operators.push_back(std::move(read));
  }
  return check_order();
}

Result<TfliteModel> TfliteReader::read() && {
  if (!is_tflite(file_)) {
    return invalid_data("TFLite: expected the identifier TFL3 at byte 4");
  }
  const FlatTable model = buffer_.root();
  const auto version = model.number<std::uint32_t>(0, 0);
  FACEPIPE_TRY(whole());
  if (version != kSchemaVersion) {
    return unsupported("TFLite: schema version " + std::to_string(version) + ", expected 3");
  }
  FACEPIPE_TRY(read_codes(model));
  buffers_ = model.tables(4, kMaxItems);
  const std::vector<FlatTable> graphs = model.tables(2, kMaxItems);
  FACEPIPE_TRY(whole());
  if (graphs.size() != 1) {
    return unsupported("TFLite: " + std::to_string(graphs.size()) + " graphs, expected 1");
  }
  FACEPIPE_TRY(read_graph(graphs[0]));
  return std::move(model_);
}

}  // namespace

std::string_view to_string(TfliteOp op) {
  return std::ranges::find(kKnown, op, &Known::op)->name;
}

bool is_tflite(ByteView file) {
  return file.size() >= kIdentifierAt + kIdentifier.size() &&
         as_text(file.subspan(kIdentifierAt, kIdentifier.size())) == kIdentifier;
}

Result<TfliteModel> read_tflite(ByteView file) {
  return TfliteReader(file).read();
}

}  // namespace facepipe::weights
