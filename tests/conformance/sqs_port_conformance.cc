// The conformance suite over the wire: aws::SqsQueue against the SQS port of `facepipe serve`, in this process.
#include "base/log.h"
#include "base/temporary_folder.h"
#include "http/server/server.h"
#include "serve/sqs/sqs_api.h"
#include "wire_backend.h"

namespace facepipe::conformance {
namespace {

// The port with what is behind it; the wire before it.
class PortBackend final : public QueueBackend {
 public:
  PortBackend() : logger_(LogLevel::kWarning, stderr_sink()) {
    auto opened = queue::QueueStore::open(folder_ / "queues.db", {});
    EXPECT_TRUE(opened) << opened.error().message;
    store_ = *std::move(opened);
    api_ = std::make_unique<serve::SqsApi>(*store_, serve::SqsApi::Options{});
    auto started = http::Server::start(
        {},
        [this](http::Request request, http::Responder responder) {
          api_->handle(std::move(request), std::move(responder));
        },
        logger_);
    EXPECT_TRUE(started) << started.error().message;
    server_ = *std::move(started);
    wire_ = std::make_unique<WireBackend>("http://127.0.0.1:" + std::to_string(server_->port()), Environment{},
                                          std::set<Difference>{});
  }
  ~PortBackend() override {
    wire_.reset();
    server_->stop(std::chrono::milliseconds(0));
    api_.reset();
    server_.reset();
    store_.reset();
  }
  PortBackend(const PortBackend&) = delete;
  PortBackend& operator=(const PortBackend&) = delete;

  std::unique_ptr<MessageQueue> create(const std::string& name, const queue::QueueAttributes& attributes) override {
    return wire_->create(name, attributes);
  }

 private:
  Logger logger_;
  const TemporaryFolder folder_;
  std::unique_ptr<queue::QueueStore> store_;
  std::unique_ptr<serve::SqsApi> api_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<WireBackend> wire_;
};

std::unique_ptr<QueueBackend> make_port() {
  return std::make_unique<PortBackend>();
}

INSTANTIATE_TEST_SUITE_P(SqsPort, MessageQueueSuite, ::testing::Values(BackendMaker(make_port)));

}  // namespace
}  // namespace facepipe::conformance
