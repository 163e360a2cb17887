// Tested by src/packs/onnx_embedder_test.cc and embed_golden_test.cc.
#include "embed/graph_session.h"

#include <dlfcn.h>
#include <onnxruntime_cxx_api.h>
#include <onnxruntime_session_options_config_keys.h>

#include <array>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace facepipe::embed {
namespace {

// Library code never prints: what the runtime has to say comes back as the message of its exception.
void ORT_API_CALL drop_log(void*, OrtLoggingLevel, const char*, const char*, const char*, const char*) {}

// The published library reports its use to its maker: a file in the user's home, threads, uploads. All that begins with
// the environment, before DisableTelemetryEvents can be called; this variable prevents it. Set before main, when there
// is no thread yet that could read the environment meanwhile.
[[maybe_unused]] const bool kNoTelemetry =
    setenv("ORT_DISABLE_TELEMETRY", "1", 1) == 0;  // NOLINT(concurrency-mt-unsafe)

constexpr const char* kLibrary = "libonnxruntime.so.1";
constexpr std::int64_t kMaxSide = 65'536;         // no picture is larger
constexpr const char* kMinExternalBytes = "256";  // smaller initializers stay in a graph that is saved

Result<const OrtApiBase*> open_library() {
  void* library = dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);  // stays open as long as the program runs
  if (library == nullptr) {
    return Error{ErrorCode::kUnavailable, std::string("cannot load ONNX Runtime: ") + dlerror()};
  }
  using GetApiBase = const OrtApiBase* (*)();
  const auto get_base = reinterpret_cast<GetApiBase>(dlsym(library, "OrtGetApiBase"));
  const OrtApiBase* base = get_base == nullptr ? nullptr : get_base();
  if (base == nullptr || base->GetApi(ORT_API_VERSION) == nullptr) {
    return Error{ErrorCode::kUnavailable, std::string(kLibrary) + ": expected ONNX Runtime with API version " +
                                              std::to_string(ORT_API_VERSION) + " or later, got " +
                                              (base == nullptr ? "something else" : base->GetVersionString())};
  }
  Ort::InitApi(base->GetApi(ORT_API_VERSION));
  return base;
}

const Result<const OrtApiBase*>& library() {
  static const Result<const OrtApiBase*> base = open_library();
  return base;
}

// One per process: threads and allocators hang on it. Made at the first use, so that a program that embeds nothing
// starts nothing.
Ort::Env& environment() {
  static Ort::Env env = [] {
    Ort::Env made(ORT_LOGGING_LEVEL_FATAL, "facepipe", drop_log, nullptr);
    made.DisableTelemetryEvents();
    return made;
  }();
  return env;
}

// Chosen by measurement: docs/decisions/0003-onnx-runtime.md.
Ort::SessionOptions session_options(const GraphOptions& options) {
  Ort::SessionOptions session;
  session.SetIntraOpNumThreads(options.threads);
  session.SetInterOpNumThreads(1);
  session.SetExecutionMode(ORT_SEQUENTIAL);
  session.SetGraphOptimizationLevel(options.optimise ? ORT_ENABLE_ALL : ORT_DISABLE_ALL);
  // Waiting threads sleep: spinning takes the core that decoding and detection need.
  session.AddConfigEntry(kOrtSessionOptionsConfigAllowIntraOpSpinning, "0");
  // A pattern is kept for each batch size and planned as one block: more memory, no time gained.
  session.DisableMemPattern();
  if (!options.save_graph.empty()) {
    session.SetOptimizedModelFilePath(options.save_graph.c_str());
    session.AddConfigEntry(kOrtSessionOptionsOptimizedModelExternalInitializersFileName,
                           options.save_initializers.c_str());
    session.AddConfigEntry(kOrtSessionOptionsOptimizedModelExternalInitializersMinSizeInBytes, kMinExternalBytes);
    session.AddConfigEntry(kOrtSessionOptionsSavePrePackedConstantInitializers, "1");
  }
  return session;
}

bool is_float_tensor(const Ort::TypeInfo& type, std::size_t dimensions) {
  const auto tensor = type.GetTensorTypeAndShapeInfo();
  return tensor.GetElementType() == ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT && tensor.GetDimensionsCount() == dimensions;
}

