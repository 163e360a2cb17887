// libFuzzer: tensor files. One that is read must survive being written and read again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "weights/tensor_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace facepipe::weights;  // NOLINT(google-build-using-namespace)
  const auto file = read_tensor_file(std::as_bytes(std::span(data, size)), {.max_tensor_values = 100'000});
  if (file) {
    const facepipe::Bytes written = write_tensor_file(*file);
    const auto again = read_tensor_file(written);
    if (!again || write_tensor_file(*again) != written) {
      std::abort();
    }
  }
  return 0;
}
