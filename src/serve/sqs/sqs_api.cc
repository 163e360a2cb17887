// From HTTP to actions and back. Tested by sqs_api_test.cc, receive_waiters_test.cc and tests/conformance
#include "serve/sqs/sqs_api.h"

#include <algorithm>
#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <limits>

#include "aws/signing/sigv4.h"
#include "base/hex.h"
#include "base/id.h"
#include "queue/queue_error.h"
#include "queue/validation.h"
#include "serve/sqs/actions.h"
#include "serve/sqs/message_codec.h"
#include "serve/sqs/receive_waiters.h"
#include "serve/sqs/wire_error.h"

namespace facepipe::serve {
namespace {

using namespace std::chrono_literals;
using sqs::Node;

// What the response of one request needs. Shared by the callbacks of a long poll, which must be copyable.
struct Call {
  Call(http::Responder respond, std::string id) : responder(std::move(respond)), request_id(std::move(id)) {}

  http::Responder responder;
  std::string request_id;
  std::string action;
  bool json = true;

  void fail(const sqs::WireError& error) {
    http::Response response = json ? sqs::json_error(error, request_id) : sqs::xml_error(error, request_id);
    if (error.status == 503) {
      response.headers.emplace_back("retry-after", "1");
    }
    responder(std::move(response));
  }
  void answer(const Result<Node>& result) {
    if (!result) {
      fail(sqs::wire_error(result.error()));
    } else {
      responder(json ? sqs::json_response(*result, request_id) : sqs::xml_response(action, *result, request_id));
    }
  }
};

// The parameters of the request; sets the call's protocol and action.
Result<Node> read_request(const http::Request& request, Call& call) {
  const std::string_view action = sqs::json_action(request);
  if (!action.empty()) {
    call.action = std::string(action);
    return sqs::parse_json(request.body);
  }
  call.json = false;
  FACEPIPE_ASSIGN(const sqs::FormPairs form, sqs::form_of(request));
  call.action = sqs::query_action(form);
  FACEPIPE_ASSIGN(Node parameters, sqs::parse_form(form));
  const std::string_view path = http::target_path(request.target);
  if (parameters.find("QueueUrl") == nullptr && path.size() > 1) {
    parameters.add("QueueUrl", "http://localhost" + percent_decode(path, false));
  }
  return parameters;
}

// A page of another site can make a browser send a plain GET, as a picture's address, without an Origin: such a request
// may look and not touch. What a page cannot send unasked is a POST without an Origin, or an Authorization of SigV4.
Status check_method(const http::Request& request, std::string_view action) {
  if (request.method == "POST" || !sqs::changes_state(action) ||
      http::header(request.headers, "authorization").starts_with(aws::kSigV4Algorithm)) {
    return {};
  }
  return queue::queue_error(
      queue::QueueErrorKind::kUnsupportedOperation,
      "The action " + std::string(action) + " changes state: send it with POST, or signed (Signature Version 4).");
}

struct ReceiveRequest {
  std::string queue;
  queue::ReceiveOptions options;
  bool default_wait = false;  // the queue's own
  sqs::ReceiveSelection selection;
};

Result<ReceiveRequest> receive_request(const sqs::ActionContext& context, const Node& parameters) {
  ReceiveRequest request;
  FACEPIPE_ASSIGN(request.queue, sqs::queue_of(context, parameters));
  FACEPIPE_ASSIGN(const auto count, sqs::optional_integer(parameters, "MaxNumberOfMessages"));
  FACEPIPE_ASSIGN(const auto wait, sqs::optional_integer(parameters, "WaitTimeSeconds"));
  FACEPIPE_ASSIGN(const auto timeout, sqs::optional_integer(parameters, "VisibilityTimeout"));
  // Out of any range rather than wrapped into one.
  using Int = std::numeric_limits<int>;
  request.options.max_messages = static_cast<int>(std::clamp<std::int64_t>(count.value_or(1), Int::min(), Int::max()));
  request.options.wait = std::chrono::seconds(wait.value_or(0));
  request.default_wait = !wait.has_value();
  if (timeout) {
    request.options.visibility_timeout = std::chrono::seconds(*timeout);
  }
  FACEPIPE_TRY(queue::validate_receive(request.options));
  FACEPIPE_ASSIGN(request.selection, sqs::receive_selection(parameters));
  return request;
}

}  // namespace

class SqsApi::Implementation {
 public:
  Implementation(queue::QueueStore& store, Options options)
      : store_(store),
        options_(std::move(options)),
        pool_(static_cast<std::size_t>(std::max(options_.threads, 1))),
        waiters_(store_, pool_) {}

