// Tested by src/packs/onnx_embedder_test.cc and mobilefacenet_golden_test.cc.
#include "embed/network_input.h"

#include <string>

namespace facepipe::embed {
namespace {

std::string size_text(int width, int height) {
  return std::to_string(width) + "x" + std::to_string(height);
}

}  // namespace

Status check_input(std::span<const image::RgbView> crops, const model::Preprocessing& preprocessing, int min_px,
                   int max_px) {
  const int side = preprocessing.input_px;
  if (side < min_px || side > max_px) {
    return Error{ErrorCode::kInvalidArgument, "preprocessing '" + preprocessing.mode + "': expected an input of " +
                                                  std::to_string(min_px) + " to " + std::to_string(max_px) +
                                                  " pixels, got " + std::to_string(side)};
  }
  for (std::size_t i = 0; i < crops.size(); ++i) {
    if (crops[i].width != side || crops[i].height != side) {
      return Error{ErrorCode::kInvalidArgument, "crop " + std::to_string(i) + ": expected " + size_text(side, side) +
                                                    " pixels, got " + size_text(crops[i].width, crops[i].height)};
    }
  }
  return {};
}

}  // namespace facepipe::embed
