// MTCNN (Zhang et al. 2016, arXiv:1604.02878) as facenet-pytorch 2.6.0 runs it; differences are numbered in
// docs/numerics.md.
#pragma once

#include <memory>

#include "base/result.h"
#include "detect/detector.h"
#include "weights/tensor.h"

namespace facepipe::detect {

enum class KernelSet {
  kFastest,    // one Highway source, the widest vectors of this CPU
  kReference,  // plain loops, any CPU: the oracle of the tests
};

// The three networks' weights under "pnet.", "rnet.", "onet." + facenet-pytorch's names ("pnet.conv1.weight").
// kInvalidData naming the missing or misshapen tensor; kInvalidArgument naming the option (factor outside (0.1,0.95),
// min face < 12... as the message says). What it makes has no errors but its limit's, and kTooLarge for a picture with
// a side of more than 32,768 pixels; calls keep scratch memory of their own.
[[nodiscard]] Result<std::unique_ptr<const Detector>> make_mtcnn(const weights::StateDict& mtcnn,
                                                                 const DetectorOptions& options = {},
                                                                 KernelSet kernel_set = KernelSet::kFastest);

// The same of a pack's role "detector", a tensor file: the kind "mtcnn". Errors of ModelPack::map (kMismatch for a
// damaged file, with both digests), of the tensor file's reader and of make_mtcnn.
[[nodiscard]] Result<std::unique_ptr<const Detector>> load_mtcnn(const model::ModelPack& pack,
                                                                 const DetectorOptions& options);

}  // namespace facepipe::detect
