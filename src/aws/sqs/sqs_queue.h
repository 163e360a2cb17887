// A remote SQS queue (Amazon's, `facepipe serve`'s, ElasticMQ's, moto's) as a MessageQueue.
#pragma once

#include <functional>
#include <memory>

#include "aws/signing/credentials.h"
#include "aws/signing/sigv4.h"
#include "base/result.h"
#include "base/retry.h"
#include "http/client.h"
#include "http/message.h"
#include "queue/message_queue.h"

namespace facepipe::aws {

struct SqsQueueOptions {
  std::string endpoint;  // "http://127.0.0.1:9324": where to send instead of the queue URL's own origin; empty: there
  Signer* signer = nullptr;  // null: unsigned. Outlives the queue
  RetryPolicy retry;
  RetryEnvironment environment = real_retry_environment();
  http::ClientOptions client;  // request_timeout holds for each try; a receive's is above what its long poll waits
  // Sends one request; replaces the network in tests. Thread-safe.
  std::function<Result<http::Response>(const http::Request&)> transport;
};

// What SQS refuses is an error of its kind (queue/queue_error.h). A request that cannot be signed, since the
// credentials are wanting or broken, is kPermission, or kUnavailable and kTimeout of a source that may be back at once.
class SqsQueue final : public queue::MessageQueue {
 public:
  // kInvalidArgument for a queue URL or an endpoint that is no URL. Connects with the first call.
  [[nodiscard]] static Result<std::unique_ptr<SqsQueue>> create(const std::string& queue_url,
                                                                SqsQueueOptions options = {});
  ~SqsQueue() override;

  // Opens the connection that the first call takes, name, TCP and TLS: a program that starts does it beside other work.
  // What goes wrong is left to that call.
  void connect_ahead();

  // Throttling, 5xx and connection errors are tried again with jittered back-off; entries of a batch that failed so are
  // tried again alone. A try whose answer was lost may have stored the message already: delivery is at least once.
  [[nodiscard]] Result<queue::SentMessage> send(const queue::OutgoingMessage& message) override;
  [[nodiscard]] Result<std::vector<Result<queue::SentMessage>>> send_batch(
      std::span<const queue::OutgoingMessage> messages) override;
  [[nodiscard]] Result<std::vector<queue::ReceivedMessage>> receive(const queue::ReceiveOptions& options) override;
  [[nodiscard]] Status remove(const std::string& receipt_handle) override;
  [[nodiscard]] Result<std::vector<Status>> remove_batch(std::span<const std::string> receipt_handles) override;
  [[nodiscard]] Status change_visibility(const std::string& receipt_handle, std::chrono::seconds timeout) override;

  // Any action of the API: the body of a 200 response, after as many tries as the policy allows. `at_least`: the time
  // of each try where request_timeout is shorter (http::Client::send).
  [[nodiscard]] Result<std::string> call(std::string_view action, const std::string& body,
                                         std::chrono::milliseconds at_least = {});

 private:
  Result<std::vector<Result<queue::SentMessage>>> send_entries(std::span<const queue::OutgoingMessage> batch);
  struct State;
  explicit SqsQueue(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// --- A queue together with what signs for it.
// A queue with what it looks at, destroyed in the order queue, signer, credentials. Keep the whole as long as the queue
// is used.
struct OpenedQueue {
  std::unique_ptr<CredentialsProvider> credentials;  // null: unsigned, or somebody else owns them
  std::unique_ptr<Signer> signer;                    // null: requests go unsigned
  std::unique_ptr<SqsQueue> queue;                   // thread-safe
};

// The region in a queue URL of Amazon's (https://sqs.REGION.amazonaws.com/..., also sqs-fips, VPC endpoints, api.aws,
// and the old queue.amazonaws.com), empty for any other. A URL that is none: empty.
[[nodiscard]] std::string region_of_queue_url(std::string_view queue_url);

}  // namespace facepipe::aws
