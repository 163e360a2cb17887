// Tested by network_test.cc.
#include "embed/layers/network.h"

#include <algorithm>
#include <mutex>
#include <string>
#include <utility>

#include "base/aligned_buffer.h"
#include "base/check.h"
#include "embed/layers/layer_file.h"

namespace facepipe::embed::layers {
namespace {

std::size_t output_values(const Layer& layer) {
  return static_cast<std::size_t>(layer.out_side) * static_cast<std::size_t>(layer.out_side) *
         static_cast<std::size_t>(layer.out_channels);
}

// The last layer that takes each layer's output; of the last one, itself.
std::vector<std::size_t> last_takers(std::span<const Layer> layers) {
  std::vector<std::size_t> takers;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    takers.push_back(std::min(i + 1, layers.size() - 1));
    if (layers[i].add) {
      takers[static_cast<std::size_t>(*layers[i].add)] = i;
    }
  }
  return takers;
}

}  // namespace

struct Network::Workspace {
  std::vector<AlignedBuffer<float>> slots;
  AlignedBuffer<float> patches;  // of one row of the first layer's output
};

struct Network::Workspaces {
  std::mutex mutex;
  std::vector<std::unique_ptr<Workspace>> idle;
};

Network::Network(std::vector<Layer> layers, const Kernels& kernels)
    : layers_(std::move(layers)), kernels_(kernels), workspaces_(std::make_unique<Workspaces>()) {
  // Each output takes a slot that nobody needs any more, the largest first: it is the likeliest to be in the cache.
  const std::vector<std::size_t> takers = last_takers(layers_);
  std::vector<std::size_t> needed_to;  // by slot
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const std::size_t size = output_values(layers_[i]);
    std::optional<std::size_t> chosen;
    for (std::size_t slot = 0; slot < needed_to.size(); ++slot) {
      if (needed_to[slot] < i && (!chosen || slot_sizes_[slot] > slot_sizes_[*chosen])) {
        chosen = slot;
      }
    }
    if (!chosen) {
      chosen = needed_to.size();
      needed_to.push_back(0);
      slot_sizes_.push_back(0);
    }
    needed_to[*chosen] = takers[i];
    slot_sizes_[*chosen] = std::max(slot_sizes_[*chosen], size);
    slots_.push_back(*chosen);
  }
}

Network::Network(Network&&) noexcept = default;
Network& Network::operator=(Network&&) noexcept = default;
Network::~Network() = default;

Result<Network> Network::view(ByteView bytes, const Kernels& kernels) {
  FACEPIPE_ASSIGN(std::vector<Layer> layers, read_layers(bytes));
  if (layers.back().out_side != 1) {
    return Error{ErrorCode::kInvalidData,
                 "expected layers that end with one pixel, got a side of " + std::to_string(layers.back().out_side)};
  }
  return Network(std::move(layers), kernels);
}

Result<Network> Network::open(MappedFile file, const Kernels& kernels) {
  FACEPIPE_ASSIGN(Network network, view(file.bytes(), kernels));
  network.file_ = std::move(file);
  return network;
}

void Network::convolve(const Layer& layer, const float* planes, float* patches, float* out) const {
  const std::ptrdiff_t side = layer.in_side;
  for (int y = 0; y < layer.out_side; ++y) {
    float* patch = patches;
    for (int x = 0; x < layer.out_side; ++x) {
      for (int ky = 0; ky < layer.kernel; ++ky) {
        const std::ptrdiff_t row = y * layer.stride - layer.pad + ky;
        for (int kx = 0; kx < layer.kernel; ++kx) {
          const std::ptrdiff_t column = x * layer.stride - layer.pad + kx;
          const bool inside = row >= 0 && row < side && column >= 0 && column < side;
          for (int c = 0; c < layer.in_channels; ++c) {
            *patch++ = inside ? planes[(c * side + row) * side + column] : 0;
          }
        }
      }
    }
    kernels_.multiply({.in = patches,
                       .rows = layer.out_side,
                       .depth = taps(layer),
                       .columns = layer.out_channels,
                       .weights = layer.weights.data(),
                       .bias = layer.bias.data(),
                       .factors = layer.factors.data(),
                       .out = out + std::ptrdiff_t{y} * layer.out_side * layer.out_channels});
  }
}

void Network::run(std::span<const float> planes, std::span<float> out) const {
  const auto side = static_cast<std::size_t>(input_px());
  FACEPIPE_CHECK(planes.size() == 3 * side * side && out.size() == static_cast<std::size_t>(output_size()));
  std::unique_ptr<Workspace> workspace;
  {
    const std::lock_guard lock(workspaces_->mutex);
    if (!workspaces_->idle.empty()) {
      workspace = std::move(workspaces_->idle.back());
      workspaces_->idle.pop_back();
    }
  }
  if (workspace == nullptr) {
    workspace = std::make_unique<Workspace>();
    for (const std::size_t size : slot_sizes_) {
      workspace->slots.emplace_back(size);
    }
    const Layer& first = layers_.front();
    workspace->patches.resize(static_cast<std::size_t>(first.out_side) * static_cast<std::size_t>(taps(first)));
  }
  const auto output_of = [&](std::size_t layer) { return workspace->slots[slots_[layer]].data(); };
  convolve(layers_.front(), planes.data(), workspace->patches.data(), output_of(0));
  for (std::size_t i = 1; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    if (layer.kind == LayerKind::kDepthwise) {
      kernels_.depthwise({.in = output_of(i - 1),
                          .in_side = layer.in_side,
                          .channels = layer.in_channels,
                          .kernel = layer.kernel,
                          .stride = layer.stride,
                          .pad = layer.pad,
                          .weights = layer.weights.data(),
                          .bias = layer.bias.data(),
                          .factors = layer.factors.data(),
                          .out_side = layer.out_side,
                          .out = output_of(i)});
      continue;
    }
    kernels_.multiply({.in = output_of(i - 1),
                       .rows = layer.out_side * layer.out_side,
                       .depth = layer.in_channels,
                       .columns = layer.out_channels,
                       .weights = layer.weights.data(),
                       .bias = layer.bias.data(),
                       .factors = layer.factors.data(),
                       .add = layer.add ? output_of(static_cast<std::size_t>(*layer.add)) : nullptr,
                       .out = output_of(i)});
  }
  std::ranges::copy_n(output_of(layers_.size() - 1), output_size(), out.begin());
  const std::lock_guard lock(workspaces_->mutex);
  workspaces_->idle.push_back(std::move(workspace));
}

}  // namespace facepipe::embed::layers
