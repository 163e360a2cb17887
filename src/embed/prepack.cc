// ONNX Runtime saves what its optimiser and its kernels' packing made of a graph. Tested by embed_golden_test.cc.
#include "embed/prepack.h"

#include <onnxruntime_session_options_config_keys.h>

#include <span>
#include <system_error>

#include "base/file.h"
#include "embed/graph_run.h"
#include "embed/session.h"

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

namespace facepipe::embed {
namespace {

// A prepacked graph is about as large as the portable one; nothing near this is an Inception-ResNet v1.
constexpr std::size_t kMaxFileBytes = std::size_t{1} << 30U;
// Smaller initializers stay in the graph.
constexpr const char* kMinExternalBytes = "256";

// The features that the runtime's matrix and convolution kernels are dispatched by (onnxruntime's MLAS, platform.cpp).
#if defined(__x86_64__)
std::string cpu_features() {
  std::string features = "x86_64";
  const auto add = [&](bool present, const char* name) { features += present ? std::string("-") + name : ""; };
  add(__builtin_cpu_supports("avx2") != 0, "avx2");
  add(__builtin_cpu_supports("fma") != 0, "fma");
  add(__builtin_cpu_supports("avx512f") != 0, "avx512f");
  add(__builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
          __builtin_cpu_supports("avx512vl") != 0,
      "avx512core");
  add(__builtin_cpu_supports("avx512vnni") != 0, "avx512vnni");
  constexpr unsigned kFeatureLeaf = 7;
  constexpr unsigned kAvxVnniBit = 1U << 4U;   // EAX of sub-leaf 1
  constexpr unsigned kAmxInt8Bit = 1U << 25U;  // EDX of sub-leaf 0
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  add(__get_cpuid_count(kFeatureLeaf, 1, &eax, &ebx, &ecx, &edx) != 0 && (eax & kAvxVnniBit) != 0, "avxvnni");
  add(__get_cpuid_count(kFeatureLeaf, 0, &eax, &ebx, &ecx, &edx) != 0 && (edx & kAmxInt8Bit) != 0, "amxint8");
  return features;
}
#elif defined(__aarch64__) && defined(__linux__)
// The whole capability words: there, too, the kernels are chosen by several of their bits.
std::string cpu_features() {
  return "aarch64-" + std::to_string(getauxval(AT_HWCAP)) + "-" + std::to_string(getauxval(AT_HWCAP2));
}
#else
std::string cpu_features() {
  return "other";
}
#endif

// Removes what the runtime wrote, on every way out.
class ScratchFiles {
 public:
  ScratchFiles(std::filesystem::path graph, std::filesystem::path initializers)
      : graph_(std::move(graph)), initializers_(std::move(initializers)) {}
  ScratchFiles(const ScratchFiles&) = delete;
  ScratchFiles& operator=(const ScratchFiles&) = delete;
  ~ScratchFiles() {
    std::error_code error;
    std::filesystem::remove(graph_, error);
    std::filesystem::remove(initializers_, error);
  }
  [[nodiscard]] const std::filesystem::path& graph() const { return graph_; }
  [[nodiscard]] const std::filesystem::path& initializers() const { return initializers_; }

 private:
  std::filesystem::path graph_;
  std::filesystem::path initializers_;
};

}  // namespace

std::string prepack_target() {
  return "onnxruntime-" + runtime_version() + "-" + cpu_features();
}

std::string prepacked_role(const std::string& target) {
  return "embedder@" + target;
}

std::string prepacked_weights_role(const std::string& target) {
  return "embedder-weights@" + target;
}

Result<PrepackedGraph> prepack(ByteView onnx, int embedding_size, const std::string& initializers_name,
                               const std::filesystem::path& scratch) {
  const ScratchFiles files(scratch / (initializers_name + ".graph"), scratch / initializers_name);
  PrepackedGraph prepacked;
  try {
    Ort::SessionOptions options = session_options(1);
    options.SetOptimizedModelFilePath(files.graph().c_str());
    options.AddConfigEntry(kOrtSessionOptionsOptimizedModelExternalInitializersFileName, initializers_name.c_str());
    options.AddConfigEntry(kOrtSessionOptionsOptimizedModelExternalInitializersMinSizeInBytes, kMinExternalBytes);
    options.AddConfigEntry(kOrtSessionOptionsSavePrePackedConstantInitializers, "1");
    Ort::Session session(runtime_environment(), onnx.data(), onnx.size(), options);
    FACEPIPE_TRY(check_interface(session, embedding_size));
    FACEPIPE_ASSIGN(const Embedding pattern, embed_pattern(session, embedding_size));
    const ByteView bytes = std::as_bytes(std::span(pattern));
    prepacked.pattern.assign(bytes.begin(), bytes.end());
  } catch (const Ort::Exception& exception) {
    return Error{ErrorCode::kInvalidData, std::string("the runtime cannot lay out the graph: ") + exception.what()};
  }
  FACEPIPE_ASSIGN(prepacked.graph, read_file(files.graph(), kMaxFileBytes));
  FACEPIPE_ASSIGN(prepacked.initializers, read_file(files.initializers(), kMaxFileBytes));
  return prepacked;
}

}  // namespace facepipe::embed
