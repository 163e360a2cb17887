// libFuzzer: the ONNX reader, and the rewrites of what it accepts.
#include <cstddef>
#include <cstdint>
#include <span>

#include "packs/embedder_graph.h"
#include "packs/onnx_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace facepipe;
  auto graph = packs::read_onnx(std::as_bytes(std::span(data, size)));
  if (graph) {
    const auto made = packs::embedder_graph(*std::move(graph), {112, 3});
    if (made) {
      static_cast<void>(packs::write_onnx(*made));
    }
  }
  return 0;
}
