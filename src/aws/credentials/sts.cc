// Tested by sts_test.cc, and by tests/conformance against moto.
#include "aws/credentials/sts.h"

#include <array>

#include "aws/credentials/location.h"
#include "aws/credentials/xml.h"
#include "aws/signing/sigv4.h"
#include "base/hex.h"
#include "base/text.h"
#include "base/time_text.h"

namespace facepipe::aws {
namespace {

constexpr std::chrono::milliseconds kStsConnectTimeout{3'000};
constexpr std::chrono::milliseconds kStsRequestTimeout{10'000};
constexpr RetryPolicy kRetry{.max_attempts = 3};
constexpr std::string_view kGlobalRegion = "us-east-1";

// The domain of a region's partition.
std::string_view domain(std::string_view region) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kPartitions = {{
      {"cn-", "amazonaws.com.cn"},
      {"us-iso-", "c2s.ic.gov"},
      {"us-isob-", "sc2s.sgov.gov"},
      {"us-isof-", "csp.hci.ic.gov"},
      {"eu-isoe-", "cloud.adc-e.uk"},
      {"eusc-", "amazonaws.eu"},
  }};
  for (const auto& [prefix, name] : kPartitions) {
    if (region.starts_with(prefix)) {
      return name;
    }
  }
  return "amazonaws.com";
}

void add_field(std::string& form, std::string_view name, std::string_view value) {
  form.append(form.empty() ? "" : "&").append(name).append("=").append(percent_encode(value));
}

std::string role_form(std::string_view action, const RoleRequest& role, const Clock& clock) {
  std::string form;
  add_field(form, "Action", action);
  add_field(form, "Version", "2011-06-15");
  add_field(form, "RoleArn", role.role_arn);
  add_field(form, "RoleSessionName",
            role.session_name.empty() ? "facepipe-" + std::to_string(clock.now().time_since_epoch().count())
                                      : role.session_name);
  if (role.duration_s > 0) {
    add_field(form, "DurationSeconds", std::to_string(role.duration_s));
  }
  if (!role.external_id.empty()) {
    add_field(form, "ExternalId", role.external_id);
  }
  return form;
}

std::string_view leaf(const XmlLeaves& leaves, const std::string& path) {
  const auto found = leaves.find(path);
  return found == leaves.end() ? std::string_view() : std::string_view(found->second);
}

// What the service said; `token` must not come back in a message.
Error refusal(const http::Response& response, std::string_view action, std::string_view token) {
  const auto leaves = parse_xml(response.body, "the answer");
  const std::string code = leaves ? first_line(leaf(*leaves, "ErrorResponse/Error/Code")) : std::string();
  std::string message = leaves ? first_line(leaf(*leaves, "ErrorResponse/Error/Message")) : std::string();
  if (!token.empty() && message.find(token.substr(0, 16)) != std::string::npos) {
    message.clear();
  }
  const bool passing = response.status >= 500 || response.status == 429 || code.starts_with("Throttling") ||
                       code == "IDPCommunicationError";
  return Error{passing ? ErrorCode::kUnavailable : ErrorCode::kPermission,
               std::string(action) + ": STS answered " + std::to_string(response.status) + " (" +
                   (code.empty() ? "no error code" : code) + ")" + (message.empty() ? "" : ": ") + message};
}

Result<Credentials> read_answer(std::string_view body, std::string_view action) {
  FACEPIPE_ASSIGN(const XmlLeaves leaves, parse_xml(body, std::string(action) + ": the answer of STS"));
  const std::string base = std::string(action).append("Response/").append(action).append("Result/Credentials/");
  Credentials credentials;
  credentials.access_key_id = trimmed(leaf(leaves, base + "AccessKeyId"));
  credentials.secret_access_key = trimmed(leaf(leaves, base + "SecretAccessKey"));
  credentials.session_token = trimmed(leaf(leaves, base + "SessionToken"));
  const auto expires_at = parse_iso_time(trimmed(leaf(leaves, base + "Expiration")));
  for (const auto& [name, good] : {std::pair("AccessKeyId", !credentials.access_key_id.empty()),
                                   std::pair("SecretAccessKey", !credentials.secret_access_key.empty()),
                                   std::pair("SessionToken", !credentials.session_token.empty()),
                                   std::pair("Expiration", expires_at.has_value())}) {
    if (!good) {
      return Error{ErrorCode::kInvalidData,
                   std::string(action) + ": expected a field " + name + " in the answer of STS"};
    }
  }
  credentials.expires_at = *expires_at;
  return credentials;
}

// Posts a form, signed where there is a caller, as often as the policy allows.
Result<Credentials> ask(const SourceContext& context, const StsEndpoint& endpoint, std::string_view action,
                        const std::string& form, const Credentials* caller, std::string_view token) {
  return retry(kRetry, real_retry_environment(), [&]() -> Result<Credentials> {
    http::Request request;
    request.method = "POST";
    request.target = endpoint.url.target;
    request.headers = {{"content-type", "application/x-www-form-urlencoded"}};
    request.body = form;
    if (caller != nullptr) {
      sign_v4(request, endpoint.url, {endpoint.region, "sts"}, *caller, context.clock.now());
    }
    FACEPIPE_ASSIGN(const auto response,
                    fetch(endpoint.url, request, kStsConnectTimeout, kStsRequestTimeout).with_context(action));
    return response.status == 200 ? read_answer(response.body, action) : refusal(response, action, token);
  });
}

}  // namespace

Result<StsEndpoint> sts_endpoint(const SourceContext& context, const Profiles& profiles) {
  StsEndpoint endpoint;
  FACEPIPE_ASSIGN(endpoint.region, configured_region(context.environment, profiles));
  if (endpoint.region.empty()) {
    endpoint.region = context.region;
  }
  const std::string named = find_endpoint(context.environment, profiles, "sts");
  if (!named.empty()) {
    FACEPIPE_ASSIGN(endpoint.url, http::parse_url(named).with_context("endpoint of STS"));
  } else if (endpoint.region.empty()) {
    FACEPIPE_ASSIGN(endpoint.url, http::parse_url("https://sts.amazonaws.com/"));
  } else {
    FACEPIPE_ASSIGN(endpoint.url, http::parse_url("https://sts." + endpoint.region + "." +
                                                  std::string(domain(endpoint.region)) + "/"));
  }
  if (endpoint.region.empty()) {
    endpoint.region = kGlobalRegion;
  }
  return endpoint;
}

Result<Credentials> assume_role(const SourceContext& context, const StsEndpoint& endpoint, const RoleRequest& role,
                                const Credentials& caller) {
  constexpr std::string_view kAction = "AssumeRole";
  return ask(context, endpoint, kAction, role_form(kAction, role, context.clock), &caller, caller.session_token);
}

Result<Credentials> assume_role_with_web_identity(const SourceContext& context, const StsEndpoint& endpoint,
                                                  const RoleRequest& role, std::string_view token) {
  constexpr std::string_view kAction = "AssumeRoleWithWebIdentity";
  std::string form = role_form(kAction, role, context.clock);
  add_field(form, "WebIdentityToken", token);
  return ask(context, endpoint, kAction, form, nullptr, token);
}

}  // namespace facepipe::aws
