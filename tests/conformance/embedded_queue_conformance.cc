// The conformance suite on the embedded store.
#include <cstdlib>
#include <filesystem>

#include "message_queue_suite.h"

namespace facepipe::conformance {
namespace {

class EmbeddedBackend final : public QueueBackend {
 public:
  EmbeddedBackend() {
    std::string pattern = (std::filesystem::temp_directory_path() / "facepipe-conformance-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    auto opened = queue::QueueStore::open(folder_ / "queues.db", {});
    EXPECT_TRUE(opened) << opened.error().message;
    store_ = *std::move(opened);
  }
  ~EmbeddedBackend() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }
  EmbeddedBackend(const EmbeddedBackend&) = delete;
  EmbeddedBackend& operator=(const EmbeddedBackend&) = delete;

  std::unique_ptr<MessageQueue> create(const std::string& name, const queue::QueueAttributes& attributes) override {
    const Status created = store_->create_queue(name, attributes);
    EXPECT_TRUE(created) << created.error().message;
    return store_->queue(name);
  }

 private:
  std::filesystem::path folder_;
  std::unique_ptr<queue::QueueStore> store_;
};

std::unique_ptr<QueueBackend> make_embedded() {
  return std::make_unique<EmbeddedBackend>();
}

INSTANTIATE_TEST_SUITE_P(Embedded, MessageQueueSuite, ::testing::Values(BackendMaker(make_embedded)));

}  // namespace
}  // namespace facepipe::conformance
