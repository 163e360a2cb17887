// libFuzzer: the unpickler and the walk through its tree. The first byte chooses the allow-list.
#include <cstddef>
#include <cstdint>
#include <span>

#include "weights/pickle.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace facepipe::weights;  // NOLINT(google-build-using-namespace)
  if (size == 0) {
    return 0;
  }
  const auto classes = data[0] % 2 == 0 ? PickleClasses::kTensors : PickleClasses::kTensorsAndScript;
  const ReadLimits limits{.max_entries = 10'000};
  const auto parsed = parse_pickle(std::as_bytes(std::span(data + 1, size - 1)), classes, limits);
  if (parsed) {
    for (const PickleNode& node : parsed->tree.nodes()) {
      for (const PickleId id : node.items) {
        static_cast<void>(to_string(parsed->tree[id].kind));
      }
    }
    static_cast<void>(parsed->tree.find(parsed->tree.root(), "state_dict"));
  }
  return 0;
}
