// Field numbers are those of onnx/onnx.proto. Tested by onnx_reader_test.cc.
#include "packs/onnx_reader.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <set>
#include <string>
#include <utility>

#include "packs/onnx_messages.h"
#include "packs/sources/protobuf.h"
#include "weights/parse.h"

namespace facepipe::packs {
namespace {

using weights::ProtoReader;
using weights::quote;

constexpr std::size_t kMaxNodes = 16'384;
constexpr std::int64_t kMinIrVersion = 3;
constexpr std::int64_t kMaxIrVersion = 13;

// What the embedders of the field are made of. No operator here reads a file, keeps a state or draws by chance.
constexpr auto kReadOperators = std::to_array<std::string_view>({"Abs",
                                                                 "Add",
                                                                 "AveragePool",
                                                                 "BatchNormalization",
                                                                 "Cast",
                                                                 "Ceil",
                                                                 "Clip",
                                                                 "Concat",
                                                                 "Constant",
                                                                 "Conv",
                                                                 "Div",
                                                                 "Dropout",
                                                                 "Elu",
                                                                 "Erf",
                                                                 "Exp",
                                                                 "Flatten",
                                                                 "Gather",
                                                                 "Gemm",
                                                                 "GlobalAveragePool",
                                                                 "GlobalMaxPool",
                                                                 "HardSigmoid",
                                                                 "HardSwish",
                                                                 "Identity",
                                                                 "LeakyRelu",
                                                                 "LpNormalization",
                                                                 "MatMul",
                                                                 "Max",
                                                                 "MaxPool",
                                                                 "Min",
                                                                 "Mul",
                                                                 "Neg",
                                                                 "PRelu",
                                                                 "Pad",
                                                                 "Pow",
                                                                 "ReduceL2",
                                                                 "ReduceMean",
                                                                 "ReduceSum",
                                                                 "Relu",
                                                                 "Reshape",
                                                                 "Shape",
                                                                 "Sigmoid",
                                                                 "Slice",
                                                                 "Softmax",
                                                                 "Softplus",
                                                                 "Sqrt",
                                                                 "Squeeze",
                                                                 "Sub",
                                                                 "Tanh",
                                                                 "Transpose",
                                                                 "Unsqueeze"});

class OnnxReader {
 public:
  Result<OnnxGraph> read(ByteView file) &&;

 private:
  Status read_opset(ByteView message);
  Status read_graph(ByteView message);
  Status read_node(ByteView message);
  Status add_initializer(std::string name, OnnxConstant constant);
  Status constant_node(const OnnxNode& node, std::optional<OnnxConstant> value);
  Status choose_ends();
  Status check_order() const;

