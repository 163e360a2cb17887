// Keras' HDF5 files as state dicts.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "weights/readers.h"
#include "weights/tensor.h"

namespace facepipe::weights {

// Every dataset under model_weights of a Keras .h5 (under the root if there is no such group: save_weights), as
// "LAYER/WEIGHT" ("Conv2d_1a_3x3/kernel", the ":0" cut off). kUnsupported naming the HDF5 feature outside of the subset
// that docs/formats/weights.md states.
[[nodiscard]] Result<StateDict> read_keras_hdf5(ByteView file, const ReadLimits& limits = {});

}  // namespace facepipe::weights
