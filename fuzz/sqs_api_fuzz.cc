// Whole requests to the SQS API: the first byte chooses the protocol, the rest is target, header and body.
#include <cstdint>
#include <cstdlib>
#include <future>
#include <memory>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/temporary_folder.h"
#include "queue/store/queue_store.h"
#include "serve/sqs/sqs_api.h"

namespace facepipe {
namespace {

// One store for the whole run, with a standard and a FIFO queue for requests to find.
class Target {
 public:
  Target() {
    // Makes OpenSSL register its clean-up before this object's destructor is, so that it runs after our threads have
    // ended.
    static_cast<void>(md5_hex({}));
    queue::QueueStore::Options options;
    options.max_file_bytes = std::int64_t{64} << 20U;
    auto opened = queue::QueueStore::open(folder_ / "queues.db", options);
    if (!opened) {
      std::abort();
    }
    store_ = *std::move(opened);
    queue::QueueAttributes fifo;
    fifo.fifo = true;
    fifo.content_based_deduplication = true;
    if (!store_->create_queue("q", {}) || !store_->create_queue("q.fifo", fifo)) {
      std::abort();
    }
    api_ = std::make_unique<serve::SqsApi>(*store_, serve::SqsApi::Options{.base_url = {}, .threads = 1});
  }

  void run(http::Request request) {
    auto promise = std::make_shared<std::promise<int>>();
    auto answer = promise->get_future();
    api_->handle(std::move(request),
                 http::Responder([promise](const http::Response& response) { promise->set_value(response.status); }));
    const int status = answer.get();  // a long poll of up to 20 s is an answer too
    if (status == 500) {
      std::abort();  // no request may make the server fail
    }
  }

 private:
  const TemporaryFolder folder_;
  std::unique_ptr<queue::QueueStore> store_;
  std::unique_ptr<serve::SqsApi> api_;
};

std::string take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string line(text.substr(0, end));
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return line;
}

}  // namespace
}  // namespace facepipe

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static facepipe::Target target;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  // Long polls would be most of the time.
  if (text.empty() || text.find("Wait") != std::string_view::npos) {
    return 0;
  }
  const bool json = (static_cast<unsigned char>(text.front()) & 1U) != 0;
  text.remove_prefix(1);
  facepipe::http::Request request;
  request.method = "POST";
  request.target = "/" + facepipe::take_line(text);
  request.headers.emplace_back("host", "localhost");
  if (json) {
    request.headers.emplace_back("x-amz-target", "AmazonSQS." + facepipe::take_line(text));
  }
  request.body = std::string(text);
  target.run(std::move(request));
  return 0;
}
