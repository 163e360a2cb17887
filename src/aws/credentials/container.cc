// Tested by container_test.cc.
#include <algorithm>
#include <array>

#include "aws/credentials/source.h"
#include "base/text.h"

namespace facepipe::aws {
namespace {

constexpr std::string_view kRelativeUri = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
constexpr std::string_view kFullUri = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
constexpr std::string_view kToken = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
constexpr std::string_view kTokenFile = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
constexpr std::chrono::milliseconds kContainerConnectTimeout{1'000};
constexpr std::chrono::milliseconds kContainerRequestTimeout{2'000};

bool is_trusted_without_tls(const std::string& host) {
  constexpr std::array<std::string_view, 3> kAgents = {"169.254.170.2", "169.254.170.23", "fd00:ec2::23"};
  return is_loopback_host(host) || std::ranges::find(kAgents, host) != kAgents.end();
}

Result<http::Url> address(const Environment& environment, std::string_view agent) {
  if (const std::string_view path = value_of(environment, kRelativeUri); !path.empty()) {
    if (!path.starts_with('/')) {
      return Error{ErrorCode::kInvalidArgument, std::string(kRelativeUri) + ": expected a path that starts with /"};
    }
    return http::parse_url(std::string(agent).append(path));
  }
  FACEPIPE_ASSIGN(const auto url, http::parse_url(value_of(environment, kFullUri)).with_context(kFullUri));
  if (!url.tls && !is_trusted_without_tls(url.host)) {
    return Error{ErrorCode::kInvalidArgument, std::string(kFullUri) +
                                                  ": expected https, or http to loopback or the agents of ECS and EKS, "
                                                  "got http to " +
                                                  url.authority()};
  }
  return url;
}

// Empty: none.
Result<std::string> token(const Environment& environment) {
  if (const std::string_view file = value_of(environment, kTokenFile); !file.empty()) {
    return read_token_file(file, kTokenFile);
  }
  const std::string_view text = value_of(environment, kToken);
  if (text.find_first_of("\r\n") != std::string_view::npos) {
    return Error{ErrorCode::kInvalidArgument, std::string(kToken) + ": expected one line, got more"};
  }
  return std::string(text);
}

}  // namespace

Result<Lookup> container_credentials(const SourceContext& context, std::string_view agent) {
  const Environment& environment = context.environment;
  if (value_of(environment, kRelativeUri).empty() && value_of(environment, kFullUri).empty()) {
    return Lookup::nothing("neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor ..._FULL_URI is set");
  }
  FACEPIPE_ASSIGN(const http::Url url, address(environment, agent));
  FACEPIPE_ASSIGN(const std::string authorization, token(environment));
  http::Request request;
  request.target = url.target;
  request.headers = {{"accept", "application/json"}};
  if (!authorization.empty()) {
    request.headers.emplace_back("authorization", authorization);
  }
  FACEPIPE_ASSIGN(const http::Response response,
                  fetch(url, request, kContainerConnectTimeout, kContainerRequestTimeout));
  if (response.status != 200) {
    return unexpected_status(url, response.status);
  }
  FACEPIPE_ASSIGN(
      auto credentials,
      parse_credentials(response.body, CredentialsFormat::kEndpoint).with_context("the answer of " + url.authority()));
  return Lookup::found(std::move(credentials));
}

}  // namespace facepipe::aws
