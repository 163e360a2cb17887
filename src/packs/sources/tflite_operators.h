// The operators of TensorFlow Lite that are read, by the numbers of its schema.fbs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "packs/sources/tflite.h"

namespace facepipe::weights::tflite {

struct Known {
  std::int32_t code;         // BuiltinOperator
  std::uint8_t options;      // BuiltinOptions: the type of its table, which may be left out where it says nothing
  std::uint8_t fused_field;  // of that table: fused_activation_function; 0xFF: has none
  TfliteOp op;
  std::size_t inputs;
  std::string_view name;
};
inline constexpr std::uint8_t kNoField = 0xFF;
inline constexpr std::array<Known, 8> kKnown{{{101, 78, kNoField, TfliteOp::kAbs, 1, "ABS"},
                                              {0, 11, 0, TfliteOp::kAdd, 2, "ADD"},
                                              {3, 1, 3, TfliteOp::kConv2d, 3, "CONV_2D"},
                                              {4, 2, 4, TfliteOp::kDepthwiseConv2d, 3, "DEPTHWISE_CONV_2D"},
                                              {18, 21, 0, TfliteOp::kMul, 2, "MUL"},
                                              {19, 0, kNoField, TfliteOp::kRelu, 1, "RELU"},
                                              {22, 17, kNoField, TfliteOp::kReshape, 2, "RESHAPE"},
                                              {41, 28, 0, TfliteOp::kSub, 2, "SUB"}}};

}  // namespace facepipe::weights::tflite
