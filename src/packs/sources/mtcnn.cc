// Shapes: facenet-pytorch 2.6.0 models/mtcnn.py, classes PNet, RNet, ONet. Tested by mtcnn_test.cc,
// sources_golden_test.cc.
#include "packs/sources/mtcnn.h"

#include <initializer_list>
#include <string>
#include <utility>

#include "packs/sources/network_spec.h"

namespace facepipe::weights {
namespace {

class SpecList {
 public:
  SpecList& conv(const std::string& name, std::int64_t out, std::int64_t in, std::int64_t kernel) {
    specs_.push_back({name + ".weight", {out, in, kernel, kernel}});
    specs_.push_back({name + ".bias", {out}});
    return *this;
  }
  SpecList& dense(const std::string& name, std::int64_t out, std::int64_t in) {
    specs_.push_back({name + ".weight", {out, in}});
    specs_.push_back({name + ".bias", {out}});
    return *this;
  }
  SpecList& prelu(const std::string& name, std::int64_t channels) {
    specs_.push_back({name + ".weight", {channels}});
    return *this;
  }
  [[nodiscard]] std::vector<TensorSpec> take() { return std::move(specs_); }

 private:
  std::vector<TensorSpec> specs_;
};

std::vector<TensorSpec> pnet_specs() {
  return SpecList()
      .conv("conv1", 10, 3, 3)
      .prelu("prelu1", 10)
      .conv("conv2", 16, 10, 3)
      .prelu("prelu2", 16)
      .conv("conv3", 32, 16, 3)
      .prelu("prelu3", 32)
      .conv("conv4_1", 2, 32, 1)  // face or not
      .conv("conv4_2", 4, 32, 1)  // box regression
      .take();
}

std::vector<TensorSpec> rnet_specs() {
  return SpecList()
      .conv("conv1", 28, 3, 3)
      .prelu("prelu1", 28)
      .conv("conv2", 48, 28, 3)
      .prelu("prelu2", 48)
      .conv("conv3", 64, 48, 2)
      .prelu("prelu3", 64)
      .dense("dense4", 128, 576)
      .prelu("prelu4", 128)
      .dense("dense5_1", 2, 128)
      .dense("dense5_2", 4, 128)
      .take();
}

std::vector<TensorSpec> onet_specs() {
  return SpecList()
      .conv("conv1", 32, 3, 3)
      .prelu("prelu1", 32)
      .conv("conv2", 64, 32, 3)
      .prelu("prelu2", 64)
      .conv("conv3", 64, 64, 3)
      .prelu("prelu3", 64)
      .conv("conv4", 128, 64, 2)
      .prelu("prelu4", 128)
      .dense("dense5", 256, 1152)
      .prelu("prelu5", 256)
      .dense("dense6_1", 2, 256)
      .dense("dense6_2", 4, 256)
      .dense("dense6_3", 10, 256)  // five landmarks
      .take();
}

}  // namespace

Result<StateDict> canonical_mtcnn(const StateDict& pnet, const StateDict& rnet, const StateDict& onet) {
  FACEPIPE_TRY(check_against(pnet_specs(), pnet, "P-Net"));
  FACEPIPE_TRY(check_against(rnet_specs(), rnet, "R-Net"));
  FACEPIPE_TRY(check_against(onet_specs(), onet, "O-Net"));
  StateDict all;
  for (const auto& [prefix, network] :
       {std::pair("pnet.", &pnet), std::pair("rnet.", &rnet), std::pair("onet.", &onet)}) {
    for (const auto& [name, tensor] : *network) {
      all.emplace(prefix + name, tensor);
    }
  }
  return all;
}

}  // namespace facepipe::weights
