// Amazon SQS's wire API over the embedded queues: JSON 1.0 and query protocol. docs/formats/sqs-api.md
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "http/message.h"
#include "http/server.h"
#include "queue/queue_store.h"

namespace facepipe::server {

// Thread-safe. Signatures are not checked: whoever reaches the port may use every queue.
class SqsApi {
 public:
  struct Options {
    std::string base_url;  // of queue URLs, "http://HOST:PORT"; empty: http:// and the request's Host header
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

  // Never blocks: the answer comes from another thread. Every request is answered once.
  void handle(http::Request request, http::Responder responder);

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace facepipe::server
