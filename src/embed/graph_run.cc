#include "embed/graph_run.h"

#include <array>
#include <string>
#include <string_view>

#include "embed/inception_resnet_v1.h"

namespace facepipe::embed {

Status run_graph(Ort::Session& session, std::vector<float>& input, std::int64_t count, std::int64_t side,
                 int embedding_size, std::vector<Embedding>& embeddings) {
  const std::array<std::int64_t, 4> shape{count, 3, side, side};
  const auto memory = Ort::MemoryInfo::CreateCpu(OrtDeviceAllocator, OrtMemTypeDefault);
  const auto tensor = Ort::Value::CreateTensor<float>(memory, input.data(), input.size(), shape.data(), shape.size());
  const std::vector<Ort::Value> outputs =
      session.Run(Ort::RunOptions{nullptr}, &kNetworkInput, &tensor, 1, &kNetworkOutput, 1);
  const std::vector<std::int64_t> expected{count, embedding_size};
  if (outputs.size() != 1 || outputs[0].GetTensorTypeAndShapeInfo().GetShape() != expected) {
    return Error{ErrorCode::kInvalidData, "the graph's output has another shape than it declares"};
  }
  const float* values = outputs[0].GetTensorData<float>();
  for (std::int64_t i = 0; i < count; ++i, values += embedding_size) {
    embeddings.emplace_back(values, values + embedding_size);
  }
  return {};
}

Status check_interface(const Ort::Session& session, int embedding_size) {
  Ort::AllocatorWithDefaultOptions allocator;
  if (session.GetInputCount() != 1 || session.GetOutputCount() != 1 ||
      std::string_view(session.GetInputNameAllocated(0, allocator).get()) != kNetworkInput ||
      std::string_view(session.GetOutputNameAllocated(0, allocator).get()) != kNetworkOutput) {
    return Error{ErrorCode::kInvalidData, std::string("expected a graph with the one input '") + kNetworkInput +
                                              "' and the one output '" + kNetworkOutput + "'"};
  }
  const Ort::TypeInfo input_type = session.GetInputTypeInfo(0);
  const Ort::TypeInfo output_type = session.GetOutputTypeInfo(0);
  if (input_type.GetONNXType() != ONNX_TYPE_TENSOR || output_type.GetONNXType() != ONNX_TYPE_TENSOR) {
    return Error{ErrorCode::kInvalidData, "expected tensors as the graph's input and output"};
  }
  const auto input = input_type.GetTensorTypeAndShapeInfo();
  const auto output = output_type.GetTensorTypeAndShapeInfo();
  if (input.GetElementType() != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT || input.GetDimensionsCount() != 4 ||
      output.GetElementType() != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT || output.GetDimensionsCount() != 2) {
    return Error{ErrorCode::kInvalidData, "expected a float32 input of 4 dimensions and a float32 output of 2"};
  }
  if (const std::int64_t found = output.GetShape()[1]; found != embedding_size) {
    return Error{ErrorCode::kMismatch, "the manifest says embeddings of " + std::to_string(embedding_size) +
                                           " values, the graph makes " + std::to_string(found)};
  }
  return {};
}

Result<Embedding> embed_pattern(Ort::Session& session, int embedding_size) {
  constexpr std::size_t kSide = 80;
  constexpr std::size_t kStep = 37;  // coprime to the number of levels: no two neighbours alike
  constexpr std::size_t kLevels = 255;
  std::vector<float> input(3 * kSide * kSide);
  for (std::size_t i = 0; i < input.size(); ++i) {
    input[i] = (static_cast<float>(i * kStep % kLevels) - 127.5F) / 128.0F;
  }
  std::vector<Embedding> embeddings;
  FACEPIPE_TRY(run_graph(session, input, 1, kSide, embedding_size, embeddings));
  return std::move(embeddings.front());
}

}  // namespace facepipe::embed
