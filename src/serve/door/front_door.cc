// Tested by front_door_test.cc and tests/e2e/test_access.py.
#include "serve/door/front_door.h"

#include <algorithm>

#include "base/hex.h"
#include "base/id.h"
#include "base/json_writer.h"
#include "base/text.h"

namespace facepipe::serve {
namespace {

constexpr std::chrono::seconds kLogPause{1};
constexpr std::string_view kCookieName = "facepipe_session";
// Failed sign-ins of one address: enough for somebody who mistypes.
constexpr double kFailuresAtOnce = 20;
constexpr double kFailuresPerSecond = 0.2;

bool changes_nothing(std::string_view method) {
  return method == "GET" || method == "HEAD";
}

// The scheme's name in any case, one or more blanks (RFC 9110, section 11).
std::string_view bearer_token(std::string_view header) {
  constexpr std::string_view kScheme = "bearer ";
  const bool matches = header.size() > kScheme.size() &&
                       std::equal(kScheme.begin(), kScheme.end(), header.begin(), [](char expected, char c) {
                         return expected == c || (c >= 'A' && c <= 'Z' && c - 'A' + 'a' == expected);
                       });
  if (!matches) {
    return {};
  }
  header.remove_prefix(kScheme.size());
  const std::size_t first = header.find_first_not_of(' ');
  return first == std::string_view::npos ? std::string_view() : header.substr(first);
}

std::string role_words(access::Role role) {
  const std::string own = "the role " + std::string(access::role_name(role));
  return role == access::Role::kManage ? own : own + " or manage";
}

// Nothing: any.
std::optional<access::Role> role_of(FrontDoor::For whom) {
  switch (whom) {
    case FrontDoor::For::kFrames:
      return access::Role::kFrames;
    case FrontDoor::For::kRead:
      return access::Role::kRead;
    case FrontDoor::For::kManage:
      return access::Role::kManage;
    case FrontDoor::For::kEverybody:
    case FrontDoor::For::kTokens:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

FrontDoor::FrontDoor(FrontDoorOptions options, Logger& logger)
    : options_(std::move(options)),
      logger_(logger),
      instance_(hex_number(random_id(), 8)),
      failures_(kFailuresPerSecond, kFailuresAtOnce) {}

http::RouteRules FrontDoor::rules(For whom) {
  http::RouteRules rules;
  rules.guards.emplace_back([this](const http::Request& head) { return check_page(head); });
  if (whom != For::kEverybody && options_.tokens != nullptr) {
    rules.guards.emplace_back(
        [this, role = role_of(whom)](const http::Request& head) { return check_token(head, role); });
  }
  rules.cors = [this](const http::Request& head) {
    return is_allowed_origin(options_.browser, head) ? cors_headers(head, false) : http::Headers();
  };
  return rules;
}

std::optional<http::Response> FrontDoor::check_page(const http::Request& head) {
  if (const auto reason = refuse_of_browser(options_.browser, head)) {
    return refuse(head, 403, *reason);
  }
  if (head.method == "OPTIONS" && is_allowed_origin(options_.browser, head)) {
    http::Response preflight{204, cors_headers(head, true), ""};
    return preflight;
  }
  return std::nullopt;
}

std::optional<access::TokenHolder> FrontDoor::visitor(const http::Request& head) {
  const std::string_view authorization = http::header(head.headers, "authorization");
  const std::string_view token = bearer_token(authorization);
  if (options_.tokens == nullptr || !options_.tokens->token_required()) {
    // Who shows a token that is known is its holder here, too: a command learns by it that this is its folder's server.
    if (auto holder = options_.tokens == nullptr || token.empty() ? std::nullopt : options_.tokens->holder_of(token)) {
      return holder;
    }
    return access::TokenHolder{"", "anybody", access::Role::kManage};
  }
  if (!authorization.empty()) {
    return token.empty() ? std::nullopt : options_.tokens->holder_of(token);
  }
  const std::string_view session = cookie(http::header(head.headers, "cookie"), kCookieName);
  if (session.empty()) {
    return std::nullopt;
  }
  const auto digest = sessions_.token_digest(session, Sessions::Clock::now());
  return digest ? options_.tokens->holder_of_digest(*digest) : std::nullopt;
}

bool FrontDoor::sign_in_needed() {
  return options_.tokens != nullptr && options_.tokens->token_required();
}

Result<access::TokenHolder> FrontDoor::sign_in(const http::Request& head, std::string_view token,
                                               http::Headers& headers) {
  const auto now = RateLimiter::Clock::now();
  if (failures_.wait(head.peer, now)) {
    return Error{ErrorCode::kExhausted, "too many tokens of this address were wrong: try again later"};
  }
  auto holder = options_.tokens == nullptr ? std::nullopt : options_.tokens->holder_of(token);
  if (!holder) {
    static_cast<void>(failures_.take(head.peer, now));
    return Error{ErrorCode::kPermission, "expected a token of this server, got another"};
  }
  const std::string id = sessions_.open(access::token_digest(token), Sessions::Clock::now());
  headers.emplace_back("set-cookie", set_cookie(id, Sessions::kLongest));
  return *std::move(holder);
}

void FrontDoor::sign_out(const http::Request& head, http::Headers& headers) {
  sessions_.close(cookie(http::header(head.headers, "cookie"), kCookieName));
  headers.emplace_back("set-cookie", set_cookie("", std::chrono::seconds(0)));
}

std::string FrontDoor::set_cookie(std::string_view value, std::chrono::seconds age) const {
  return std::string(kCookieName) + "=" + std::string(value) + "; Max-Age=" + std::to_string(age.count()) +
         "; Path=/; HttpOnly; SameSite=Strict" + (options_.tls ? "; Secure" : "");
}

std::optional<http::Response> FrontDoor::check_token(const http::Request& head, std::optional<access::Role> role) {
  if (!options_.tokens->known()) {
    http::Response response = refuse(head, 503, kAccessNotKnown);
    response.headers.emplace_back("retry-after", "1");
    return response;
  }
  if (const auto who = visitor(head)) {
    const bool by_cookie = options_.tokens->token_required() && http::header(head.headers, "authorization").empty();
    if (by_cookie && !changes_nothing(head.method) && !is_same_origin(head)) {
      return refuse(head, 403,
                    "expected a change to come from a page of this server (its Origin header), or with a "
                    "token in the header Authorization: Bearer TOKEN");
    }
    if (!role || access::allows(who->role, *role)) {
      return std::nullopt;
    }
    return refuse(head, 403,
                  "expected a token of " + role_words(*role) + ", got one of the role " +
                      std::string(access::role_name(who->role)));
  }
  const std::string_view authorization = http::header(head.headers, "authorization");
  http::Response response = refuse(
      head, 401,
      authorization.empty() ? "expected the header Authorization: Bearer TOKEN, with a token of `facepipe token new`"
                            : "expected a token of this server in the header Authorization: Bearer TOKEN, got another");
  response.headers.emplace_back("www-authenticate", "Bearer realm=\"facepipe\"");
  return response;
}

http::Response FrontDoor::refuse(const http::Request& head, int status, std::string_view reason) {
  const std::string request_id = instance_ + "-" + std::to_string(++refused_);
  log_refusal(head, status, reason, request_id);
  http::Response response =
      http::make_response(status, "application/json", json_error_body(reason, "request_id", request_id));
  response.headers.emplace_back("x-request-id", request_id);
  return response;
}

void FrontDoor::log_refusal(const http::Request& request, int status, std::string_view reason,
                            std::string_view request_id) {
  std::int64_t not_logged = 0;
  {
    const std::lock_guard lock(log_mutex_);
    const auto now = std::chrono::steady_clock::now();
    if (last_line_ != std::chrono::steady_clock::time_point() && now < last_line_ + kLogPause) {
      ++not_logged_;
      return;
    }
    last_line_ = now;
    not_logged = std::exchange(not_logged_, 0);
  }
  logger_.warning("request_refused", {{"port", std::string_view(options_.port_name)},
                                      {"status", std::int64_t{status}},
                                      {"reason", reason},
                                      {"request_id", request_id},
                                      {"peer", std::string_view(request.peer)},
                                      {"not_logged_before", not_logged}});
}

Status check_exposure(const Exposure& exposure, access::LiveAccess& access, Logger& logger) {
  const bool has_token = access.token_required();
  const bool has_key = access.sqs_key_required();
  if (is_loopback(exposure.address) || (has_token && has_key)) {
    return {};
  }
  if (exposure.insecure) {
    logger.warning("insecure", {{"address", std::string_view(exposure.address)},
                                {"frames_need_a_token", has_token},
                                {"sqs_needs_a_key", has_key},
                                {"meaning", std::string_view("whoever reaches an open port may use it: send frames, "
                                                             "read names, change and delete queues")}});
    return {};
  }
  const std::string_view missing = has_token ? "no SQS key" : has_key ? "no token" : "neither a token nor an SQS key";
  return Error{ErrorCode::kInvalidArgument,
               "--address " + exposure.address + " can be reached by other machines, and there is " +
                   std::string(missing) +
                   ": either listen on 127.0.0.1 (the default), or make both with `facepipe token new` and `facepipe "
                   "token sqs-key new`, or say --insecure to let everybody in"};
}

}  // namespace facepipe::serve
