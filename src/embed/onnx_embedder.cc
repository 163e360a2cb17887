// Runs a pack's graph on ONNX Runtime's CPU provider. Its settings were chosen by measurement
// (docs/decisions/0003-onnx-runtime.md). Tested by onnx_embedder_test.cc and embed_golden_test.cc.
#include "embed/onnx_embedder.h"

#include <malloc.h>

#include <algorithm>
#include <cstring>
#include <future>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "base/file.h"
#include "embed/network_input.h"
#include "embed/normalise.h"
#include "embed/prepacked.h"

namespace facepipe::embed {
namespace {

// Crops of one run. A larger batch is no faster on a CPU, and the activations' memory grows with it.
constexpr std::size_t kMaxBatch = 4;

// Another order of float32 sums moves a value of an embedding (norm 1) by 1e-6, another CPU's layout by 0.1.
constexpr double kPrepackedTolerance = 1e-3;

// Loading leaves the parsed file and the weights' first layout in freed heap pages, more than the weights themselves.
// Handing them back takes about 15 ms.
void return_freed_memory() {
#ifdef __GLIBC__
  static_cast<void>(::malloc_trim(0));
#endif
}

// What the portable graph makes of the pattern, as the pack's builder wrote it.
Result<Embedding> expected_pattern(const model::ModelPack& pack) {
  const auto values = static_cast<std::size_t>(pack.manifest().embedding_size);
  FACEPIPE_ASSIGN(const Bytes bytes, read_file(pack.file(kPatternRole), values * sizeof(float)));
  if (bytes.size() != values * sizeof(float)) {
    return Error{ErrorCode::kMismatch, pack.file(kPatternRole).string() + ": expected " + std::to_string(values) +
                                           " float32 values, found " + std::to_string(bytes.size()) + " bytes"};
  }
  Embedding expected(values);
  std::memcpy(expected.data(), bytes.data(), bytes.size());
  return expected;
}

// A session on a graph that was laid out for this machine; nullopt where the runtime refuses it or it does not give the
// portable graph's answer.
std::optional<GraphSession> try_prepacked(const model::ModelPack& pack, const std::string& role, int threads,
                                          const Embedding& expected) {
  const int size = pack.manifest().embedding_size;
  auto session = GraphSession::open(pack.file(role), {.threads = threads, .optimise = false});
  if (!session || !session->check_embedder(size)) {
    return std::nullopt;
  }
  const auto found = embed_pattern(*session, size);
  if (!found || !are_near(*found, expected, kPrepackedTolerance)) {
    return std::nullopt;
  }
  return *std::move(session);
}

// A session on the layout made for this machine; nullopt where the pack has none that works: the portable graph is then
// used, so nothing is lost but time. kMismatch for a damaged file.
Result<std::optional<GraphSession>> open_prepacked(const model::ModelPack& pack, int threads) {
  const std::string target = prepack_target();
  const std::string role = prepacked_role(target);
  const std::string weights_role = prepacked_weights_role(target);
  const auto& files = pack.manifest().files;
  if (!files.contains(role) || !files.contains(weights_role) || !files.contains(std::string(kPatternRole))) {
    return std::optional<GraphSession>();
  }
  FACEPIPE_TRY(pack.check(role));
  FACEPIPE_TRY(pack.check(kPatternRole));
  const auto expected = expected_pattern(pack);
  if (!expected) {
    return std::optional<GraphSession>();
  }
  // The weights are checked while the runtime maps them: a quarter of a cold start if one came after the other.
  auto checked = std::async([&] { return pack.check(weights_role); });
  std::optional<GraphSession> session = try_prepacked(pack, role, threads, *expected);
  FACEPIPE_TRY(checked.get());
  return session;
}

Result<GraphSession> open_portable(const model::ModelPack& pack, int threads) {
  FACEPIPE_TRY(pack.check("embedder"));
  const std::filesystem::path path = pack.file("embedder");
  auto session = GraphSession::open(path, {.threads = threads});
  if (!session) {
    return session.error().with_context(path.string());
  }
  if (const Status status = session->check_embedder(pack.manifest().embedding_size); !status) {
    return status.error().with_context(path.string());
  }
  return_freed_memory();
  return session;
}

}  // namespace

OnnxEmbedder::OnnxEmbedder(GraphSession session, const model::Manifest& manifest, bool prepacked)
    : session_(std::move(session)),
      embedding_size_(manifest.embedding_size),
      min_input_px_(session_.fixed_side().value_or(manifest.min_input_px)),
      max_input_px_(session_.fixed_side().value_or(model::kMaxInputPx)),
      prepacked_(prepacked) {}

Result<OnnxEmbedder> OnnxEmbedder::load(const model::ModelPack& pack, const EmbedderOptions& options) {
  FACEPIPE_TRY(check_threads(options));
  if (!options.portable) {
    FACEPIPE_ASSIGN(std::optional<GraphSession> session, open_prepacked(pack, options.threads));
    if (session) {
      return OnnxEmbedder(*std::move(session), pack.manifest(), true);
    }
  }
  FACEPIPE_ASSIGN(GraphSession session, open_portable(pack, options.threads));
  return OnnxEmbedder(std::move(session), pack.manifest(), false);
}

Result<std::vector<MeasuredEmbedding>> OnnxEmbedder::measure(std::span<const image::RgbView> crops,
                                                             const model::Preprocessing& preprocessing) const {
  FACEPIPE_TRY(check_input(crops, preprocessing, min_input_px_, max_input_px_));
  const auto side = static_cast<std::size_t>(preprocessing.input_px);
  const std::size_t values_per_crop = 3 * side * side;
  std::vector<float> input(values_per_crop * std::min(kMaxBatch, crops.size()));
  std::vector<MeasuredEmbedding> embeddings;
  embeddings.reserve(crops.size());
  while (embeddings.size() < crops.size()) {
    const auto batch = crops.subspan(embeddings.size(), std::min(kMaxBatch, crops.size() - embeddings.size()));
    for (std::size_t i = 0; i < batch.size(); ++i) {
      normalise(batch[i], preprocessing, std::span(input).subspan(i * values_per_crop, values_per_crop));
    }
    auto made = embed_values(session_, std::span(input).first(batch.size() * values_per_crop), preprocessing.input_px,
                             embedding_size_);
    if (!made) {
      return made.error().with_context("the embedder failed to run");
    }
    std::ranges::move(*made, std::back_inserter(embeddings));
  }
  return embeddings;
}

}  // namespace facepipe::embed
