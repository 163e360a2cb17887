// Tested by instance_metadata_test.cc.

#include "aws/credentials/source.h"
#include "base/text.h"

namespace facepipe::aws {
namespace {

constexpr std::string_view kEndpoint = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
constexpr std::string_view kMode = "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE";
constexpr std::string_view kDisabled = "AWS_EC2_METADATA_DISABLED";
constexpr std::string_view kIpv4 = "http://169.254.169.254";
constexpr std::string_view kIpv6 = "http://[fd00:ec2::254]";
constexpr std::string_view kRolePath = "/latest/meta-data/iam/security-credentials/";
constexpr std::string_view kTokenSeconds = "21600";
constexpr std::chrono::milliseconds kMetadataConnectTimeout{1'000};
constexpr std::chrono::milliseconds kMetadataRequestTimeout{2'000};
constexpr std::size_t kMaxMetadataTokenBytes = 4096;

// The endpoint, with a path before the service's own where the variable has one.
Result<http::Url> endpoint(const Environment& environment) {
  const std::string_view named = value_of(environment, kEndpoint);
  if (named.empty()) {
    const std::string mode = lower(value_of(environment, kMode));
    if (!mode.empty() && mode != "ipv4" && mode != "ipv6") {
      return Error{ErrorCode::kInvalidArgument, std::string(kMode) + ": expected IPv4 or IPv6"};
    }
    return http::parse_url(mode == "ipv6" ? kIpv6 : kIpv4);
  }
  return http::parse_url(named).with_context(kEndpoint);
}

class Service {
 public:
  explicit Service(http::Url url) : url_(std::move(url)) {
    base_ = url_.target;
    base_.erase(base_.find_last_not_of('/') + 1);
  }

  Result<http::Response> ask(std::string_view method, std::string_view path, http::Headers headers) const {
    http::Request request;
    request.method = method;
    request.target = std::string(base_).append(path);
    request.headers = std::move(headers);
    return fetch(url_, request, kMetadataConnectTimeout, kMetadataRequestTimeout);
  }
  Result<http::Response> get(std::string_view path, const std::string& token) const {
    return ask("GET", path, {{"x-aws-ec2-metadata-token", token}});
  }
  [[nodiscard]] const http::Url& url() const { return url_; }

 private:
  http::Url url_;
  std::string base_;
};

// A token may stand in a header line, a role's name in a path.
bool is_plain(std::string_view text) {
  return !text.empty() && text.size() <= kMaxMetadataTokenBytes &&
         text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+=,.@-_/") ==
             std::string_view::npos;
}

Result<Lookup> role_credentials(const Service& service, const std::string& token) {
  FACEPIPE_ASSIGN(const http::Response names, service.get(kRolePath, token));
  if (names.status == 404) {
    return Lookup::nothing("the instance has no role");
  }
  if (names.status != 200) {
    return unexpected_status(service.url(), names.status, "the role's name");
  }
  const std::string role(trimmed(std::string_view(names.body).substr(0, names.body.find('\n'))));
  if (!is_plain(role)) {
    return Error{ErrorCode::kInvalidData, "expected a role's name from " + service.url().authority()};
  }
  FACEPIPE_ASSIGN(const http::Response answer, service.get(std::string(kRolePath).append(role), token));
  if (answer.status != 200) {
    return unexpected_status(service.url(), answer.status, "the role's credentials");
  }
  FACEPIPE_ASSIGN(auto credentials, parse_credentials(answer.body, CredentialsFormat::kEndpoint)
                                        .with_context("the answer of " + service.url().authority()));
  return Lookup::found(std::move(credentials));
}

}  // namespace

Result<Lookup> instance_credentials(const SourceContext& context) {
  if (is_true(context.environment, kDisabled)) {
    return Lookup::nothing("AWS_EC2_METADATA_DISABLED is true");
  }
  const bool named = !value_of(context.environment, kEndpoint).empty();
  FACEPIPE_ASSIGN(http::Url url, endpoint(context.environment));
  const Service service(std::move(url));
  auto answer =
      service.ask("PUT", "/latest/api/token", {{"x-aws-ec2-metadata-token-ttl-seconds", std::string(kTokenSeconds)}});
  const bool good = answer && answer->status == 200 && is_plain(trimmed(answer->body));
  if (good) {
    return role_credentials(service, std::string(trimmed(answer->body)));
  }
  const Error error = !answer ? std::move(answer).error()
                      : answer->status != 200
                          ? unexpected_status(service.url(), answer->status, "a token")
                          : Error{ErrorCode::kInvalidData, "expected a token from " + service.url().authority()};
  if (named) {
    return error;
  }
  return Lookup::nothing("no service here: " + error.message);
}

}  // namespace facepipe::aws
