// libFuzzer: torch.save in both containers, and TorchScript.
#include <cstddef>
#include <cstdint>
#include <span>

#include "weights/readers.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = std::as_bytes(std::span(data, size));
  // Small limits: a stride of 0 may rightly ask for as much memory as they allow.
  static_cast<void>(facepipe::weights::read_torch(file, {.max_tensor_values = 100'000, .max_entries = 10'000}));
  return 0;
}
