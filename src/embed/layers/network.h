// Runs a chain of layers on own kernels: no engine to load, no layout that depends on the machine, and the weights stay
// in their mapped file (docs/decisions/0027-own-kernels-for-small-embedders.md).
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/file.h"
#include "base/result.h"
#include "embed/layers/kernels/kernels.h"
#include "embed/layers/layer.h"

namespace facepipe::embed::layers {

class Network {
 public:
  // A file of layer_file.h, kept as long as the network. Errors: read_layers; kInvalidData for a chain that does not
  // end with one pixel. Another set of kernels is for tests.
  [[nodiscard]] static Result<Network> open(MappedFile file, const Kernels& kernels = highway_kernels());
  // The same of bytes that live as long as the network.
  [[nodiscard]] static Result<Network> view(ByteView bytes, const Kernels& kernels = highway_kernels());
  Network(Network&&) noexcept;
  Network& operator=(Network&&) noexcept;
  ~Network();

  [[nodiscard]] int input_px() const { return layers_.front().in_side; }
  [[nodiscard]] int output_size() const { return layers_.back().out_channels; }

  // `planes` [3,S,S], S = input_px(), to `out` [output_size()], both of exactly that many values: the last layer's
  // output. Thread-safe: calls at the same time each have their own memory, which is kept for later ones.
  void run(std::span<const float> planes, std::span<float> out) const;

 private:
  struct Workspace;
  struct Workspaces;
  Network(std::vector<Layer> layers, const Kernels& kernels);
  void convolve(const Layer& layer, const float* planes, float* patches, float* out) const;

  std::optional<MappedFile> file_;
  std::vector<Layer> layers_;
  Kernels kernels_;
  std::vector<std::size_t> slots_;       // where each layer's output goes
  std::vector<std::size_t> slot_sizes_;  // in values
  std::unique_ptr<Workspaces> workspaces_;
};

}  // namespace facepipe::embed::layers
