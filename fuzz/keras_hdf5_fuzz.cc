// libFuzzer: the HDF5 reader, through the Keras one.
#include <cstddef>
#include <cstdint>
#include <span>

#include "packs/sources/keras_hdf5.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static_cast<void>(facepipe::weights::read_keras_hdf5(std::as_bytes(std::span(data, size)),
                                                       {.max_tensor_values = 100'000, .max_entries = 10'000}));
  return 0;
}
