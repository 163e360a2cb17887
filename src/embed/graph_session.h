// One ONNX graph in the runtime. The runtime's types and exceptions end in this module's graph_session.cc.
//
// The library is loaded at the first use, not linked: it is 35 MB with 50,000 relocations, and detection, queues and
// the clients never call it (docs/decisions/0003-onnx-runtime.md).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace facepipe::embed {

// An embedder's one input, float32 [N,3,H,W], its output, float32 [N,D], and, where it tells them, the lengths that the
// rows of that had before they were brought to 1, float32 [N,1].
inline constexpr const char* kNetworkInput = "crops";
inline constexpr const char* kNetworkOutput = "embeddings";
inline constexpr const char* kNetworkNorms = "norms";

struct GraphOptions {
  int threads = 1;       // of one run; waiting ones sleep
  bool optimise = true;  // false for a graph that was saved after the optimiser's work
  // Not empty: that graph is saved here, its larger initializers in a file of that name beside it.
  std::filesystem::path save_graph{};
  std::string save_initializers{};
};

struct GraphTensor {
  std::vector<std::int64_t> shape;
  std::vector<float> values;  // row-major
};

class GraphSession {
 public:
  // kInvalidData with the runtime's own words for what it refuses, and if the library cannot be loaded.
  [[nodiscard]] static Result<GraphSession> open(const std::filesystem::path& file, const GraphOptions& options = {});
  [[nodiscard]] static Result<GraphSession> open(ByteView onnx, const GraphOptions& options = {});
  GraphSession(GraphSession&&) noexcept;
  GraphSession& operator=(GraphSession&&) noexcept;
  ~GraphSession();

  // Is it an embedder: the input and the outputs named above? kInvalidData if not; kMismatch naming both sizes.
  [[nodiscard]] Status check_embedder(int embedding_size) const;

  // Does an embedder tell norms?
  [[nodiscard]] bool tells_norms() const;

  // The side of the pictures that it takes, where the graph fixes it.
  [[nodiscard]] std::optional<int> fixed_side() const;

  // `crops` [count,3,side,side] through the graph's input kNetworkInput; the tensors named `outputs`, float32, in that
  // order. kInternal with the runtime's words. Thread-safe.
  [[nodiscard]] Result<std::vector<GraphTensor>> run(std::span<const float> crops, std::int64_t side,
                                                     std::span<const std::string> outputs) const;

 private:
  struct State;
  explicit GraphSession(std::unique_ptr<State> state);
  template <typename... Model>
  static Result<GraphSession> open_model(const GraphOptions& options, Model... model);

  std::unique_ptr<State> state_;
};

// "1.32.0"; "none" if there is no library.
[[nodiscard]] std::string runtime_version();

}  // namespace facepipe::embed
