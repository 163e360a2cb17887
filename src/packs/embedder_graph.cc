// Tested by embedder_graph_test.cc and mobilefacenet_golden_test.cc.
#include "packs/embedder_graph.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "embed/embedder.h"
#include "embed/graph_session.h"
#include "embed/prepacked.h"
#include "packs/graph_passes.h"

namespace facepipe::packs {
namespace {

using Integers = std::vector<std::int64_t>;

constexpr std::int64_t kMaxEmbeddingValues = 65'536;  // as the manifest's
constexpr std::int64_t kOpsetOfBroadcasts = 8;        // Max of different shapes
constexpr std::int64_t kOpsetOfAxesInput = 18;        // ReduceL2's axes are an input

std::string side_text(std::int64_t side) {
  return std::to_string(side) + "x" + std::to_string(side);
}

std::string shape_text(const std::vector<OnnxDimension>& shape) {
  std::string text;
  for (const OnnxDimension& dimension : shape) {
    const auto* fixed = std::get_if<std::int64_t>(&dimension);
    text += (text.empty() ? "" : ",") + (fixed == nullptr ? "?" : std::to_string(*fixed));
  }
  return "[" + text + "]";
}

bool is_extent(const OnnxDimension& dimension, std::int64_t extent) {
  const auto* fixed = std::get_if<std::int64_t>(&dimension);
  return fixed != nullptr && *fixed == extent;
}

// Are the channels last? kUnsupported for what is no colour picture.
Result<bool> channels_last(const OnnxGraph& graph) {
  const auto& shape = graph.input_shape;
  if (shape.size() == 4 && is_extent(shape[1], 3)) {
    return false;
  }
  if (shape.size() == 4 && is_extent(shape[3], 3)) {
    return true;
  }
  return Error{ErrorCode::kUnsupported,
               "the network's input is " + shape_text(shape) + ", expected [N,3,S,S] or [N,S,S,3]"};
}

Status check_side(const OnnxGraph& graph, bool last, int input_px) {
  for (const std::size_t at : {last ? 1U : 2U, last ? 2U : 3U}) {
    if (const auto* side = std::get_if<std::int64_t>(&graph.input_shape[at]); side != nullptr && *side != input_px) {
      return Error{ErrorCode::kMismatch, "the network takes " + shape_text(graph.input_shape) +
                                             ", the preprocessing makes pictures of " + side_text(input_px)};
    }
  }
  return {};
}

void rename(OnnxGraph& graph, const std::string& from, const std::string& to) {
  for (OnnxNode& node : graph.nodes) {
    std::ranges::replace(node.inputs, from, to);
    std::ranges::replace(node.outputs, from, to);
  }
}

// A file that was written for a fixed batch says so in its reshapes, too: there the batch is copied from the input.
void free_batch(OnnxGraph& graph) {
  const auto* batch = std::get_if<std::int64_t>(graph.input_shape.data());
  if (batch == nullptr) {
    return;
  }
  for (const OnnxNode& node : graph.nodes) {
    if (node.op_type != "Reshape" || node.inputs.size() != 2) {
      continue;
    }
    if (const auto target = graph.integers.find(node.inputs[1]);
        target != graph.integers.end() && !target->second.values.empty() && target->second.values[0] == *batch) {
      target->second.values[0] = 0;
    }
  }
}

void take_planes(OnnxGraph& graph, bool last, std::int64_t side) {
  if (last) {
    OnnxNode transpose{
        "Transpose", "channels_last", {embed::kNetworkInput}, {"pixels"}, {{"perm", Integers{0, 2, 3, 1}}}};
    rename(graph, graph.input, "pixels");
    graph.nodes.insert(graph.nodes.begin(), std::move(transpose));
  } else {
    rename(graph, graph.input, embed::kNetworkInput);
  }
  graph.input = embed::kNetworkInput;
  graph.input_shape = {"N", std::int64_t{3}, side, side};
}

Result<std::int64_t> size_of(const OnnxGraph& graph, const EmbedderShape& shape) {
  const auto& found = graph.output_shape;
  const auto* fixed = found.size() < 2 ? nullptr : std::get_if<std::int64_t>(&found[1]);
  if (found.size() == 1 || (found.size() > 2 && !std::all_of(found.begin() + 2, found.end(), [](const auto& extent) {
                              return is_extent(extent, 1);
                            }))) {
    return Error{ErrorCode::kUnsupported,
                 "the network's output is " + shape_text(found) + ", expected [N,D] or [N,D,1,1]"};
  }
  if (fixed == nullptr && !shape.embedding_size) {
    return Error{ErrorCode::kInvalidArgument,
                 "the network does not say how many values an embedding has: give embedding_size"};
  }
  if (fixed != nullptr && shape.embedding_size && *fixed != *shape.embedding_size) {
    return Error{ErrorCode::kMismatch, "embedding_size is " + std::to_string(*shape.embedding_size) +
                                           ", the network makes " + std::to_string(*fixed) + " values"};
  }
  const std::int64_t size = fixed == nullptr ? std::int64_t{*shape.embedding_size} : *fixed;
  if (size < 1 || size > kMaxEmbeddingValues) {
    return Error{ErrorCode::kTooLarge, "the network makes " + std::to_string(size) + " values, expected 1 to " +
                                           std::to_string(kMaxEmbeddingValues)};
  }
  return size;
}

// [N,D] of any length to unit vectors.
void add_unit_norm(OnnxGraph& graph, std::int64_t size) {
  const std::string raw = "raw";
  rename(graph, graph.output, "output");
  graph.nodes.push_back({"Flatten", raw, {"output"}, {raw}, {{"axis", std::int64_t{1}}}});
  OnnxNode norm{"ReduceL2", "normalize.norm", {raw}, {embed::kNetworkNorms}, {{"keepdims", std::int64_t{1}}}};
  if (graph.opset < kOpsetOfAxesInput) {
    norm.attributes.push_back({"axes", Integers{1}});
  } else {
    graph.integers["normalize.axes"] = {{1}, {1}};
    norm.inputs.emplace_back("normalize.axes");
  }
  graph.nodes.push_back(std::move(norm));
  graph.initializers["normalize.epsilon"] = {{}, {embed::kSmallestLength}};
  graph.nodes.push_back({"Max", "normalize.max", {embed::kNetworkNorms, "normalize.epsilon"}, {"normalize.max"}, {}});
  graph.nodes.push_back({"Div", "normalize", {raw, "normalize.max"}, {embed::kNetworkOutput}, {}});
  graph.opset = std::max(graph.opset, kOpsetOfBroadcasts);
  graph.output = embed::kNetworkOutput;
  graph.output_shape = {"N", size};
}

}  // namespace

Result<OnnxGraph> embedder_graph(OnnxGraph graph, const EmbedderShape& shape) {
  FACEPIPE_ASSIGN(const bool last, channels_last(graph));
  FACEPIPE_TRY(check_side(graph, last, shape.input_px));
  FACEPIPE_ASSIGN(const std::int64_t size, size_of(graph, shape));
  drop_identities(graph);
  FACEPIPE_TRY(fold_batch_norms(graph));
  recognise_prelus(graph);
  rewrite_prelus(graph);
  free_batch(graph);
  take_planes(graph, last, shape.input_px);
  add_unit_norm(graph, size);
  drop_unused(graph);
  return graph;
}

int embedding_size_of(const OnnxGraph& graph) {
  return static_cast<int>(std::get<std::int64_t>(graph.output_shape.at(1)));
}

Status try_embedder(ByteView onnx, const EmbedderShape& shape) {
  // Of float32 sums in another order; another face is a thousand times as far.
  constexpr double kTolerance = 1e-3;
  const int size = shape.embedding_size.value_or(0);
  FACEPIPE_ASSIGN(const auto session, embed::GraphSession::open(onnx));
  FACEPIPE_TRY(session.check_embedder(size));
  constexpr std::size_t kOtherStep = 101;
  const std::vector<float> first = embed::test_pattern(shape.input_px);
  const std::vector<float> second = embed::test_pattern(shape.input_px, kOtherStep);
  std::vector<float> pictures = first;
  pictures.insert(pictures.end(), second.begin(), second.end());
  FACEPIPE_ASSIGN(const auto alone, embed::embed_values(session, first, shape.input_px, size));
  FACEPIPE_ASSIGN(const auto other, embed::embed_values(session, second, shape.input_px, size));
  const auto both = embed::embed_values(session, pictures, shape.input_px, size);
  if (!(std::abs(embed::length_of(alone[0].embedding) - 1) < kTolerance) ||
      !(std::abs(embed::length_of(other[0].embedding) - 1) < kTolerance)) {
    return Error{ErrorCode::kInvalidData,
                 "the network makes values that are no embedding of a picture: a vector of length " +
                     std::to_string(embed::length_of(alone[0].embedding)) + ", expected 1"};
  }
  if (!both || !embed::are_near((*both)[0].embedding, alone[0].embedding, kTolerance) ||
      !embed::are_near((*both)[1].embedding, other[0].embedding, kTolerance)) {
    return Error{ErrorCode::kUnsupported,
                 "the network gives a face among others another embedding than alone: it is written for one at a time"};
  }
  return {};
}

}  // namespace facepipe::packs
