// The tensors of MTCNN's three networks (Zhang et al. 2016, arXiv:1604.02878), as facenet-pytorch 2.6.0 names them.
#pragma once

#include "base/result.h"
#include "weights/tensor.h"

namespace facepipe::weights {

// The three state dicts (facenet-pytorch's data/pnet.pt, rnet.pt and onet.pt) as one, under "pnet.", "rnet." and
// "onet.": 50 tensors, "pnet.conv1.weight" [10,3,3,3] and so on; convolutions are OIHW, dense layers [out,in], and
// dense inputs are ordered as facenet-pytorch flattens them (W, H, C). kInvalidData names the network and its missing,
// misshapen and unknown tensors.
[[nodiscard]] Result<StateDict> canonical_mtcnn(const StateDict& pnet, const StateDict& rnet, const StateDict& onet);

}  // namespace facepipe::weights
