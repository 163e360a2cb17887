// libFuzzer: a network's layers. A file that is read must survive being written and read again, and a small chain must
// run.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "embed/layers/layer_file.h"
#include "embed/layers/network.h"

namespace {

using facepipe::embed::layers::Layer;

double multiply_adds(const std::vector<Layer>& layers) {
  double sum = 0;
  for (const Layer& layer : layers) {
    sum += double{1} * layer.out_side * layer.out_side * layer.out_channels * taps(layer);
  }
  return sum;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace facepipe::embed::layers;  // NOLINT(google-build-using-namespace)
  constexpr double kMaxMultiplyAdds = 1e6;
  const facepipe::Bytes bytes = facepipe::to_bytes(std::as_bytes(std::span(data, size)));
  const auto layers = read_layers(bytes);
  if (!layers) {
    return 0;
  }
  const facepipe::Bytes written = write_layers(*layers);
  const auto again = read_layers(written);
  if (!again || write_layers(*again) != written) {
    std::abort();
  }
  const auto network = Network::view(bytes);
  if (network && multiply_adds(*layers) <= kMaxMultiplyAdds) {
    const std::vector<float> picture(static_cast<std::size_t>(3 * network->input_px() * network->input_px()), 0.25F);
    std::vector<float> out(static_cast<std::size_t>(network->output_size()));
    network->run(picture, out);
  }
  return 0;
}
