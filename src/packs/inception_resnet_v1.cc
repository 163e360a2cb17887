// Inception-ResNet v1 from named tensors to an ONNX graph. Source: facenet-pytorch 2.6.0 models/inception_resnet_v1.py.
// Shapes in the comments are for crops of 160 x 160. Tested by inception_resnet_v1_test.cc and embed_golden_test.cc.
#include "packs/inception_resnet_v1.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "embed/graph_session.h"
#include "packs/weight_folding.h"

namespace facepipe::packs {
namespace {

using Values = std::vector<std::string>;
using Integers = std::vector<std::int64_t>;

constexpr float kNormalizeEpsilon = 1e-12F;  // torch.nn.functional.normalize
constexpr std::int64_t kMaxEmbeddingSize = 65'536;
constexpr std::int64_t kFeatures = 1792;

struct Conv {
  std::int64_t in = 0;   // channels
  std::int64_t out = 0;  // channels
  std::int64_t height = 1;
  std::int64_t width = 1;
  std::int64_t stride = 1;
  bool same = false;  // padded so that a stride of 1 keeps the size

  [[nodiscard]] std::array<std::int64_t, 4> shape() const { return {out, in, height, width}; }
};
constexpr Conv conv_1x1(std::int64_t in, std::int64_t out) {
  return {.in = in, .out = out};
}
constexpr Conv conv_3x3(std::int64_t in, std::int64_t out, std::int64_t stride = 1) {
  return {.in = in, .out = out, .height = 3, .width = 3, .stride = stride};
}
constexpr Conv conv_same(std::int64_t channels, std::int64_t height, std::int64_t width) {
  return {.in = channels, .out = channels, .height = height, .width = width, .same = true};
}

// Layers and blocks: each takes the name of its input and returns the name of its output.
class Network {
 public:
  explicit Network(const weights::StateDict& weights) : folder_(weights) {}

  std::string basic_conv(const std::string& name, const std::string& x, const Conv& conv);
  std::string block35(const std::string& name, const std::string& x);
  std::string block17(const std::string& name, const std::string& x);
  std::string block8(const std::string& name, const std::string& x, bool with_relu);
  std::string mixed_6a(const std::string& name, const std::string& x);
  std::string mixed_7a(const std::string& name, const std::string& x);
  std::string max_pool(const std::string& name, const std::string& x);
  void head(const std::string& x, std::int64_t embedding_size);

  [[nodiscard]] Result<OnnxGraph> finish(std::int64_t embedding_size) &&;

 private:
  // A convolution, or a row of them, on one branch of a block.
  std::string branch(const std::string& name, std::string x, std::initializer_list<Conv> convs);
  // x + scale * conv2d(branches)
  std::string residual(const std::string& name, const std::string& x, const std::string& branches, const Conv& up,
                       double scale, bool with_relu);
  std::string concat(const std::string& name, Values branches);
  std::string conv(const std::string& name, const std::string& x, const Conv& conv, Affine weights);
  std::string relu(const std::string& name, const std::string& x);

  void add_node(OnnxNode node) { graph_.nodes.push_back(std::move(node)); }
  void add_initializer(const std::string& name, std::span<const std::int64_t> shape, std::vector<float> values) {
    graph_.initializers.insert_or_assign(name, OnnxTensor{{shape.begin(), shape.end()}, std::move(values)});
  }

