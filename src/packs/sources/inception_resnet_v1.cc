// Names and shapes: facenet-pytorch 2.6.0 models/inception_resnet_v1.py; Keras' layer names: those of
// davidsandberg/facenet's TensorFlow graph. Tested by inception_resnet_v1_test.cc, sources_golden_test.cc.
#include "packs/sources/inception_resnet_v1.h"

#include <limits>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "packs/sources/network_spec.h"
#include "weights/parse.h"

namespace facepipe::weights {
namespace {

enum class KerasTransform { kNone, kOutputsFirst, kOnesIfMissing };

struct Source {
  TensorSpec spec;    // facenet-pytorch's
  std::string keras;  // "LAYER/WEIGHT"
  KerasTransform transform = KerasTransform::kNone;
};

struct Conv {
  std::int64_t out;  // channels
  std::int64_t height = 1;
  std::int64_t width = 1;
  bool halving = false;  // of stride 2, which its Keras name says
};

// Lists the network's tensors layer by layer, in both vocabularies.
class NetworkLister {
 public:
  std::vector<Source> run() {
    basic("conv2d_1a", "Conv2d_1a_3x3", 3, {32, 3, 3});
    basic("conv2d_2a", "Conv2d_2a_3x3", 32, {32, 3, 3});
    basic("conv2d_2b", "Conv2d_2b_3x3", 32, {64, 3, 3});
    basic("conv2d_3b", "Conv2d_3b_1x1", 64, {80});
    basic("conv2d_4a", "Conv2d_4a_3x3", 80, {192, 3, 3});
    basic("conv2d_4b", "Conv2d_4b_3x3", 192, {256, 3, 3});
    for (int i = 0; i < 5; ++i) {
      const std::string name = "repeat_1." + std::to_string(i);
      const std::string keras = "Block35_" + std::to_string(i + 1);
      branches(name, keras, 256, {{{32}}, {{32}, {32, 3, 3}}, {{32}, {32, 3, 3}, {32, 3, 3}}});
      projection(name, keras, 256, 96);
    }
    branches("mixed_6a", "Mixed_6a", 256, {{{384, 3, 3, true}}, {{192}, {192, 3, 3}, {256, 3, 3, true}}});
    for (int i = 0; i < 10; ++i) {
      two_branches("repeat_2." + std::to_string(i), "Block17_" + std::to_string(i + 1), 896, 128, 7);
    }
    branches("mixed_7a", "Mixed_7a", 896,
             {{{256}, {384, 3, 3, true}}, {{256}, {256, 3, 3, true}}, {{256}, {256, 3, 3}, {256, 3, 3, true}}});
    for (int i = 0; i < 5; ++i) {
      two_branches("repeat_3." + std::to_string(i), "Block8_" + std::to_string(i + 1), 1792, 192, 3);
    }
    two_branches("block8", "Block8_6", 1792, 192, 3);
    add("last_linear.weight", {kAnyExtent, 1792}, "Bottleneck/kernel", KerasTransform::kOutputsFirst);
    batch_norm("last_bn", "Bottleneck_BatchNorm", kAnyExtent);
    return std::move(sources_);
  }

 private:
  void add(std::string name, std::vector<std::int64_t> shape, std::string keras,
           KerasTransform transform = KerasTransform::kNone) {
    sources_.push_back({{std::move(name), std::move(shape)}, std::move(keras), transform});
  }
  void batch_norm(const std::string& name, const std::string& keras, std::int64_t channels) {
    add(name + ".weight", {channels}, keras + "/gamma", KerasTransform::kOnesIfMissing);
    add(name + ".bias", {channels}, keras + "/beta");
    add(name + ".running_mean", {channels}, keras + "/moving_mean");
    add(name + ".running_var", {channels}, keras + "/moving_variance");
  }
  // Convolution without a bias, then batch norm.
  void basic(const std::string& name, const std::string& keras, std::int64_t in, const Conv& conv) {
    add(name + ".conv.weight", {conv.out, in, conv.height, conv.width}, keras + "/kernel",
        KerasTransform::kOutputsFirst);
    batch_norm(name + ".bn", keras + "_BatchNorm", conv.out);
  }
  // The convolutions of each branch in a row: "Branch_1_Conv2d_0b_3x3" is the second of the second branch, 1a halves,
  // and one that is alone has no number.
  void branches(const std::string& name, const std::string& keras, std::int64_t in,
                const std::vector<std::vector<Conv>>& all) {
    for (std::size_t branch = 0; branch < all.size(); ++branch) {
      const bool alone = all[branch].size() == 1;
      std::int64_t channels = in;
      for (std::size_t i = 0; i < all[branch].size(); ++i) {
        const Conv& conv = all[branch][i];
        const std::string number = conv.halving ? "1a_" : alone ? "" : std::string("0") + "abc"[i] + "_";
        basic(name + ".branch" + std::to_string(branch) + (alone ? "" : "." + std::to_string(i)),
              keras + "_Branch_" + std::to_string(branch) + "_Conv2d_" + number + std::to_string(conv.height) + "x" +
                  std::to_string(conv.width),
              channels, conv);
        channels = conv.out;
      }
    }
  }
  // The 1x1 convolution, with a bias, that ends a residual block.
  void projection(const std::string& name, const std::string& keras, std::int64_t out, std::int64_t in) {
    add(name + ".conv2d.weight", {out, in, 1, 1}, keras + "_Conv2d_1x1/kernel", KerasTransform::kOutputsFirst);
    add(name + ".conv2d.bias", {out}, keras + "_Conv2d_1x1/bias");
  }
  // A residual block of a 1x1 branch and one of 1x1, 1xN, Nx1.
  void two_branches(const std::string& name, const std::string& keras, std::int64_t channels, std::int64_t inner,
                    std::int64_t side) {
    branches(name, keras, channels, {{{inner}}, {{inner}, {inner, 1, side}, {inner, side, 1}}});
    projection(name, keras, channels, 2 * inner);
  }

