// Tested by sqs_queue_test.cc and, against real servers, by tests/conformance.
#include "aws/sqs/sqs_queue.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "aws/sqs/sqs_protocol.h"
#include "base/hash.h"

namespace facepipe::aws {
namespace {

using queue::OutgoingMessage;
using queue::ReceivedMessage;
using queue::SentMessage;

// SQS holds a long poll for at most 20 s; its answer must find the client still listening.
constexpr std::chrono::milliseconds kLongestPoll{20'000};
constexpr std::chrono::milliseconds kAnswerAllowance{10'000};

Error not_stored_whole(std::string_view what) {
  return Error{ErrorCode::kUnavailable, "SQS: the MD5 of the " + std::string(what) + " differs from what was sent"};
}

Status check_batch_size(std::size_t count) {
  if (count < 1 || count > queue::kMaxBatch) {
    return Error{ErrorCode::kInvalidArgument, "expected a batch of 1 to " + std::to_string(queue::kMaxBatch) +
                                                  " entries, got " + std::to_string(count)};
  }
  return {};
}

}  // namespace

struct SqsQueue::State {
  std::string queue_url;
  http::Url origin;    // where requests go
  std::string target;  // "/"
  SqsQueueOptions options;
  std::mutex mutex;
  std::vector<std::unique_ptr<http::Client>> idle;  // clients that no call uses now

  Result<http::Response> send_once(http::Request request) {
    if (options.signer != nullptr) {
      FACEPIPE_TRY(options.signer->sign(request, origin));
    }
    if (options.transport) {
      return options.transport(request);
    }
    std::unique_ptr<http::Client> client;
    {
      const std::lock_guard lock(mutex);
      if (!idle.empty()) {
        client = std::move(idle.back());
        idle.pop_back();
      }
    }
    if (!client) {
      client = std::make_unique<http::Client>(origin, options.client);
    }
    auto response = client->send(request);
    const std::lock_guard lock(mutex);
    idle.push_back(std::move(client));
    return response;
  }
};

SqsQueue::SqsQueue(std::unique_ptr<State> state) : state_(std::move(state)) {}
SqsQueue::~SqsQueue() = default;

Result<std::unique_ptr<SqsQueue>> SqsQueue::create(const std::string& queue_url, SqsQueueOptions options) {
  auto state = std::make_unique<State>();
  FACEPIPE_ASSIGN(const http::Url url, http::parse_url(queue_url));
  state->origin = url;
  state->target = "/";
  if (!options.endpoint.empty()) {
    FACEPIPE_ASSIGN(state->origin, http::parse_url(options.endpoint));
    state->target = state->origin.target;
  }
  options.client.request_timeout = std::max(options.client.request_timeout, kLongestPoll + kAnswerAllowance);
  state->queue_url = queue_url;
  state->options = std::move(options);
  return std::unique_ptr<SqsQueue>(new SqsQueue(std::move(state)));
}

Result<std::string> SqsQueue::call(std::string_view action, const std::string& body) {
  const RetryPolicy& policy = state_->options.retry;
  for (int attempt = 1;; ++attempt) {
    http::Request request;
    request.method = "POST";
    request.target = state_->target;
    request.headers = {{"content-type", "application/x-amz-json-1.0"},
                       {"x-amz-target", "AmazonSQS." + std::string(action)}};
    request.body = body;
    auto response = state_->send_once(std::move(request));
    if (response && response->status == 200) {
      return std::move(response->body);
    }
    const Error error = response ? error_of(*response, action) : response.error().with_context(action);
    if (!is_retriable(error) || attempt >= policy.max_attempts) {
      return error;
    }
    const auto delay = retry_delay(policy, attempt, state_->options.environment.uniform());
    const auto& deadline = state_->options.client.deadline;
    if (deadline && std::chrono::steady_clock::now() + delay >= *deadline) {
      return error;
    }
    state_->options.environment.sleep(delay);
  }
}

Result<SentMessage> SqsQueue::send(const OutgoingMessage& message) {
  FACEPIPE_ASSIGN(const std::string answer, call("SendMessage", send_body(state_->queue_url, message)));
  FACEPIPE_ASSIGN(SentMessage sent, parse_sent(answer));
  if (sent.body_md5 != md5_hex(as_bytes(message.body))) {
    return not_stored_whole("message body");
  }
  return sent;
}

Result<std::vector<Result<SentMessage>>> SqsQueue::send_batch(std::span<const OutgoingMessage> messages) {
  FACEPIPE_TRY(check_batch_size(messages.size()));
  std::vector<std::optional<Result<SentMessage>>> results(messages.size());
  std::vector<std::size_t> open(messages.size());  // what is still to be sent
  for (std::size_t i = 0; i < open.size(); ++i) {
    open[i] = i;
  }
  const RetryPolicy& policy = state_->options.retry;
  for (int attempt = 1; !open.empty(); ++attempt) {
    std::vector<OutgoingMessage> batch;
    batch.reserve(open.size());
    for (const std::size_t i : open) {
      batch.push_back(messages[i]);
    }
    FACEPIPE_ASSIGN(const std::string answer, call("SendMessageBatch", send_batch_body(state_->queue_url, batch)));
    FACEPIPE_ASSIGN(std::vector<BatchEntry> entries, parse_batch(answer, batch.size()));
    std::vector<std::size_t> again;
    for (BatchEntry& entry : entries) {
      const std::size_t i = open[entry.index];
      if (!entry.error && !entry.sent) {
        entry.error = Error{ErrorCode::kInvalidData, "SQS response: a sent entry without its message id"};
      }
      if (entry.sent && entry.sent->body_md5 != md5_hex(as_bytes(messages[i].body))) {
        entry.error = not_stored_whole("message body");
      }
      if (!entry.error) {
        results[i] = *std::move(entry.sent);
      } else if (is_retriable(*entry.error) && attempt < policy.max_attempts) {
        again.push_back(i);
      } else {
        results[i] = *std::move(entry.error);
      }
    }
    open = std::move(again);
    if (!open.empty()) {
      state_->options.environment.sleep(retry_delay(policy, attempt, state_->options.environment.uniform()));
    }
  }
  std::vector<Result<SentMessage>> finished;
  finished.reserve(results.size());
  for (auto& result : results) {
    finished.push_back(*std::move(result));
  }
  return finished;
}

Result<std::vector<ReceivedMessage>> SqsQueue::receive(const queue::ReceiveOptions& options) {
  FACEPIPE_ASSIGN(const std::string answer, call("ReceiveMessage", receive_body(state_->queue_url, options)));
  return parse_received(answer);
}

Status SqsQueue::remove(const std::string& receipt_handle) {
  FACEPIPE_TRY(call("DeleteMessage", delete_body(state_->queue_url, receipt_handle)));
  return {};
}

Result<std::vector<Status>> SqsQueue::remove_batch(std::span<const std::string> receipt_handles) {
  FACEPIPE_TRY(check_batch_size(receipt_handles.size()));
  FACEPIPE_ASSIGN(const std::string answer,
                  call("DeleteMessageBatch", delete_batch_body(state_->queue_url, receipt_handles)));
  FACEPIPE_ASSIGN(const std::vector<BatchEntry> entries, parse_batch(answer, receipt_handles.size()));
  std::vector<Status> results(receipt_handles.size());
  for (const BatchEntry& entry : entries) {
    if (entry.error) {
      results[entry.index] = *entry.error;
    }
  }
  return results;
}

Status SqsQueue::change_visibility(const std::string& receipt_handle, std::chrono::seconds timeout) {
  FACEPIPE_TRY(call("ChangeMessageVisibility", change_visibility_body(state_->queue_url, receipt_handle, timeout)));
  return {};
}

}  // namespace facepipe::aws
