// ONNX Runtime saves what its optimiser and its kernels' packing made of a graph. Tested by embed_golden_test.cc.
#include "packs/prepack.h"

#include <span>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "embed/prepacked.h"

namespace facepipe::packs {
namespace {

// A prepacked graph is about as large as the portable one; nothing near this is an Inception-ResNet v1.
constexpr std::size_t kMaxFileBytes = std::size_t{1} << 30U;

// A file that the runtime writes, removed on every way out.
struct ScratchFile {
  std::filesystem::path path;
  explicit ScratchFile(std::filesystem::path file) : path(std::move(file)) {}
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  ~ScratchFile() {
    std::error_code error;
    std::filesystem::remove(path, error);
  }
};

}  // namespace

Result<PrepackedGraph> prepack(ByteView onnx, int embedding_size, const std::string& initializers_name,
                               const std::filesystem::path& scratch) {
  const ScratchFile graph(scratch / (initializers_name + ".graph"));
  const ScratchFile initializers(scratch / initializers_name);
  embed::GraphOptions options;
  options.save_graph = graph.path;
  options.save_initializers = initializers_name;
  const auto session = embed::GraphSession::open(onnx, options);
  if (!session) {
    return session.error().with_context("the runtime cannot lay out the graph");
  }
  FACEPIPE_TRY(session->check_embedder(embedding_size));
  FACEPIPE_ASSIGN(const embed::Embedding pattern, embed::embed_pattern(*session, embedding_size));
  PrepackedGraph prepacked;
  prepacked.pattern = to_bytes(std::as_bytes(std::span(pattern)));
  FACEPIPE_ASSIGN(prepacked.graph, read_file(graph.path, kMaxFileBytes));
  FACEPIPE_ASSIGN(prepacked.initializers, read_file(initializers.path, kMaxFileBytes));
  return prepacked;
}

}  // namespace facepipe::packs