Status check_interface(const Ort::Session& session, int embedding_size) {
  Ort::AllocatorWithDefaultOptions allocator;
  if (session.GetInputCount() != 1 || session.GetOutputCount() != 1 ||
      std::string_view(session.GetInputNameAllocated(0, allocator).get()) != kNetworkInput ||
      std::string_view(session.GetOutputNameAllocated(0, allocator).get()) != kNetworkOutput) {
    return Error{ErrorCode::kInvalidData, std::string("expected a graph with the one input '") + kNetworkInput +
                                              "' and the one output '" + kNetworkOutput + "'"};
  }
  const Ort::TypeInfo input = session.GetInputTypeInfo(0);
  const Ort::TypeInfo output = session.GetOutputTypeInfo(0);
  if (input.GetONNXType() != ONNX_TYPE_TENSOR || output.GetONNXType() != ONNX_TYPE_TENSOR) {
    return Error{ErrorCode::kInvalidData, "expected tensors as the graph's input and output"};
  }
  if (!is_float_tensor(input, 4) || !is_float_tensor(output, 2)) {
    return Error{ErrorCode::kInvalidData, "expected a float32 input of 4 dimensions and a float32 output of 2"};
  }
  if (const std::int64_t found = output.GetTensorTypeAndShapeInfo().GetShape()[1]; found != embedding_size) {
    return Error{ErrorCode::kMismatch, "the manifest says embeddings of " + std::to_string(embedding_size) +
                                           " values, the graph makes " + std::to_string(found)};
  }
  return {};
}

}  // namespace

struct GraphSession::State {
  Ort::Session session;
};

template <typename... Model>
Result<GraphSession> GraphSession::open_model(const GraphOptions& options, Model... model) {
  if (!library()) {
    return Error{ErrorCode::kInvalidData, library().error().message};
  }
  try {
    return GraphSession(
        std::make_unique<State>(State{Ort::Session(environment(), model..., session_options(options))}));
  } catch (const Ort::Exception& exception) {
    return Error{ErrorCode::kInvalidData, exception.what()};
  }
}

Result<GraphSession> GraphSession::open(const std::filesystem::path& file, const GraphOptions& options) {
  return open_model(options, file.c_str());
}

Result<GraphSession> GraphSession::open(ByteView onnx, const GraphOptions& options) {
  return open_model(options, static_cast<const void*>(onnx.data()), onnx.size());
}

GraphSession::GraphSession(std::unique_ptr<State> state) : state_(std::move(state)) {}
GraphSession::GraphSession(GraphSession&&) noexcept = default;
GraphSession& GraphSession::operator=(GraphSession&&) noexcept = default;
GraphSession::~GraphSession() = default;

Status GraphSession::check_embedder(int embedding_size) const {
  try {
    return check_interface(state_->session, embedding_size);
  } catch (const Ort::Exception& exception) {
    return Error{ErrorCode::kInvalidData, exception.what()};
  }
}

std::optional<int> GraphSession::fixed_side() const {
  try {
    const auto shape = state_->session.GetInputTypeInfo(0).GetTensorTypeAndShapeInfo().GetShape();
    // A free extent is negative.
    return shape.size() == 4 && shape[2] > 0 && shape[2] <= kMaxSide && shape[3] == shape[2]
               ? std::optional(static_cast<int>(shape[2]))
               : std::nullopt;
  } catch (const Ort::Exception&) {
    return std::nullopt;
  }
}

Result<std::vector<GraphTensor>> GraphSession::run(std::span<const float> crops, std::int64_t side,
                                                   std::span<const std::string> outputs) const {
  std::vector<const char*> names;
  for (const std::string& name : outputs) {
    names.push_back(name.c_str());
  }
  const std::array<std::int64_t, 4> shape{static_cast<std::int64_t>(crops.size()) / (3 * side * side), 3, side, side};
  std::vector<GraphTensor> tensors;
  try {
    const auto memory = Ort::MemoryInfo::CreateCpu(OrtDeviceAllocator, OrtMemTypeDefault);
    // Only read, though the runtime takes no pointer to const.
    const auto input = Ort::Value::CreateTensor<float>(memory, const_cast<float*>(crops.data()), crops.size(),
                                                       shape.data(), shape.size());
    const auto made =
        state_->session.Run(Ort::RunOptions{nullptr}, &kNetworkInput, &input, 1, names.data(), names.size());
    for (const Ort::Value& value : made) {
      const auto type = value.GetTensorTypeAndShapeInfo();
      const float* values = value.GetTensorData<float>();
      tensors.push_back({type.GetShape(), {values, values + type.GetElementCount()}});
    }
  } catch (const Ort::Exception& exception) {
    return Error{ErrorCode::kInternal, exception.what()};
  }
  return tensors;
}

std::string runtime_version() {
  return library() ? (*library())->GetVersionString() : "none";
}

}  // namespace facepipe::embed
