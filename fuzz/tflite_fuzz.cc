// libFuzzer: the TensorFlow Lite reader, and the graph that is made of what it accepts.
#include <cstddef>
#include <cstdint>
#include <span>

#include "packs/embedder_graph.h"
#include "packs/sources/tflite.h"
#include "packs/tflite_graph.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace facepipe;
  const auto model = weights::read_tflite(std::as_bytes(std::span(data, size)));
  if (!model) {
    return 0;
  }
  auto graph = packs::tflite_graph(*model);
  if (graph) {
    const auto* side = std::get_if<std::int64_t>(&graph->input_shape.at(2));
    const int input_px = side == nullptr ? 1 : static_cast<int>(*side);
    static_cast<void>(packs::embedder_graph(*std::move(graph), {input_px, std::nullopt}));
  }
  return 0;
}
