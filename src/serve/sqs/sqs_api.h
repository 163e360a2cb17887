// Amazon SQS's wire API over the embedded queues: JSON 1.0 and query protocol. docs/formats/sqs-api.md
#pragma once

#include <functional>
#include <memory>

#include "aws/signing/verify.h"
#include "http/message.h"
#include "http/server/responder.h"
#include "queue/store/queue_store.h"
#include "serve/sqs/protocol.h"

namespace facepipe::serve {

// What the SQS port reads of one request: the limits of SQS with their worst escapes.
inline constexpr std::size_t kMaxSqsBody = sqs::kMaxJsonBytes;

// Thread-safe. Without a `check` signatures are not looked at: whoever reaches the port may use every queue.
class SqsApi {
 public:
  struct Options {
    std::string base_url;  // of queue URLs, "http://HOST:PORT"; empty: http:// (with `tls` https://) and the request's
                           // Host header
    bool tls = false;
    // Whether a request is signed by somebody who may. Thread-safe; may be empty. `check` sees whole requests, on the
    // threads below; `check_head` those whose body has not come, on the thread that calls admit().
    using Check = std::function<std::optional<aws::SignatureProblem>(const http::Request&)>;
    Check check = nullptr;
    Check check_head = nullptr;
    // Told of each request that `check` refused, with the error's code; for a log. Thread-safe. May be empty.
    std::function<void(const http::Request&, int status, std::string_view code, std::string_view request_id)>
        on_denied = nullptr;
    std::string account_id = "000000000000";
    std::string region = "us-east-1";  // of ARNs
    int threads = 4;                   // that call the store: its callers share flushes to disk
    std::size_t max_waiting = 1'024;   // requests that wait for a thread; past it: 503. Long polls do not count
  };
  // The store outlives it.
  SqsApi(queue::QueueStore& store, Options options);
  SqsApi(const SqsApi&) = delete;
  SqsApi& operator=(const SqsApi&) = delete;
  // Answers long polls with no messages and finishes the requests under way.
  ~SqsApi();

  // A guard of its route: the answer of a request that `check_head` refuses. Never blocks.
  [[nodiscard]] std::optional<http::Response> admit(const http::Request& head);
  // Never blocks: the answer comes from another thread. Every request is answered once.
  void handle(http::Request request, http::Responder responder);
  // Answers those that wait with no messages, and from then on every long poll at once: a stop need not wait for them.
  void end_long_polls();

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace facepipe::serve
