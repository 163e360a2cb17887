// Names and shapes: facenet-pytorch 2.6.0 models/inception_resnet_v1.py; Keras' layer names: those of
// davidsandberg/facenet's TensorFlow graph. Tested by inception_resnet_v1_test.cc, weights_golden_test.cc.
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

enum class KerasTransform { kNone, kHwioToOihw, kTranspose, kOnesIfMissing };

struct Source {
  TensorSpec spec;    // facenet-pytorch's
  std::string keras;  // "LAYER/WEIGHT"
  KerasTransform transform = KerasTransform::kNone;
};

struct Kernel {
  std::int64_t height;
  std::int64_t width;
};
constexpr Kernel k1x1{1, 1};
constexpr Kernel k3x3{3, 3};

// Lists the network's tensors layer by layer, in both vocabularies.
class NetworkLister {
 public:
  std::vector<Source> run() {
    basic("conv2d_1a", "Conv2d_1a_3x3", 32, 3, k3x3);
    basic("conv2d_2a", "Conv2d_2a_3x3", 32, 32, k3x3);
    basic("conv2d_2b", "Conv2d_2b_3x3", 64, 32, k3x3);
    basic("conv2d_3b", "Conv2d_3b_1x1", 80, 64, k1x1);
    basic("conv2d_4a", "Conv2d_4a_3x3", 192, 80, k3x3);
    basic("conv2d_4b", "Conv2d_4b_3x3", 256, 192, k3x3);
    for (int i = 0; i < 5; ++i) {
      block35("repeat_1." + std::to_string(i), "Block35_" + std::to_string(i + 1));
    }
    mixed_6a();
    for (int i = 0; i < 10; ++i) {
      block17("repeat_2." + std::to_string(i), "Block17_" + std::to_string(i + 1));
    }
    mixed_7a();
    for (int i = 0; i < 5; ++i) {
      block8("repeat_3." + std::to_string(i), "Block8_" + std::to_string(i + 1));
    }
    block8("block8", "Block8_6");
    add("last_linear.weight", {kAnyExtent, 1792}, "Bottleneck/kernel", KerasTransform::kTranspose);
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
  void basic(const std::string& name, const std::string& keras, std::int64_t out, std::int64_t in, Kernel kernel) {
    add(name + ".conv.weight", {out, in, kernel.height, kernel.width}, keras + "/kernel", KerasTransform::kHwioToOihw);
    batch_norm(name + ".bn", keras + "_BatchNorm", out);
  }
  // The 1x1 convolution, with a bias, that ends a residual block.
  void projection(const std::string& name, const std::string& keras, std::int64_t out, std::int64_t in) {
    add(name + ".conv2d.weight", {out, in, 1, 1}, keras + "_Conv2d_1x1/kernel", KerasTransform::kHwioToOihw);
    add(name + ".conv2d.bias", {out}, keras + "_Conv2d_1x1/bias");
  }
  void block35(const std::string& name, const std::string& keras) {
    basic(name + ".branch0", keras + "_Branch_0_Conv2d_1x1", 32, 256, k1x1);
    basic(name + ".branch1.0", keras + "_Branch_1_Conv2d_0a_1x1", 32, 256, k1x1);
    basic(name + ".branch1.1", keras + "_Branch_1_Conv2d_0b_3x3", 32, 32, k3x3);
    basic(name + ".branch2.0", keras + "_Branch_2_Conv2d_0a_1x1", 32, 256, k1x1);
    basic(name + ".branch2.1", keras + "_Branch_2_Conv2d_0b_3x3", 32, 32, k3x3);
    basic(name + ".branch2.2", keras + "_Branch_2_Conv2d_0c_3x3", 32, 32, k3x3);
    projection(name, keras, 256, 96);
  }
  void mixed_6a() {
    const std::string keras = "Mixed_6a_Branch_";
    basic("mixed_6a.branch0", keras + "0_Conv2d_1a_3x3", 384, 256, k3x3);
    basic("mixed_6a.branch1.0", keras + "1_Conv2d_0a_1x1", 192, 256, k1x1);
    basic("mixed_6a.branch1.1", keras + "1_Conv2d_0b_3x3", 192, 192, k3x3);
    basic("mixed_6a.branch1.2", keras + "1_Conv2d_1a_3x3", 256, 192, k3x3);
  }
  void block17(const std::string& name, const std::string& keras) {
    basic(name + ".branch0", keras + "_Branch_0_Conv2d_1x1", 128, 896, k1x1);
    basic(name + ".branch1.0", keras + "_Branch_1_Conv2d_0a_1x1", 128, 896, k1x1);
    basic(name + ".branch1.1", keras + "_Branch_1_Conv2d_0b_1x7", 128, 128, {1, 7});
    basic(name + ".branch1.2", keras + "_Branch_1_Conv2d_0c_7x1", 128, 128, {7, 1});
    projection(name, keras, 896, 256);
  }
  void mixed_7a() {
    const std::string keras = "Mixed_7a_Branch_";
    basic("mixed_7a.branch0.0", keras + "0_Conv2d_0a_1x1", 256, 896, k1x1);
    basic("mixed_7a.branch0.1", keras + "0_Conv2d_1a_3x3", 384, 256, k3x3);
    basic("mixed_7a.branch1.0", keras + "1_Conv2d_0a_1x1", 256, 896, k1x1);
    basic("mixed_7a.branch1.1", keras + "1_Conv2d_1a_3x3", 256, 256, k3x3);
    basic("mixed_7a.branch2.0", keras + "2_Conv2d_0a_1x1", 256, 896, k1x1);
    basic("mixed_7a.branch2.1", keras + "2_Conv2d_0b_3x3", 256, 256, k3x3);
    basic("mixed_7a.branch2.2", keras + "2_Conv2d_1a_3x3", 256, 256, k3x3);
  }
  void block8(const std::string& name, const std::string& keras) {
    basic(name + ".branch0", keras + "_Branch_0_Conv2d_1x1", 192, 1792, k1x1);
    basic(name + ".branch1.0", keras + "_Branch_1_Conv2d_0a_1x1", 192, 1792, k1x1);
    basic(name + ".branch1.1", keras + "_Branch_1_Conv2d_0b_1x3", 192, 192, {1, 3});
    basic(name + ".branch1.2", keras + "_Branch_1_Conv2d_0c_3x1", 192, 192, {3, 1});
    projection(name, keras, 1792, 384);
  }

  std::vector<Source> sources_;
};

// [H,W,I,O] -> [O,I,H,W]. Any other rank is left as it is, for the check of shapes to name.
Tensor hwio_to_oihw(const Tensor& from) {
  if (from.shape.size() != 4) {
    return from;
  }
  const auto extent = [&from](std::size_t axis) { return static_cast<std::size_t>(from.shape[axis]); };
  const std::size_t pixels = extent(0) * extent(1);
  const std::size_t in = extent(2);
  const std::size_t out = extent(3);
  Tensor to{.shape = {from.shape[3], from.shape[2], from.shape[0], from.shape[1]}, .values = {}};
  to.values.resize(from.values.size());
  for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
    for (std::size_t i = 0; i < in; ++i) {
      for (std::size_t o = 0; o < out; ++o) {
        to.values[(o * in + i) * pixels + pixel] = from.values[(pixel * in + i) * out + o];
      }
    }
  }
  return to;
}

// [I,O] -> [O,I]
Tensor transpose(const Tensor& from) {
  if (from.shape.size() != 2) {
    return from;
  }
  const auto rows = static_cast<std::size_t>(from.shape[0]);
  const auto columns = static_cast<std::size_t>(from.shape[1]);
  Tensor to{.shape = {from.shape[1], from.shape[0]}, .values = {}};
  to.values.resize(from.values.size());
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t column = 0; column < columns; ++column) {
      to.values[column * rows + row] = from.values[row * columns + column];
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
      switch (source.transform) {
        case KerasTransform::kHwioToOihw:
          tensors.emplace(source.spec.name, hwio_to_oihw(found->second));
          break;
        case KerasTransform::kTranspose:
          tensors.emplace(source.spec.name, transpose(found->second));
          break;
        case KerasTransform::kNone:
        case KerasTransform::kOnesIfMissing:
          tensors.emplace(source.spec.name, found->second);
          break;
      }
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
