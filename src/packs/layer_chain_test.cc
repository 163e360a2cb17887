// Graphs as layers, against what the runtime makes of them.
#include "packs/layer_chain.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "embed/layers/network.h"
#include "packs/test_graph.h"

namespace facepipe::packs {
namespace {

using testing::distance_of;
using testing::random_values;
using testing::run_graph;
using Integers = std::vector<std::int64_t>;

constexpr std::int64_t kChainSide = 14;

// A small network of every layer that the kernels know, as embedder_graph() leaves such a network.
struct SmallNetwork {
  OnnxGraph graph;
  std::string last = embed::kNetworkInput;
  unsigned seed = 1;

  SmallNetwork() {
    graph.name = "small";
    graph.input = embed::kNetworkInput;
    graph.output = embed::kNetworkOutput;
    graph.input_shape = {"N", std::int64_t{3}, kChainSide, kChainSide};
    graph.output_shape = {"N", std::int64_t{32}};
    conv(3, 16, 3, {1, 1}, {0, 0, 1, 1}, 2, 1).activation(16);
    conv(1, 16, 3, {}, {1, 1, 1, 1}, 1, 16).activation(16);
    conv(16, 32, 1).conv(32, 64, 1).activation(64);
    const std::string kept = graph.nodes[graph.nodes.size() - 5].outputs[0];
    conv(64, 32, 1).add(kept);
    conv(1, 32, 3, {}, {1, 1, 1, 1}, 2, 32).activation(32);
    conv(1, 32, 4, {}, {0, 0, 0, 0}, 1, 32).conv(32, 32, 1).end();
  }

