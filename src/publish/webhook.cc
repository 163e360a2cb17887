// Tested by webhook_test.cc, tests/e2e/test_webhooks.py
#include "publish/webhook.h"

#include "base/hash.h"
#include "base/hex.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "base/time_text.h"
#include "http/client.h"

namespace facepipe::publish {
namespace {

constexpr std::size_t kMaxAnswerBytes = 64 << 10;
constexpr std::chrono::seconds kMaxWait{3'600};
constexpr std::size_t kDigestCharacters = 8;

// Names the receiver, and tells two URLs of it apart; paths and queries may be secrets.
std::string name_of(const http::Url& url, const std::string& text) {
  return std::string("webhook ") + (url.tls ? "https://" : "http://") + url.authority() + " #" +
         sha256_hex(as_bytes(text)).substr(0, kDigestCharacters);
}

std::string body_of(const faces::Event& event) {
  JsonWriter json;
  json.begin_object().key("id").string(event.what.key).key("type").string(event.what.type);
  json.key("time").string(format_utc(event.what.time)).key("data").raw(event.what.json).end_object();
  return std::move(json).text();
}

Outcome outcome_of(const http::Response& response) {
  const std::string error = "HTTP status " + std::to_string(response.status);
  if (response.status >= 200 && response.status < 300) {
    return {};
  }
  switch (response.status) {
    case 410:
      return {Outcome::Kind::kNever, error};
    case 400:
    case 413:
    case 415:
    case 422:
      return {Outcome::Kind::kRefused, error};
    default:
      return {Outcome::Kind::kAgain, error, http::retry_after(response, kMaxWait)};
  }
}

class Webhook final : public Publisher {
 public:
  Webhook(const http::Url& url, const WebhookOptions& options)
      : name_(name_of(url, options.url)),
        target_(url.target),
        secret_(options.secret),
        clock_(*options.clock),
        client_(url, {.connect_timeout = std::min(options.timeout, std::chrono::milliseconds{3'000}),
                      .request_timeout = options.timeout,
                      .max_response_bytes = kMaxAnswerBytes}) {}

  const std::string& name() const override { return name_; }

  Outcome send(const faces::Event& event) override {
    http::Request request{"POST", target_, {}, body_of(event), {}};
    request.headers = {
        {"content-type", "application/json"}, {"user-agent", "facepipe"}, {"x-facepipe-event-id", event.what.key}};
    if (!secret_.empty()) {
      const auto now = std::chrono::floor<std::chrono::seconds>(clock_.now()).time_since_epoch().count();
      request.headers.emplace_back("x-facepipe-signature", webhook_signature(secret_, now, request.body));
    }
    const auto response = client_.send(request);
    if (!response) {
      return {Outcome::Kind::kAgain, response.error().message};
    }
    Outcome outcome = outcome_of(*response);
    outcome.status = response->status;
    return outcome;
  }

 private:
  const std::string name_;
  const std::string target_;
  const std::string secret_;
  const Clock& clock_;
  http::Client client_;
};

}  // namespace

std::string webhook_signature(std::string_view secret, std::int64_t unix_s, std::string_view body) {
  const std::string time = std::to_string(unix_s);
  const Bytes digest = hmac_sha256(as_bytes(secret), as_bytes(time + "." + std::string(body)));
  return "t=" + time + ",v1=" + hex_encode(digest);
}

Result<std::unique_ptr<Publisher>> make_webhook(const WebhookOptions& options) {
  FACEPIPE_ASSIGN(const http::Url url, http::parse_url(options.url));
  return std::unique_ptr<Publisher>(std::make_unique<Webhook>(url, options));
}

}  // namespace facepipe::publish
