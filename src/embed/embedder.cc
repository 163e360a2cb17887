// Runs a pack's graph on ONNX Runtime's CPU provider. Its settings were chosen by measurement
// (docs/decisions/0003-onnx-runtime.md). Tested by embedder_test.cc and embed_golden_test.cc.
#include "embed/embedder.h"

#include <malloc.h>
#include <onnxruntime_cxx_api.h>
#include <onnxruntime_session_options_config_keys.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "embed/inception_resnet_v1.h"
#include "embed/normalise.h"

namespace facepipe::embed {
namespace {

// Crops of one run. A larger batch is no faster on a CPU, and the activations' memory grows with it.
constexpr std::size_t kMaxBatch = 4;
constexpr int kMaxThreads = 256;

// Library code never prints: what the runtime has to say comes back as the message of its exception.
void ORT_API_CALL drop_log(void*, OrtLoggingLevel, const char*, const char*, const char*, const char*) {}

// One per process: threads and allocators hang on it. Made at the first load, so that a program that embeds nothing
// starts nothing; may throw Ort::Exception.
Ort::Env& environment() {
  static Ort::Env env = [] {
    Ort::Env made(ORT_LOGGING_LEVEL_FATAL, "facepipe", drop_log, nullptr);
    made.DisableTelemetryEvents();
    return made;
  }();
  return env;
}

Ort::SessionOptions session_options(const EmbedderOptions& options) {
  Ort::SessionOptions session;
  session.SetIntraOpNumThreads(options.threads);
  session.SetInterOpNumThreads(1);
  session.SetExecutionMode(ORT_SEQUENTIAL);
  session.SetGraphOptimizationLevel(ORT_ENABLE_ALL);
  // Waiting threads sleep: spinning takes the core that decoding and detection need.
  session.AddConfigEntry(kOrtSessionOptionsConfigAllowIntraOpSpinning, "0");
  // A pattern is kept for each batch size and planned as one block: more memory, no time gained.
  session.DisableMemPattern();
  return session;
}

// Loading leaves the parsed file and the weights' first layout in freed heap pages, more than the weights themselves.
// Handing them back takes about 15 ms.
void return_freed_memory() {
#ifdef __GLIBC__
  static_cast<void>(::malloc_trim(0));
#endif
}

std::string size_text(int width, int height) {
  return std::to_string(width) + "x" + std::to_string(height);
}

// One float32 input [N,3,S,S] and one float32 output [N,embedding_size] under the names that the graph's writer gives.
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

Status check_crops(std::span<const image::RgbView> crops, int input_px) {
  for (std::size_t i = 0; i < crops.size(); ++i) {
    if (crops[i].width != input_px || crops[i].height != input_px) {
      return Error{ErrorCode::kInvalidArgument, "crop " + std::to_string(i) + ": expected " +
                                                    size_text(input_px, input_px) + " pixels, got " +
                                                    size_text(crops[i].width, crops[i].height)};
    }
  }
  return {};
}

}  // namespace

struct Embedder::State {
  // Run() is not const, but the runtime's documentation allows calls from several threads.
  Ort::Session session;
  int embedding_size = 0;

  // [N,S,S,3] uint8 -> N embeddings, appended. May throw Ort::Exception.
  Status run(std::span<const image::RgbView> crops, const nn::Preprocessing& preprocessing,
             std::vector<Embedding>& embeddings);
};

Status Embedder::State::run(std::span<const image::RgbView> crops, const nn::Preprocessing& preprocessing,
                            std::vector<Embedding>& embeddings) {
  const std::int64_t side = preprocessing.input_px;
  const std::array<std::int64_t, 4> shape{static_cast<std::int64_t>(crops.size()), 3, side, side};
  const auto values_per_crop = static_cast<std::size_t>(3 * side * side);
  std::vector<float> input(values_per_crop * crops.size());
  for (std::size_t i = 0; i < crops.size(); ++i) {
    normalise(crops[i], preprocessing.normalisation, std::span(input).subspan(i * values_per_crop, values_per_crop));
  }
  const auto memory = Ort::MemoryInfo::CreateCpu(OrtDeviceAllocator, OrtMemTypeDefault);
  const auto tensor = Ort::Value::CreateTensor<float>(memory, input.data(), input.size(), shape.data(), shape.size());
  const std::vector<Ort::Value> outputs =
      session.Run(Ort::RunOptions{nullptr}, &kNetworkInput, &tensor, 1, &kNetworkOutput, 1);
  const std::vector<std::int64_t> expected{shape[0], embedding_size};
  if (outputs.size() != 1 || outputs[0].GetTensorTypeAndShapeInfo().GetShape() != expected) {
    return Error{ErrorCode::kInvalidData, "the graph's output has another shape than it declares"};
  }
  const float* values = outputs[0].GetTensorData<float>();
  for (std::size_t i = 0; i < crops.size(); ++i, values += embedding_size) {
    embeddings.emplace_back(values, values + embedding_size);
  }
  return {};
}

Result<Embedder> Embedder::load(const nn::ModelPack& pack, const EmbedderOptions& options) {
  if (options.threads < 1 || options.threads > kMaxThreads) {
    return Error{ErrorCode::kInvalidArgument, "embedder threads: expected 1 to " + std::to_string(kMaxThreads) +
                                                  ", got " + std::to_string(options.threads)};
  }
  const std::filesystem::path path = pack.file("embedder");
  const int embedding_size = pack.manifest().embedding_size;
  std::unique_ptr<State> state;
  try {
    state = std::make_unique<State>(
        State{Ort::Session(environment(), path.c_str(), session_options(options)), embedding_size});
    if (const Status status = check_interface(state->session, embedding_size); !status) {
      return status.error().with_context(path.string());
    }
  } catch (const Ort::Exception& exception) {
    return Error{ErrorCode::kInvalidData, path.string() + ": " + exception.what()};
  }
  return_freed_memory();
  return Embedder(std::move(state));
}

Embedder::Embedder(std::unique_ptr<State> state) : state_(std::move(state)) {}
Embedder::Embedder(Embedder&&) noexcept = default;
Embedder& Embedder::operator=(Embedder&&) noexcept = default;
Embedder::~Embedder() = default;

int Embedder::embedding_size() const {
  return state_->embedding_size;
}

Result<std::vector<Embedding>> Embedder::embed(std::span<const image::RgbView> crops,
                                               const nn::Preprocessing& preprocessing) const {
  if (preprocessing.input_px < kMinInputPx || preprocessing.input_px > nn::kMaxInputPx) {
    return Error{ErrorCode::kInvalidArgument, "preprocessing '" + preprocessing.mode + "': expected an input of " +
                                                  std::to_string(kMinInputPx) + " to " +
                                                  std::to_string(nn::kMaxInputPx) + " pixels, got " +
                                                  std::to_string(preprocessing.input_px)};
  }
  FACEPIPE_TRY(check_crops(crops, preprocessing.input_px));
  std::vector<Embedding> embeddings;
  embeddings.reserve(crops.size());
  try {
    while (embeddings.size() < crops.size()) {
      const auto rest = crops.subspan(embeddings.size());
      FACEPIPE_TRY(state_->run(rest.first(std::min(kMaxBatch, rest.size())), preprocessing, embeddings));
    }
  } catch (const Ort::Exception& exception) {
    return Error{ErrorCode::kInternal, std::string("the embedder failed to run: ") + exception.what()};
  }
  return embeddings;
}

}  // namespace facepipe::embed
