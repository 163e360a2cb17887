// The subset of TensorFlow Lite models that face embedders of convolutions are: one graph, one float32 picture in, one
// float32 tensor out. Why our own reader: docs/decisions/0018-networks-by-recipe.md
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace facepipe::weights {

[[nodiscard]] bool is_tflite(ByteView file);

enum class TfliteOp { kAbs, kAdd, kConv2d, kDepthwiseConv2d, kMul, kRelu, kReshape, kSub };
[[nodiscard]] std::string_view to_string(TfliteOp op);  // "CONV_2D"

struct TfliteTensor {
  std::string_view name;            // in the file
  std::vector<std::int64_t> shape;  // at most 4 extents, each from 1 to 65,536; at most 2^26 values
  bool is_float = true;             // float32, else int32
  ByteView constant;                // its values, exactly as many as the shape has; empty: the graph computes it
};

// Of CONV_2D and DEPTHWISE_CONV_2D.
struct TfliteWindow {
  bool same_padding = false;  // else no padding
  std::int64_t stride_y = 1;  // all four from 1 to 1024
  std::int64_t stride_x = 1;
  std::int64_t dilation_y = 1;
  std::int64_t dilation_x = 1;
};

struct TfliteOperator {
  TfliteOp op = TfliteOp::kAdd;
  std::vector<std::size_t> inputs;  // indices of tensors, as many as the operator has
  std::size_t output = 0;
  TfliteWindow window;
  bool fused_relu = false;
};

// Views into the file, which must outlive it. Operators come after those whose results they take; every tensor is a
// constant, the input, or computed once. How the shapes of an operator go together is for its reader to check.
struct TfliteModel {
  std::vector<TfliteTensor> tensors;
  std::vector<TfliteOperator> operators;
  std::size_t input = 0;
  std::size_t output = 0;
};

// kUnsupported names what is not read: another schema version, an operator, a type, quantised, sparse or variable
// tensors, several graphs, inputs or outputs. kInvalidData, kTooLarge for damage and for what is past a bound. All
// constants together are no larger than the file.
[[nodiscard]] Result<TfliteModel> read_tflite(ByteView file);

}  // namespace facepipe::weights
