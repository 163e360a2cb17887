// Tested by sqs_queue_test.cc and, against real servers, by tests/conformance.
#include "aws/sqs/sqs_queue.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <numeric>

#include "aws/sqs/sqs_protocol.h"
#include "base/hash.h"
#include "base/text.h"

namespace facepipe::aws {
namespace {

using queue::OutgoingMessage;
using queue::ReceivedMessage;
using queue::SentMessage;

// The answer of a long poll must find the client still listening.
constexpr std::chrono::milliseconds kAnswerAllowance{10'000};

Error not_stored_whole(std::string_view what) {
  return Error{ErrorCode::kUnavailable, "SQS: the MD5 of the " + std::string(what) + " differs from what was sent"};
}

// Of credentials that are wanting or broken: it may pass, and it says nothing of the message, the receipt or the queue.
Error not_signed(Error error) {
  if (!is_retriable(error)) {
    error.code = ErrorCode::kPermission;
  }
  return error;
}

Status check_batch_size(std::size_t count) {
  if (count < 1 || count > queue::kMaxBatch) {
    return Error{ErrorCode::kInvalidArgument, "expected a batch of 1 to " + std::to_string(queue::kMaxBatch) +
                                                  " entries, got " + std::to_string(count)};
  }
  return {};
}

bool looks_like_region(std::string_view label) {
  return label.find('-') != std::string_view::npos && label.find_first_of("0123456789") != std::string_view::npos;
}

}  // namespace

struct SqsQueue::State {
  std::string queue_url;
  http::Url origin;    // where requests go
  std::string target;  // "/"
  SqsQueueOptions options;
  std::mutex mutex;
  std::vector<std::unique_ptr<http::Client>> idle;  // clients that no call uses now

  Result<http::Response> send_once(http::Request request, std::chrono::milliseconds at_least) {
    if (options.signer != nullptr) {
      if (const Status signature = options.signer->sign(request, origin); !signature) {
        return not_signed(signature.error());
      }
    }
    if (options.transport) {
      return options.transport(request);
    }
    std::unique_ptr<http::Client> client = take_client();
    auto response = client->send(request, at_least);
    give_back(std::move(client));
    return response;
  }

  // An idle one, else a new one.
  std::unique_ptr<http::Client> take_client() {
    const std::lock_guard lock(mutex);
    if (idle.empty()) {
      return std::make_unique<http::Client>(origin, options.client);
    }
    std::unique_ptr<http::Client> client = std::move(idle.back());
    idle.pop_back();
    return client;
  }

