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

Result<PrepackedGraph> prepack(ByteView onnx, int embedding_size, const std::string& initializers_name,
                               const std::filesystem::path& scratch) {
  const ScratchFiles files(scratch / (initializers_name + ".graph"), scratch / initializers_name);
  embed::GraphOptions options;
  options.save_graph = files.graph();
  options.save_initializers = initializers_name;
  const auto session = embed::GraphSession::open(onnx, options);
  if (!session) {
    return session.error().with_context("the runtime cannot lay out the graph");
  }
  FACEPIPE_TRY(session->check_embedder(embedding_size));
  FACEPIPE_ASSIGN(const embed::Embedding pattern, embed::embed_pattern(*session, embedding_size));
  PrepackedGraph prepacked;
  prepacked.pattern = to_bytes(std::as_bytes(std::span(pattern)));
  FACEPIPE_ASSIGN(prepacked.graph, read_file(files.graph(), kMaxFileBytes));
  FACEPIPE_ASSIGN(prepacked.initializers, read_file(files.initializers(), kMaxFileBytes));
  return prepacked;
}

}  // namespace facepipe::packs
