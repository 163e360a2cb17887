// The tensors of Inception-ResNet v1 as FaceNet uses it (Szegedy et al. 2016, arXiv:1602.07261), whatever file they
// come from.
#pragma once

#include "base/result.h"
#include "weights/tensor.h"

namespace facepipe::weights {

// facenet-pytorch 2.6.0's state dict of InceptionResnetV1 without num_batches_tracked and the classifier "logits": 602
// names, "conv2d_1a.conv.weight" [32,3,3,3] (OIHW) to "last_linear.weight" [D,1792] and "last_bn.*" [D]; D, the size of
// an embedding, is free. Batch norms are for epsilon 0.001. `any` may hold
// - those names, under a common prefix ("module.") and with "logits.*", which is dropped; or
// - Keras names (read_keras_hdf5 of facenet_keras.h5): "Conv2d_1a_3x3/kernel" and so on. Kernels go from HWIO to OIHW,
//   dense ones from [in,out] to [out,in]; a batch norm without gamma gets ones.
// kUnsupported if it holds neither; kInvalidData naming the missing, misshapen and unknown tensors (by
// facenet-pytorch's names, unknown ones by their own).
[[nodiscard]] Result<StateDict> canonical_inception_resnet_v1(const StateDict& any);

// D of a dict that canonical_inception_resnet_v1 gave; 0 if "last_linear.weight" is missing or not a matrix.
[[nodiscard]] int embedding_size(const StateDict& canonical);

}  // namespace facepipe::weights
