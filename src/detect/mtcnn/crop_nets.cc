// facenet-pytorch 2.6.0, models/mtcnn.py, classes RNet and ONet: about 1.5 and 13 million multiply-adds a crop. Tiles
// are of the side that measured fastest; in the first layers, with their three channels, transforms cost what they
// save. Tested by mtcnn_golden_test.cc.
#include "detect/mtcnn/crop_nets.h"

#include <algorithm>

namespace facepipe::detect {

Result<RNet> RNet::load(const weights::StateDict& mtcnn) {
  constexpr std::array<Head, 2> kHeads = {{{"rnet.dense5_1", 2}, {"rnet.dense5_2", 4}}};
  RNet net;
  FACEPIPE_ASSIGN(net.conv1_, load_conv(mtcnn, "rnet.conv1", "rnet.prelu1", {3, 28, 3, 0}));
  FACEPIPE_ASSIGN(net.conv2_, load_conv(mtcnn, "rnet.conv2", "rnet.prelu2", {28, 48, 3, 3}));
  FACEPIPE_ASSIGN(net.conv3_, load_conv(mtcnn, "rnet.conv3", "rnet.prelu3", {48, 64, 2, 0}));
  FACEPIPE_ASSIGN(net.dense4_, load_flatten(mtcnn, "rnet.dense4", "rnet.prelu4", {3, 64, 128}));
  FACEPIPE_ASSIGN(net.heads_, load_heads(mtcnn, kHeads, 128));
  return net;
}

void RNet::run(const kernels::Kernels& kernels, const float* crops, int count, ActivationScratch& scratch,
               Output* outputs) const {
  Activations x(kernels, crops, count, kSide, scratch);
  x.conv_max_pool(conv1_, 3);  // [n,24,24,3] -> [n,22,22,28] -> [n,11,11,28]
  x.conv(conv2_).max_pool(3);  // -> [n,9,9,48] -> [n,4,4,48]
  x.conv(conv3_);              // -> [n,3,3,64]
  x.flatten(dense4_);          // -> [n,128]
  x.flatten(heads_);           // -> [n,2 + 4]
  for (int i = 0; i < count; ++i) {
    const float* values = x.data() + std::ptrdiff_t{i} * x.stride();
    outputs[i].probability = face_probability(values[0], values[1]);
    std::copy_n(values + 2, 4, outputs[i].offsets.begin());
  }
}

Result<ONet> ONet::load(const weights::StateDict& mtcnn) {
  constexpr std::array<Head, 3> kHeads = {{{"onet.dense6_1", 2}, {"onet.dense6_2", 4}, {"onet.dense6_3", 10}}};
  ONet net;
  FACEPIPE_ASSIGN(net.conv1_, load_conv(mtcnn, "onet.conv1", "onet.prelu1", {3, 32, 3, 0}));
  FACEPIPE_ASSIGN(net.conv2_, load_conv(mtcnn, "onet.conv2", "onet.prelu2", {32, 64, 3, 3}));
  FACEPIPE_ASSIGN(net.conv3_, load_conv(mtcnn, "onet.conv3", "onet.prelu3", {64, 64, 3, 4}));
  FACEPIPE_ASSIGN(net.conv4_, load_conv(mtcnn, "onet.conv4", "onet.prelu4", {64, 128, 2, 0}));
  FACEPIPE_ASSIGN(net.dense5_, load_flatten(mtcnn, "onet.dense5", "onet.prelu5", {3, 128, 256}));
  FACEPIPE_ASSIGN(net.heads_, load_heads(mtcnn, kHeads, 256));
  return net;
}

void ONet::run(const kernels::Kernels& kernels, const float* crops, int count, ActivationScratch& scratch,
               Output* outputs) const {
  Activations x(kernels, crops, count, kSide, scratch);
  x.conv_max_pool(conv1_, 3);  // [n,48,48,3] -> [n,46,46,32] -> [n,23,23,32]
  x.conv(conv2_).max_pool(3);  // -> [n,21,21,64] -> [n,10,10,64]
  x.conv(conv3_).max_pool(2);  // -> [n,8,8,64] -> [n,4,4,64]
  x.conv(conv4_);              // -> [n,3,3,128]
  x.flatten(dense5_);          // -> [n,256]
  x.flatten(heads_);           // -> [n,2 + 4 + 10]
  for (int i = 0; i < count; ++i) {
    const float* values = x.data() + std::ptrdiff_t{i} * x.stride();
    outputs[i].probability = face_probability(values[0], values[1]);
    std::copy_n(values + 2, 4, outputs[i].offsets.begin());
    std::copy_n(values + 6, 10, outputs[i].landmarks.begin());
  }
}

}  // namespace facepipe::detect
