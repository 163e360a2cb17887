// Inception-ResNet v1 from named tensors to an ONNX graph. Source: facenet-pytorch 2.6.0 models/inception_resnet_v1.py.
// How many channels a layer has and how large its kernel is, its weights say. Shapes in the comments are for crops of
// 160 x 160. Tested by inception_resnet_v1_test.cc and embed_golden_test.cc.
#include "packs/inception_resnet_v1.h"

#include <string>
#include <utility>
#include <vector>

#include "embed/embedder.h"
#include "embed/graph_session.h"
#include "packs/weight_folding.h"

namespace facepipe::packs {
namespace {

using Values = std::vector<std::string>;
using Integers = std::vector<std::int64_t>;

// How a kernel goes over its input.
struct Walk {
  std::int64_t stride = 1;
  bool same = true;  // padded so that a stride of 1 keeps the size
};
constexpr Walk kSame{};
constexpr Walk kValid{.stride = 1, .same = false};
constexpr Walk kHalving{.stride = 2, .same = false};

// Layers and blocks: each takes the name of its input and returns the name of its output.
class Network {
 public:
  explicit Network(const weights::StateDict& weights) : folder_(weights) {}

  std::string basic_conv(const std::string& name, const std::string& x, Walk walk);
  // `convs`: how many convolutions each branch has.
  std::string residual(const std::string& name, const std::string& x, const std::vector<int>& convs, double scale,
                       bool with_relu = true);
  std::string reduction(const std::string& name, const std::string& x, const std::vector<int>& convs);
  std::string max_pool(const std::string& name, const std::string& x);
  void head(const std::string& x);

  [[nodiscard]] Result<OnnxGraph> finish() &&;

 private:
  // NAME.branch0 and so on, side by side. The last convolution of each goes by `last`, the others by kSame.
  Values branches(const std::string& name, const std::string& x, const std::vector<int>& convs, Walk last);
  std::string concat(const std::string& name, Values branches);
  std::string conv(const std::string& name, const std::string& x, Walk walk, Affine weights);
  std::string relu(const std::string& name, const std::string& x);

  void add_node(OnnxNode node) { graph_.nodes.push_back(std::move(node)); }
  // `layer`.weight and `layer`.bias
  void add_initializers(const std::string& layer, Affine weights) {
    graph_.initializers.insert_or_assign(layer + ".bias", OnnxTensor{{weights.shape[0]}, std::move(weights.bias)});
    graph_.initializers.insert_or_assign(layer + ".weight",
                                         OnnxTensor{std::move(weights.shape), std::move(weights.weight)});
  }