  OnnxGraph graph_;
  std::vector<OnnxValue> inputs_;
  std::vector<OnnxValue> outputs_;
};

Status OnnxReader::read_opset(ByteView message) {
  ProtoReader reader(message);
  std::string_view domain;
  std::uint64_t version = 0;
  while (const auto field = reader.next()) {
    if (field->number == 1) {
      domain = field->text();
    } else if (field->number == 2) {
      version = field->value;
    }
  }
  // Another domain may be named without being used: its operators are refused where they are.
  if (domain.empty() || domain == "ai.onnx") {
    graph_.opset = static_cast<std::int64_t>(std::min<std::uint64_t>(version, kMaxOnnxOpset + 1));
  }
  return proto_status(reader);
}

Status OnnxReader::add_initializer(std::string name, OnnxConstant constant) {
  if (graph_.initializers.contains(name) || graph_.integers.contains(name)) {
    return weights::invalid_data("ONNX: two initializers are called " + quote(name));
  }
  if (auto* integers = std::get_if<OnnxIntegers>(&constant)) {
    graph_.integers.emplace(std::move(name), std::move(*integers));
  } else {
    graph_.initializers.emplace(std::move(name), std::move(std::get<OnnxTensor>(constant)));
  }
  return {};
}

// A constant is an initializer that the file has written as a node.
Status OnnxReader::constant_node(const OnnxNode& node, std::optional<OnnxConstant> value) {
  if (!value && node.attributes.size() == 1) {
    value = constant_of(node.attributes[0]);
  }
  if (!value || node.outputs.size() != 1 || !node.inputs.empty()) {
    return weights::unsupported("ONNX: Constant " + quote(node.name) + ": expected one value of numbers");
  }
  return add_initializer(node.outputs[0], *std::move(value));
}

Status OnnxReader::read_node(ByteView message) {
  FACEPIPE_ASSIGN(OnnxNodeMessage read, onnx_node(message));
  const OnnxNode& node = read.node;
  const bool known = read.domain.empty() || read.domain == "ai.onnx";
  if (!known || std::ranges::find(kReadOperators, node.op_type) == kReadOperators.end()) {
    return weights::unsupported("ONNX: node " + quote(node.name) + ": operator " + quote(node.op_type) +
                                (known ? "" : " of domain " + quote(read.domain)) + " is none of those that are read");
  }
  if (node.outputs.empty() || node.outputs[0].empty() || graph_.nodes.size() >= kMaxNodes) {
    return weights::unsupported("ONNX: node " + quote(node.name) + ": expected an output, and at most " +
                                std::to_string(kMaxNodes) + " nodes");
  }
  if (node.op_type == "Constant") {
    return constant_node(node, std::move(read.tensor));
  }
  if (read.tensor) {
    return weights::unsupported("ONNX: node " + quote(node.name) + ": a tensor as an attribute of " +
                                quote(node.op_type));
  }
  graph_.nodes.push_back(std::move(read.node));
  return {};
}

Status OnnxReader::read_graph(ByteView message) {
  ProtoReader reader(message);
  while (const auto field = reader.next()) {
    switch (field->number) {
      case 1:
        FACEPIPE_TRY(read_node(field->bytes));
        break;
      case 5: {
        FACEPIPE_ASSIGN(auto initializer, onnx_tensor(field->bytes));
        FACEPIPE_TRY(add_initializer(std::move(initializer.first), std::move(initializer.second)));
        break;
      }
      case 11:
      case 12: {
        FACEPIPE_ASSIGN(OnnxValue value, onnx_value(field->bytes));
        auto& values = field->number == 11 ? inputs_ : outputs_;
        values.push_back(std::move(value));
        break;
      }
      case 15:
        return weights::unsupported("ONNX: sparse initializers");
      default:
        break;  // its name, shapes inside, documentation
    }
  }
  return proto_status(reader);
}

// IR 3 lists initializers among the inputs, too.
Status OnnxReader::choose_ends() {
  std::erase_if(inputs_, [&](const OnnxValue& value) {
    return graph_.initializers.contains(value.name) || graph_.integers.contains(value.name);
  });
  if (inputs_.size() != 1 || outputs_.size() != 1) {
    return weights::unsupported("ONNX: expected one input and one output, got " + std::to_string(inputs_.size()) +
                                " and " + std::to_string(outputs_.size()));
  }
  if (!inputs_[0].is_float || !outputs_[0].is_float) {
    return weights::unsupported("ONNX: expected float32 as input and output");
  }
  graph_.input = inputs_[0].name;
  graph_.input_shape = std::move(inputs_[0].shape);
  graph_.output = outputs_[0].name;
  graph_.output_shape = std::move(outputs_[0].shape);
  return {};
}

// No cycles: what a node takes is there before it, and nothing is made twice.
Status OnnxReader::check_order() const {
  std::set<std::string_view> there{graph_.input, ""};  // no name: an optional input that is left out
  for (const auto& [name, tensor] : graph_.initializers) {
    there.insert(name);
  }
  for (const auto& [name, tensor] : graph_.integers) {
    there.insert(name);
  }
  for (const OnnxNode& node : graph_.nodes) {
    const auto is_there = [&](const std::string& input) { return there.contains(input); };
    if (!std::ranges::all_of(node.inputs, is_there)) {
      return weights::invalid_data("ONNX: node " + quote(node.name) + " takes what nothing before it makes");
    }
    for (const std::string& output : node.outputs) {
      if (!output.empty() && !there.insert(output).second) {
        return weights::invalid_data("ONNX: " + quote(output) + " is made twice");
      }
    }
  }
  if (!there.contains(graph_.output) || graph_.output == graph_.input) {
    return weights::invalid_data("ONNX: nothing makes the output " + quote(graph_.output));
  }
  return {};
}

Result<OnnxGraph> OnnxReader::read(ByteView file) && {
  ProtoReader reader(file);
  std::uint64_t ir_version = 0;
  ByteView graph;
  graph_.opset = 0;
  while (const auto field = reader.next()) {
    switch (field->number) {
      case 1:
        ir_version = field->value;
        break;
      case 7:
        graph = field->bytes;
        break;
      case 8:
        FACEPIPE_TRY(read_opset(field->bytes));
        break;
      case 20:
      case 25:
        return weights::unsupported("ONNX: training information or functions of its own");
      default:
        break;
    }
  }
  FACEPIPE_TRY(proto_status(reader));
  if (ir_version < kMinIrVersion || ir_version > kMaxIrVersion || graph_.opset < kMinOnnxOpset ||
      graph_.opset > kMaxOnnxOpset) {
    return weights::unsupported("ONNX: expected IR version " + std::to_string(kMinIrVersion) + " to " +
                                std::to_string(kMaxIrVersion) + " and operator set " + std::to_string(kMinOnnxOpset) +
                                " to " + std::to_string(kMaxOnnxOpset) + ", got " + std::to_string(ir_version) +
                                " and " +
                                (graph_.opset > kMaxOnnxOpset ? "a later one" : std::to_string(graph_.opset)));
  }
  FACEPIPE_TRY(read_graph(graph));
  FACEPIPE_TRY(choose_ends());
  FACEPIPE_TRY(check_order());
  graph_.name = "onnx";
  return std::move(graph_);
}

}  // namespace

bool is_onnx(ByteView file) {
  constexpr std::byte kIrVersionTag{0x08};
  return file.size() > 2 && file[0] == kIrVersionTag && std::to_integer<int>(file[1]) >= kMinIrVersion &&
         std::to_integer<int>(file[1]) <= kMaxIrVersion;
}

Result<OnnxGraph> read_onnx(ByteView file) {
  return OnnxReader().read(file);
}

}  // namespace facepipe::packs