  SmallNetwork& node(const std::string& op, std::vector<std::string> inputs,
                     std::vector<OnnxAttribute> attributes = {}) {
    last = op + std::to_string(graph.nodes.size());
    graph.nodes.push_back({op, last, std::move(inputs), {last}, std::move(attributes)});
    return *this;
  }
  std::string constant(Integers shape) {
    std::int64_t count = 1;
    for (const std::int64_t extent : shape) {
      count *= extent;
    }
    std::string name = "c" + std::to_string(graph.initializers.size());
    graph.initializers[name] = {std::move(shape), random_values(seed++, static_cast<std::size_t>(count))};
    return name;
  }
  SmallNetwork& conv(std::int64_t in, std::int64_t out, std::int64_t kernel, const Integers& = {},
                     Integers pads = {0, 0, 0, 0}, std::int64_t stride = 1, std::int64_t group = 1) {
    return node("Conv", {last, constant({out, in, kernel, kernel}), constant({out})},
                {{"group", group},
                 {"kernel_shape", Integers{kernel, kernel}},
                 {"strides", Integers{stride, stride}},
                 {"dilations", Integers{1, 1}},
                 {"pads", std::move(pads)}});
  }
  SmallNetwork& activation(std::int64_t channels) {
    const std::string z = last;
    node("Relu", {z});
    node("Mul", {last, constant({channels, 1, 1})});
    return node("Add", {last, z});
  }
  SmallNetwork& add(const std::string& other) { return node("Add", {last, other}); }
  void end() {
    node("Flatten", {last}, {{"axis", std::int64_t{1}}});
    const std::string raw = last;
    graph.nodes.push_back(
        {"ReduceL2", "norm", {raw}, {embed::kNetworkNorms}, {{"keepdims", std::int64_t{1}}, {"axes", Integers{1}}}});
    graph.initializers["epsilon"] = {{}, {1e-12F}};
    graph.nodes.push_back({"Max", "max", {embed::kNetworkNorms, "epsilon"}, {"max"}, {}});
    graph.nodes.push_back({"Div", "div", {raw, "max"}, {embed::kNetworkOutput}, {}});
  }
};

TEST(LayerChain, MakesWhatTheRuntimeMakes) {
  const SmallNetwork small;
  const auto file = layer_file(small.graph);
  ASSERT_TRUE(file);
  EXPECT_EQ(layer_file(small.graph), file);
  const auto network = embed::layers::Network::view(*file);
  ASSERT_TRUE(network) << network.error().message;
  for (const unsigned seed : {100U, 200U}) {
    const std::vector<float> picture = random_values(seed, std::size_t{3} * kChainSide * kChainSide);
    std::vector<float> found(32);
    network->run(picture, found);
    double squares = 0;
    for (const float value : found) {
      squares += double{value} * double{value};
    }
    for (float& value : found) {
      value = static_cast<float>(double{value} / std::sqrt(squares));
    }
    EXPECT_LT(distance_of(found, run_graph(small.graph, picture, kChainSide)), 2e-6);
  }
  EXPECT_TRUE(try_layers(*file, write_onnx(small.graph), 32));
}

TEST(LayerChain, LayersOfAnotherNetworkAreFound) {
  SmallNetwork small;
  const auto file = layer_file(small.graph);
  ASSERT_TRUE(file);
  small.graph.initializers.begin()->second.values[0] += 1;
  const Status refused = try_layers(*file, write_onnx(small.graph), 32);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInternal);
}

// What the kernels would get wrong is left to the runtime.
TEST(LayerChain, OtherGraphsAreNoChains) {
  const auto place_of = [](const OnnxGraph& graph, const std::string& op, std::size_t skip = 0) {
    std::size_t at = 0;
    for (; graph.nodes[at].op_type != op || skip-- > 0; ++at) {
    }
    return at;
  };
  const auto attribute = [](OnnxNode& node, const std::string& name) -> OnnxAttribute& {
    return *std::ranges::find(node.attributes, name, &OnnxAttribute::name);
  };
  const std::vector<std::pair<std::string, std::function<void(OnnxGraph&)>>> changes{
      {"a picture of any size", [](auto& graph) { graph.input_shape[2] = "H"; }},
      {"dilation",
       [&](auto& graph) { attribute(graph.nodes[place_of(graph, "Conv", 1)], "dilations").value = Integers{2, 2}; }},
      {"another stride across",
       [&](auto& graph) { attribute(graph.nodes[place_of(graph, "Conv")], "strides").value = Integers{2, 1}; }},
      {"another padding across",
       [&](auto& graph) { attribute(graph.nodes[place_of(graph, "Conv")], "pads").value = Integers{0, 1, 1, 1}; }},
      {"padding by name",
       [&](auto& graph) {
         graph.nodes[place_of(graph, "Conv")].attributes.push_back({"auto_pad", std::string("SAME_UPPER")});
       }},
      {"a padded pointwise layer",
       [&](auto& graph) { attribute(graph.nodes[place_of(graph, "Conv", 2)], "pads").value = Integers{1, 1, 1, 1}; }},
      {"groups",
       [&](auto& graph) { attribute(graph.nodes[place_of(graph, "Conv", 1)], "group").value = std::int64_t{8}; }},
      {"another operator", [&](auto& graph) { graph.nodes[place_of(graph, "Relu")].op_type = "Sigmoid"; }},
      {"an activation of what is not the last layer's",
       [&](auto& graph) { graph.nodes[place_of(graph, "Relu", 1)].inputs[0] = graph.nodes[0].outputs[0]; }},
      {"one factor for all channels",
       [&](auto& graph) {
         graph.initializers.at(graph.nodes[place_of(graph, "Mul")].inputs[1]) = {{1, 1, 1}, {0.5F}};
       }},
      {"a sum with what is not whole yet",
       [&](auto& graph) {
         graph.nodes[place_of(graph, "Add", 3)].inputs[1] = graph.nodes[place_of(graph, "Conv", 3)].outputs[0];
       }},
      {"no norm", [](auto& graph) { graph.nodes.resize(graph.nodes.size() - 3); }},
      {"a norm of something else",
       [&](auto& graph) { graph.nodes[place_of(graph, "ReduceL2")].inputs[0] = graph.nodes[0].outputs[0]; }},
  };
  for (const auto& [what, change] : changes) {
    SmallNetwork small;
    ASSERT_TRUE(layer_file(small.graph));
    change(small.graph);
    EXPECT_FALSE(layer_file(small.graph)) << what;
  }
}

}  // namespace
}  // namespace facepipe::packs