  WeightFolder folder_;
  OnnxGraph graph_;
};

// Convolution without bias, batch norm, ReLU.
std::string Network::basic_conv(const std::string& name, const std::string& x, const Conv& conv_spec) {
  Affine weights = folder_.with_batch_norm(name + ".conv.weight", conv_spec.shape(), name + ".bn");
  return relu(name, conv(name + ".conv", x, conv_spec, std::move(weights)));
}

// [N,256,h,w] -> [N,256,h,w]
std::string Network::block35(const std::string& name, const std::string& x) {
  const std::string branch0 = basic_conv(name + ".branch0", x, conv_1x1(256, 32));
  const std::string branch1 = branch(name + ".branch1", x, {conv_1x1(256, 32), conv_same(32, 3, 3)});
  const std::string branch2 =
      branch(name + ".branch2", x, {conv_1x1(256, 32), conv_same(32, 3, 3), conv_same(32, 3, 3)});
  return residual(name, x, concat(name, {branch0, branch1, branch2}), conv_1x1(96, 256), 0.17, true);
}

// [N,896,h,w] -> [N,896,h,w]
std::string Network::block17(const std::string& name, const std::string& x) {
  const std::string branch0 = basic_conv(name + ".branch0", x, conv_1x1(896, 128));
  const std::string branch1 =
      branch(name + ".branch1", x, {conv_1x1(896, 128), conv_same(128, 1, 7), conv_same(128, 7, 1)});
  return residual(name, x, concat(name, {branch0, branch1}), conv_1x1(256, 896), 0.10, true);
}

// [N,1792,h,w] -> [N,1792,h,w]
std::string Network::block8(const std::string& name, const std::string& x, bool with_relu) {
  // facenet-pytorch leaves the last block8 at its default scale of 1, as the network of its origin does.
  const double scale = with_relu ? 0.20 : 1.0;
  const std::string branch0 = basic_conv(name + ".branch0", x, conv_1x1(1792, 192));
  const std::string branch1 =
      branch(name + ".branch1", x, {conv_1x1(1792, 192), conv_same(192, 1, 3), conv_same(192, 3, 1)});
  return residual(name, x, concat(name, {branch0, branch1}), conv_1x1(384, 1792), scale, with_relu);
}

// [N,256,h,w] -> [N,896,h/2,w/2]
std::string Network::mixed_6a(const std::string& name, const std::string& x) {
  const std::string branch0 = basic_conv(name + ".branch0", x, conv_3x3(256, 384, 2));
  const std::string branch1 =
      branch(name + ".branch1", x, {conv_1x1(256, 192), conv_same(192, 3, 3), conv_3x3(192, 256, 2)});
  const std::string branch2 = max_pool(name + ".branch2", x);
  return concat(name, {branch0, branch1, branch2});
}

// [N,896,h,w] -> [N,1792,h/2,w/2]
std::string Network::mixed_7a(const std::string& name, const std::string& x) {
  const std::string branch0 = branch(name + ".branch0", x, {conv_1x1(896, 256), conv_3x3(256, 384, 2)});
  const std::string branch1 = branch(name + ".branch1", x, {conv_1x1(896, 256), conv_3x3(256, 256, 2)});
  const std::string branch2 =
      branch(name + ".branch2", x, {conv_1x1(896, 256), conv_same(256, 3, 3), conv_3x3(256, 256, 2)});
  const std::string branch3 = max_pool(name + ".branch3", x);
  return concat(name, {branch0, branch1, branch2, branch3});
}

std::string Network::max_pool(const std::string& name, const std::string& x) {
  add_node({"MaxPool", name, {x}, {name}, {{"kernel_shape", Integers{3, 3}}, {"strides", Integers{2, 2}}}});
  return name;
}

// Mean over the picture, linear layer without bias, batch norm, L2 norm 1. [N,1792,h,w] -> [N,D]
void Network::head(const std::string& x, std::int64_t embedding_size) {
  const std::array<std::int64_t, 2> shape{embedding_size, kFeatures};
  Affine linear = folder_.with_batch_norm("last_linear.weight", shape, "last_bn");
  add_initializer("last_linear.weight", shape, std::move(linear.weight));
  add_initializer("last_linear.bias", std::span(shape).first(1), std::move(linear.bias));
  add_initializer("normalize.epsilon", {}, {kNormalizeEpsilon});
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
            {"normalize.norm"},
            {{"axes", Integers{1}}, {"keepdims", std::int64_t{1}}}});
  add_node({"Max", "normalize.max", {"normalize.norm", "normalize.epsilon"}, {"normalize.max"}, {}});
  add_node({"Div", "normalize", {"last_linear", "normalize.max"}, {embed::kNetworkOutput}, {}});
}

Result<OnnxGraph> Network::finish(std::int64_t embedding_size) && {
  if (folder_.error()) {
    return *folder_.error();
  }
  graph_.name = "inception_resnet_v1";
  graph_.input = embed::kNetworkInput;
  graph_.input_shape = {"N", std::int64_t{3}, "H", "W"};
  graph_.output = embed::kNetworkOutput;
  graph_.output_shape = {"N", embedding_size};
  return std::move(graph_);
}

std::string Network::branch(const std::string& name, std::string x, std::initializer_list<Conv> convs) {
  int index = 0;
  for (const Conv& conv_spec : convs) {
    x = basic_conv(name + "." + std::to_string(index++), x, conv_spec);
  }
  return x;
}

