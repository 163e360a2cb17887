// libFuzzer: galleries of torch.save. One that is read must survive being written and read again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "gallery/export/torch_export.h"
#include "weights/readers.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using facepipe::weights::read_torch_gallery;
  const auto gallery =
      read_torch_gallery(std::as_bytes(std::span(data, size)), {.max_tensor_values = 100'000, .max_entries = 10'000});
  if (gallery) {
    const auto again = read_torch_gallery(facepipe::gallery::write_torch_gallery(*gallery));
    if (!again || again->names != gallery->names || again->embeddings != gallery->embeddings) {
      std::abort();
    }
  }
  return 0;
}