  WeightFolder folder_;
  OnnxGraph graph_;
};

// Convolution without bias, batch norm, ReLU.
std::string Network::basic_conv(const std::string& name, const std::string& x, Walk walk) {
  return relu(name, conv(name + ".conv", x, walk, folder_.with_batch_norm(name + ".conv.weight", name + ".bn")));
}

Values Network::branches(const std::string& name, const std::string& x, const std::vector<int>& convs, Walk last) {
  Values outputs;
  for (const int count : convs) {
    const std::string branch = name + ".branch" + std::to_string(outputs.size());
    std::string output = x;
    for (int i = 0; i < count; ++i) {
      output = basic_conv(count == 1 ? branch : branch + "." + std::to_string(i), output, i + 1 < count ? kSame : last);
    }
    outputs.push_back(std::move(output));
  }
  return outputs;
}

// x + scale * conv2d(branches): keeps the shape of x.
std::string Network::residual(const std::string& name, const std::string& x, const std::vector<int>& convs,
                              double scale, bool with_relu) {
  const std::string side_by_side = concat(name, branches(name, x, convs, kSame));
  const std::string layer = name + ".conv2d";
  const std::string scaled = conv(layer, side_by_side, kSame, folder_.with_scale(layer, scale));
  const std::string sum = name + ".add";
  add_node({"Add", sum, {scaled, x}, {sum}, {}});
  return with_relu ? relu(name, sum) : sum;
}

// Half the height and width, with a max pool as the last branch.
std::string Network::reduction(const std::string& name, const std::string& x, const std::vector<int>& convs) {
  Values outputs = branches(name, x, convs, kHalving);
  outputs.push_back(max_pool(name + ".branch" + std::to_string(convs.size()), x));
  return concat(name, std::move(outputs));
}

std::string Network::max_pool(const std::string& name, const std::string& x) {
  add_node({"MaxPool", name, {x}, {name}, {{"kernel_shape", Integers{3, 3}}, {"strides", Integers{2, 2}}}});
  return name;
}

// Mean over the picture, linear layer without bias, batch norm, L2 norm 1. [N,1792,h,w] -> [N,D]
void Network::head(const std::string& x) {
  add_initializers("last_linear", folder_.with_batch_norm("last_linear.weight", "last_bn"));
  graph_.initializers["normalize.epsilon"] = {{}, {embed::kSmallestLength}};
  add_node({"GlobalAveragePool", "avgpool_1a", {x}, {"avgpool_1a"}, {}});
  add_node({"Flatten", "flatten", {"avgpool_1a"}, {"flatten"}, {{"axis", std::int64_t{1}}}});
  add_node({"Gemm",
            "last_linear",
            {"flatten", "last_linear.weight", "last_linear.bias"},
            {"last_linear"},
            {{"transB", std::int64_t{1}}}});
  add_node({"ReduceL2",
            "normalize.norm",
            {"last_linear"},
            {embed::kNetworkNorms},
            {{"axes", Integers{1}}, {"keepdims", std::int64_t{1}}}});
  add_node({"Max", "normalize.max", {embed::kNetworkNorms, "normalize.epsilon"}, {"normalize.max"}, {}});
  add_node({"Div", "normalize", {"last_linear", "normalize.max"}, {embed::kNetworkOutput}, {}});
}

Result<OnnxGraph> Network::finish() && {
  if (folder_.error()) {
    return *folder_.error();
  }
  graph_.name = "inception_resnet_v1";
  graph_.input = embed::kNetworkInput;
  graph_.input_shape = {"N", std::int64_t{3}, "H", "W"};
  graph_.output = embed::kNetworkOutput;
  graph_.output_shape = {"N", graph_.initializers.at("last_linear.bias").shape[0]};
  return std::move(graph_);
}

std::string Network::concat(const std::string& name, Values branches) {
  const std::string output = name + ".cat";
  add_node({"Concat", output, std::move(branches), {output}, {{"axis", std::int64_t{1}}}});
  return output;
}

std::string Network::conv(const std::string& name, const std::string& x, Walk walk, Affine weights) {
  const std::int64_t height = weights.shape.at(2);
  const std::int64_t width = weights.shape.at(3);
  const std::int64_t pad_y = walk.same ? height / 2 : 0;
  const std::int64_t pad_x = walk.same ? width / 2 : 0;
  add_initializers(name, std::move(weights));
  add_node({"Conv",
            name,
            {x, name + ".weight", name + ".bias"},
            {name},
            {{"kernel_shape", Integers{height, width}},
             {"strides", Integers{walk.stride, walk.stride}},
             {"pads", Integers{pad_y, pad_x, pad_y, pad_x}}}});
  return name;
}

std::string Network::relu(const std::string& name, const std::string& x) {
  const std::string output = name + ".relu";
  add_node({"Relu", output, {x}, {output}, {}});
  return output;
}

}  // namespace

Result<OnnxGraph> inception_resnet_v1_graph(const weights::StateDict& canonical) {
  Network net(canonical);
  std::string x = embed::kNetworkInput;          // [N,3,160,160]
  x = net.basic_conv("conv2d_1a", x, kHalving);  // [N,32,79,79]
  x = net.basic_conv("conv2d_2a", x, kValid);    // [N,32,77,77]
  x = net.basic_conv("conv2d_2b", x, kSame);     // [N,64,77,77]
  x = net.max_pool("maxpool_3a", x);             // [N,64,38,38]
  x = net.basic_conv("conv2d_3b", x, kValid);    // [N,80,38,38]
  x = net.basic_conv("conv2d_4a", x, kValid);    // [N,192,36,36]
  x = net.basic_conv("conv2d_4b", x, kHalving);  // [N,256,17,17]
  for (int i = 0; i < 5; ++i) {
    x = net.residual("repeat_1." + std::to_string(i), x, {1, 2, 3}, 0.17);  // [N,256,17,17]
  }
  x = net.reduction("mixed_6a", x, {1, 3});  // [N,896,8,8]
  for (int i = 0; i < 10; ++i) {
    x = net.residual("repeat_2." + std::to_string(i), x, {1, 3}, 0.10);  // [N,896,8,8]
  }
  x = net.reduction("mixed_7a", x, {2, 2, 3});  // [N,1792,3,3]
  for (int i = 0; i < 5; ++i) {
    x = net.residual("repeat_3." + std::to_string(i), x, {1, 3}, 0.20);  // [N,1792,3,3]
  }
  // facenet-pytorch leaves the last one at its default scale of 1, as the network of its origin does.
  x = net.residual("block8", x, {1, 3}, 1.0, false);  // [N,1792,3,3]
  net.head(x);                                        // [N,D]
  return std::move(net).finish();
}

}  // namespace facepipe::packs