  std::vector<Source> sources_;
};

// [H,W,I,O] -> [O,I,H,W], [I,O] -> [O,I]. Any other rank is left as it is, for the check of shapes to name.
Tensor outputs_first(const Tensor& from) {
  const std::size_t rank = from.shape.size();
  if (rank != 2 && rank != 4) {
    return from;
  }
  const auto in = static_cast<std::size_t>(from.shape[rank - 2]);
  const auto out = static_cast<std::size_t>(from.shape[rank - 1]);
  Tensor to{.shape = {from.shape[rank - 1], from.shape[rank - 2]}, .values = {}};
  to.shape.insert(to.shape.end(), from.shape.begin(), from.shape.end() - 2);
  to.values.resize(from.values.size());
  const std::size_t pixels = rank == 2 ? 1 : static_cast<std::size_t>(from.shape[0] * from.shape[1]);
  for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
    for (std::size_t i = 0; i < in; ++i) {
      for (std::size_t o = 0; o < out; ++o) {
        to.values[(o * in + i) * pixels + pixel] = from.values[(pixel * in + i) * out + o];
      }
    }
  }
  return to;
}

// The names of facenet-pytorch without what precedes the first layer's, and without the classifier.
StateDict from_torch(const StateDict& any, std::size_t prefix_size, std::string_view prefix) {
  StateDict tensors;
  for (const auto& [name, tensor] : any) {
    const bool has_prefix = name.starts_with(prefix);
    const std::string bare = has_prefix ? name.substr(prefix_size) : name;
    if (!has_prefix || !bare.starts_with("logits.")) {
      tensors.emplace(bare, tensor);
    }
  }
  return tensors;
}

StateDict from_keras(const StateDict& any, const std::vector<Source>& sources) {
  StateDict tensors;
  std::set<std::string_view> used;
  for (const Source& source : sources) {
    const auto found = any.find(source.keras);
    if (found != any.end()) {
      used.insert(found->first);
      tensors.emplace(source.spec.name,
                      source.transform == KerasTransform::kOutputsFirst ? outputs_first(found->second) : found->second);
    } else if (source.transform == KerasTransform::kOnesIfMissing) {
      const std::string layer = source.keras.substr(0, source.keras.find('/'));
      if (const auto beta = any.find(layer + "/beta"); beta != any.end()) {
        tensors.emplace(source.spec.name,
                        Tensor{beta->second.shape, std::vector<float>(beta->second.values.size(), 1.0F)});
      }
    }
  }
  for (const auto& [name, tensor] : any) {
    if (!used.contains(name)) {
      tensors.emplace(name, tensor);
    }
  }
  return tensors;
}

// D is one number: the dense layer's and the batch norm's must agree.
Status check_embedding_size(const StateDict& canonical) {
  const std::int64_t size = embedding_size(canonical);
  for (const char* name : {"last_bn.weight", "last_bn.bias", "last_bn.running_mean", "last_bn.running_var"}) {
    if (canonical.at(name).shape[0] != size) {
      return invalid_data("the tensors are not those of Inception-ResNet v1: " + quote(name) + " has shape " +
                          shape_to_string(canonical.at(name).shape) + ", expected [" + std::to_string(size) +
                          "] as 'last_linear.weight' has it");
    }
  }
  return {};
}

}  // namespace

Result<StateDict> canonical_inception_resnet_v1(const StateDict& any) {
  constexpr std::string_view kFirstTensor = "conv2d_1a.conv.weight";
  const std::vector<Source> sources = NetworkLister().run();
  std::vector<TensorSpec> specs;
  specs.reserve(sources.size());
  for (const Source& source : sources) {
    specs.push_back(source.spec);
  }
  std::optional<StateDict> tensors;
  if (any.contains("Conv2d_1a_3x3/kernel")) {
    tensors = from_keras(any, sources);
  } else {
    for (const auto& [name, tensor] : any) {
      if (name.ends_with(kFirstTensor)) {
        const std::string prefix = name.substr(0, name.size() - kFirstTensor.size());
        tensors = from_torch(any, prefix.size(), prefix);
        break;
      }
    }
  }
  if (!tensors) {
    return unsupported("not Inception-ResNet v1: neither " + quote(kFirstTensor) +
                       " (facenet-pytorch) nor 'Conv2d_1a_3x3/kernel' (Keras) is among the " +
                       std::to_string(any.size()) + " tensors");
  }
  FACEPIPE_TRY(check_against(specs, *tensors, "Inception-ResNet v1"));
  FACEPIPE_TRY(check_embedding_size(*tensors));
  return *std::move(tensors);
}

int embedding_size(const StateDict& canonical) {
  const auto found = canonical.find("last_linear.weight");
  if (found == canonical.end() || found->second.shape.size() != 2 ||
      found->second.shape[0] > std::numeric_limits<int>::max()) {
    return 0;
  }
  return static_cast<int>(found->second.shape[0]);
}

}  // namespace facepipe::weights