  std::optional<http::Response> admit(const http::Request& head) {
    return refusal_of(options_.check_head, head, next_request_id());
  }

  ~Implementation() {
    waiters_.close();
    pool_.join();  // before the members that its jobs use
  }

  void handle(http::Request request, http::Responder responder) {
    auto call = std::make_shared<Call>(std::move(responder), next_request_id());
    if (waiting_.fetch_add(1) >= options_.max_waiting) {
      --waiting_;
      call->json = !sqs::json_action(request).empty();
      call->answer(Error{ErrorCode::kUnavailable, "too many requests wait"});
      return;
    }
    boost::asio::post(pool_, [this, call, request = std::move(request)] {
      --waiting_;
      process(request, call);
    });
  }

  void end_long_polls() { waiters_.close(); }

 private:
  void process(const http::Request& request, const std::shared_ptr<Call>& call) {
    if (auto refused = refusal_of(options_.check, request, call->request_id)) {
      call->responder(*std::move(refused));
      return;
    }
    const Result<Node> parameters = read_request(request, *call);
    if (!parameters) {
      call->answer(parameters.error());
      return;
    }
    if (const Status method = check_method(request, call->action); !method) {
      call->answer(method.error());
      return;
    }
    const sqs::ActionContext context = context_of(request);
    if (call->action == "ReceiveMessage") {
      receive(context, *parameters, call);
    } else {
      call->answer(sqs::run_action(context, call->action, *parameters));
    }
  }

  // Nothing of a request is parsed before its signature is known to be good.
  std::optional<http::Response> refusal_of(const Options::Check& check, const http::Request& request,
                                           const std::string& request_id) {
    const auto problem = check ? check(request) : std::nullopt;
    if (!problem) {
      return std::nullopt;
    }
    const sqs::WireError error = sqs::signature_error(*problem);
    if (options_.on_denied) {
      options_.on_denied(request, error.status, error.query_code, request_id);
    }
    const bool json = !sqs::json_action(request).empty();
    return json ? sqs::json_error(error, request_id) : sqs::xml_error(error, request_id);
  }

  // Takes what is there; without messages the call goes into the queue's line.
  void receive(const sqs::ActionContext& context, const Node& parameters, const std::shared_ptr<Call>& call) {
    Result<ReceiveRequest> request = receive_request(context, parameters);
    if (!request) {
      call->answer(request.error());
      return;
    }
    const auto answer = [call, selection = request->selection,
                         addresses = context.addresses](sqs::ReceiveWaiters::Messages messages) {
      if (messages) {
        call->answer(sqs::received_node(*std::move(messages), selection, addresses));
      } else {
        call->answer(messages.error());
      }
    };
    sqs::ReceiveWaiters::Messages messages = store_.receive_now(request->queue, request->options);
    if (messages && messages->empty() && request->default_wait) {
      const auto attributes = store_.attributes(request->queue);
      request->options.wait = attributes ? attributes->receive_wait : 0s;
    }
    if (!messages || !messages->empty() || request->options.wait == 0s) {
      answer(std::move(messages));
      return;
    }
    waiters_.add(request->queue, request->options, std::chrono::steady_clock::now() + request->options.wait, answer);
  }

  sqs::ActionContext context_of(const http::Request& request) {
    std::string base = options_.base_url;
    if (base.empty()) {
      base = sqs::base_url_of_host(http::header(request.headers, "host"), options_.tls);
    }
    return {store_, {std::move(base), options_.account_id, options_.region}};
  }

  // In a UUID's form: the instance's random half, and the request's number.
  std::string next_request_id() {
    const std::string text = id_text(instance_) + hex_number(++requests_, 16);
    return text.substr(0, 8) + "-" + text.substr(8, 4) + "-" + text.substr(12, 4) + "-" + text.substr(16, 4) + "-" +
           text.substr(20);
  }

  queue::QueueStore& store_;
  const Options options_;
  const std::uint64_t instance_ = random_id();
  std::atomic<std::uint64_t> requests_ = 0;
  std::atomic<std::size_t> waiting_ = 0;  // requests that no thread has taken yet
  boost::asio::thread_pool pool_;
  sqs::ReceiveWaiters waiters_;
};

SqsApi::SqsApi(queue::QueueStore& store, Options options)
    : implementation_(std::make_unique<Implementation>(store, std::move(options))) {}

SqsApi::~SqsApi() = default;

std::optional<http::Response> SqsApi::admit(const http::Request& head) {
  return implementation_->admit(head);
}

void SqsApi::handle(http::Request request, http::Responder responder) {
  implementation_->handle(std::move(request), std::move(responder));
}

void SqsApi::end_long_polls() {
  implementation_->end_long_polls();
}

}  // namespace facepipe::serve