std::string Network::residual(const std::string& name, const std::string& x, const std::string& branches,
                              const Conv& up, double scale, bool with_relu) {
  const std::string layer = name + ".conv2d";
  const std::string scaled = conv(layer, branches, up, folder_.with_scale(layer, up.shape(), scale));
  const std::string sum = name + ".add";
  add_node({"Add", sum, {scaled, x}, {sum}, {}});
  return with_relu ? relu(name, sum) : sum;
}

std::string Network::concat(const std::string& name, Values branches) {
  const std::string output = name + ".cat";
  add_node({"Concat", output, std::move(branches), {output}, {{"axis", std::int64_t{1}}}});
  return output;
}

std::string Network::conv(const std::string& name, const std::string& x, const Conv& conv_spec, Affine weights) {
  const auto shape = conv_spec.shape();
  add_initializer(name + ".weight", shape, std::move(weights.weight));
  add_initializer(name + ".bias", std::span(shape).first(1), std::move(weights.bias));
  const std::int64_t pad_y = conv_spec.same ? conv_spec.height / 2 : 0;
  const std::int64_t pad_x = conv_spec.same ? conv_spec.width / 2 : 0;
  add_node({"Conv",
            name,
            {x, name + ".weight", name + ".bias"},
            {name},
            {{"kernel_shape", Integers{conv_spec.height, conv_spec.width}},
             {"strides", Integers{conv_spec.stride, conv_spec.stride}},
             {"pads", Integers{pad_y, pad_x, pad_y, pad_x}}}});
  return name;
}

std::string Network::relu(const std::string& name, const std::string& x) {
  const std::string output = name + ".relu";
  add_node({"Relu", output, {x}, {output}, {}});
  return output;
}

Result<std::int64_t> find_embedding_size(const weights::StateDict& weights) {
  const auto found = weights.find("last_linear.weight");
  if (found == weights.end()) {
    return Error{ErrorCode::kInvalidData, "tensor 'last_linear.weight': is absent"};
  }
  const auto& shape = found->second.shape;
  if (shape.size() != 2 || shape[0] < 1 || shape[0] > kMaxEmbeddingSize) {
    return Error{ErrorCode::kInvalidData,
                 "tensor 'last_linear.weight': expected a matrix of 1 to " + std::to_string(kMaxEmbeddingSize) +
                     " rows, found " + std::to_string(shape.size()) + " dimensions" +
                     (shape.empty() ? "" : " with a first extent of " + std::to_string(shape[0]))};
  }
  return shape[0];
}

}  // namespace

Result<OnnxGraph> inception_resnet_v1_graph(const weights::StateDict& weights) {
  FACEPIPE_ASSIGN(const std::int64_t embedding_size, find_embedding_size(weights));
  Network net(weights);
  std::string x = embed::kNetworkInput;                         // [N,3,160,160]
  x = net.basic_conv("conv2d_1a", x, conv_3x3(3, 32, 2));       // [N,32,79,79]
  x = net.basic_conv("conv2d_2a", x, conv_3x3(32, 32));         // [N,32,77,77]
  x = net.basic_conv("conv2d_2b", x, {32, 64, 3, 3, 1, true});  // [N,64,77,77]
  x = net.max_pool("maxpool_3a", x);                            // [N,64,38,38]
  x = net.basic_conv("conv2d_3b", x, conv_1x1(64, 80));         // [N,80,38,38]
  x = net.basic_conv("conv2d_4a", x, conv_3x3(80, 192));        // [N,192,36,36]
  x = net.basic_conv("conv2d_4b", x, conv_3x3(192, 256, 2));    // [N,256,17,17]
  for (int i = 0; i < 5; ++i) {
    x = net.block35("repeat_1." + std::to_string(i), x);  // [N,256,17,17]
  }
  x = net.mixed_6a("mixed_6a", x);  // [N,896,8,8]
  for (int i = 0; i < 10; ++i) {
    x = net.block17("repeat_2." + std::to_string(i), x);  // [N,896,8,8]
  }
  x = net.mixed_7a("mixed_7a", x);  // [N,1792,3,3]
  for (int i = 0; i < 5; ++i) {
    x = net.block8("repeat_3." + std::to_string(i), x, true);  // [N,1792,3,3]
  }
  x = net.block8("block8", x, false);  // [N,1792,3,3]
  net.head(x, embedding_size);         // [N,D]
  return std::move(net).finish(embedding_size);
}

Result<Bytes> inception_resnet_v1_onnx(const weights::StateDict& weights) {
  FACEPIPE_ASSIGN(const OnnxGraph graph, inception_resnet_v1_graph(weights));
  return write_onnx(graph);
}

}  // namespace facepipe::packs
