// The conformance suite on the embedded store.
#include "base/temporary_folder.h"
#include "message_queue_suite.h"

namespace facepipe::conformance {
namespace {

class EmbeddedBackend final : public QueueBackend {
 public:
  EmbeddedBackend() {
    auto opened = queue::QueueStore::open(folder_ / "queues.db", {});
    EXPECT_TRUE(opened) << opened.error().message;
    store_ = *std::move(opened);
  }

  std::unique_ptr<MessageQueue> create(const std::string& name, const queue::QueueAttributes& attributes) override {
    const Status created = store_->create_queue(name, attributes);
    EXPECT_TRUE(created) << created.error().message;
    return store_->queue(name);
  }

 private:
  const TemporaryFolder folder_;
  std::unique_ptr<queue::QueueStore> store_;
};

std::unique_ptr<QueueBackend> make_embedded() {
  return std::make_unique<EmbeddedBackend>();
}

INSTANTIATE_TEST_SUITE_P(Embedded, MessageQueueSuite, ::testing::Values(BackendMaker(make_embedded)));

}  // namespace
}  // namespace facepipe::conformance