  void give_back(std::unique_ptr<http::Client> client) {
    const std::lock_guard lock(mutex);
    idle.push_back(std::move(client));
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
  state->queue_url = queue_url;
  state->options = std::move(options);
  return std::unique_ptr<SqsQueue>(new SqsQueue(std::move(state)));
}

void SqsQueue::connect_ahead() {
  if (!state_->options.transport) {
    std::unique_ptr<http::Client> client = state_->take_client();
    static_cast<void>(client->connect());
    state_->give_back(std::move(client));
  }
}

Result<std::string> SqsQueue::call(std::string_view action, const std::string& body,
                                   std::chrono::milliseconds at_least) {
  RetryPolicy policy = state_->options.retry;
  policy.deadline = state_->options.client.deadline;
  return retry(policy, state_->options.environment, [&]() -> Result<std::string> {
    http::Request request;
    request.method = "POST";
    request.target = state_->target;
    request.headers = {{"content-type", "application/x-amz-json-1.0"},
                       {"x-amz-target", "AmazonSQS." + std::string(action)}};
    request.body = body;
    FACEPIPE_ASSIGN(auto response, state_->send_once(std::move(request), at_least).with_context(action));
    return response.status == 200 ? Result<std::string>(std::move(response.body)) : error_of(response, action);
  });
}

Result<SentMessage> SqsQueue::send(const OutgoingMessage& message) {
  FACEPIPE_ASSIGN(const std::string answer, call("SendMessage", send_body(state_->queue_url, message)));
  FACEPIPE_ASSIGN(SentReply reply, parse_sent(answer));
  if (reply.body_md5 != md5_hex(as_bytes(message.body))) {
    return not_stored_whole("message body");
  }
  return std::move(reply.sent);
}

Result<std::vector<Result<SentMessage>>> SqsQueue::send_batch(std::span<const OutgoingMessage> messages) {
  FACEPIPE_TRY(check_batch_size(messages.size()));
  std::vector<Result<SentMessage>> results(messages.size(), Error{});
  std::vector<std::size_t> open(messages.size());  // what is still to be sent
  std::iota(open.begin(), open.end(), std::size_t{0});
  std::optional<Error> failed;  // of a whole call, which tries again by itself; of what was open then
  const auto send_open = [&]() -> Status {
    std::vector<OutgoingMessage> batch;
    batch.reserve(open.size());
    for (const std::size_t i : open) {
      batch.push_back(messages[i]);
    }
    auto entries = send_entries(batch);
    if (!entries) {
      failed = std::move(entries).error();
      return {};
    }
    std::vector<std::size_t> again;
    for (std::size_t i = 0; i < open.size(); ++i) {
      Result<SentMessage>& entry = (*entries)[i];
      if (!entry && is_retriable(entry.error())) {
        again.push_back(open[i]);
      }
      results[open[i]] = std::move(entry);
    }
    open = std::move(again);
    return open.empty() ? Status() : results[open.front()].error();
  };
  const Status ended = retry(state_->options.retry, state_->options.environment, send_open);
  static_cast<void>(ended);  // what is open keeps its own error
  if (failed && open.size() == messages.size()) {
    return *std::move(failed);
  }
  if (failed) {  // the others are stored, or refused for good, since an earlier call
    for (const std::size_t i : open) {
      results[i] = *failed;
    }
  }
  return results;
}

// Of each of `batch`, in their order.
Result<std::vector<Result<SentMessage>>> SqsQueue::send_entries(std::span<const OutgoingMessage> batch) {
  FACEPIPE_ASSIGN(const std::string answer, call("SendMessageBatch", send_batch_body(state_->queue_url, batch)));
  FACEPIPE_ASSIGN(std::vector<BatchEntry> entries, parse_batch(answer, batch.size()));
  std::vector<Result<SentMessage>> results(batch.size(), Error{});
  for (BatchEntry& entry : entries) {
    Result<SentMessage>& result = results[entry.index];
    if (entry.error) {
      result = *std::move(entry.error);
    } else if (!entry.sent) {
      result = Error{ErrorCode::kInvalidData, "SQS response: a sent entry without its message id"};
    } else if (entry.sent->body_md5 != md5_hex(as_bytes(batch[entry.index].body))) {
      result = not_stored_whole("message body");
    } else {
      result = std::move(entry.sent->sent);
    }
  }
  return results;
}

Result<std::vector<ReceivedMessage>> SqsQueue::receive(const queue::ReceiveOptions& options) {
  FACEPIPE_ASSIGN(const std::string answer,
                  call("ReceiveMessage", receive_body(state_->queue_url, options), options.wait + kAnswerAllowance));
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

std::string region_of_queue_url(std::string_view queue_url) {
  const auto url = http::parse_url(queue_url);
  if (!url) {
    return {};
  }
  const std::string_view host = url->host;
  constexpr std::array<std::string_view, 4> kDomains = {".amazonaws.com", ".amazonaws.com.cn", ".api.aws",
                                                        ".api.amazonwebservices.com.cn"};
  if (std::none_of(kDomains.begin(), kDomains.end(), [&](std::string_view domain) { return host.ends_with(domain); })) {
    return {};
  }
  if (host == "queue.amazonaws.com") {
    return "us-east-1";
  }
  const std::vector<std::string_view> labels = split(host, '.');
  for (std::size_t i = 0; i + 1 < labels.size(); ++i) {
    if ((labels[i] == "sqs" || labels[i] == "sqs-fips") && looks_like_region(labels[i + 1])) {
      return std::string(labels[i + 1]);
    }
    if (labels[i + 1] == "queue" && looks_like_region(labels[i])) {
      return std::string(labels[i]);
    }
  }
  return {};
}

}  // namespace facepipe::aws
