// Tested by src/packs/embed_golden_test.cc.
#include "embed/prepacked.h"

#include <utility>

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

namespace facepipe::embed {
namespace {

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

Result<std::vector<MeasuredEmbedding>> embed_values(const GraphSession& graph, std::span<const float> crops,
                                                    std::int64_t side, int embedding_size) {
  const std::int64_t count = static_cast<std::int64_t>(crops.size()) / (3 * side * side);
  std::vector<std::string> names{kNetworkOutput};
  if (graph.tells_norms()) {
    names.emplace_back(kNetworkNorms);
  }
  FACEPIPE_ASSIGN(const std::vector<GraphTensor> outputs, graph.run(crops, side, names));
  if (outputs.front().shape != std::vector<std::int64_t>{count, embedding_size} ||
      (outputs.size() > 1 && outputs[1].shape != std::vector<std::int64_t>{count, 1})) {
    return Error{ErrorCode::kInvalidData, "the graph's output has another shape than it declares"};
  }
  std::vector<MeasuredEmbedding> embeddings;
  const float* values = outputs.front().values.data();
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i, values += embedding_size) {
    embeddings.push_back(
        {{values, values + embedding_size}, outputs.size() > 1 ? std::optional(outputs[1].values[i]) : std::nullopt});
  }
  return embeddings;
}

std::vector<float> test_pattern(int side, std::size_t step) {
  constexpr std::size_t kLevels = 255;
  std::vector<float> input(3 * static_cast<std::size_t>(side) * static_cast<std::size_t>(side));
  for (std::size_t i = 0; i < input.size(); ++i) {
    input[i] = (static_cast<float>(i * step % kLevels) - 127.5F) / 128.0F;
  }
  return input;
}

Result<Embedding> embed_pattern(const GraphSession& graph, int embedding_size) {
  constexpr int kFreeSide = 80;
  const int side = graph.fixed_side().value_or(kFreeSide);
  FACEPIPE_ASSIGN(std::vector<MeasuredEmbedding> embeddings,
                  embed_values(graph, test_pattern(side), side, embedding_size));
  return std::move(embeddings.front().embedding);
}

}  // namespace facepipe::embed
