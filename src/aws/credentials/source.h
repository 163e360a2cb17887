// The sources of credentials: what they are given, what they give, and what they share.
#pragma once

#include <chrono>

#include "aws/credentials/profiles.h"
#include "aws/signing/credentials.h"
#include "base/clock.h"
#include "base/process.h"
#include "base/result.h"
#include "http/client.h"
#include "http/message.h"

namespace facepipe::aws {

// Lives as long as one look at the sources.
struct SourceContext {
  const Environment& environment;
  const Clock& clock;
  std::string_view region;  // of STS where neither environment nor profile names one; may be empty
};

// What a source has. A source that is not configured is no error: it says what it looked for.
struct Lookup {
  std::optional<Credentials> credentials;
  std::string nothing_because;  // "AWS_ACCESS_KEY_ID is not set"

  [[nodiscard]] static Lookup found(Credentials credentials) { return {std::move(credentials), {}}; }
  [[nodiscard]] static Lookup nothing(std::string_view because) { return {std::nullopt, std::string(because)}; }
};

// One request on a connection of its own: these services are asked a few times a day. Answers past 64 KiB are refused.
[[nodiscard]] Result<http::Response> fetch(const http::Url& origin, const http::Request& request,
                                           std::chrono::milliseconds connect_timeout,
                                           std::chrono::milliseconds request_timeout);

// "expected 200 from HOST for WHAT, got STATUS": kUnavailable for 429 and 5xx, kPermission else.
[[nodiscard]] Error unexpected_status(const http::Url& url, int status, std::string_view what = {});

// The content of a file that holds a token, without blanks at its ends; `variable` is where its path came from.
// kInvalidArgument for a file that is not there, is empty, or holds more than one line.
[[nodiscard]] Result<std::string> read_token_file(std::string_view path, std::string_view variable);

// --- container.cc: the task or pod role of Amazon ECS, EKS Pod Identity, and anything that speaks their protocol.
// Source: AWS SDKs and Tools Reference Guide, "Container credential provider".
// Where AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is relative to.
inline constexpr std::string_view kEcsAgent = "http://169.254.170.2";

// AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, else ..._FULL_URI, asked with the token of
// AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, else of AWS_CONTAINER_AUTHORIZATION_TOKEN. A full URI without TLS may name
// only loopback and the agents of ECS and EKS, so that the token and what it buys cross no network: kInvalidArgument.
// Without either variable: nothing. Any other error is of the agent.
[[nodiscard]] Result<Lookup> container_credentials(const SourceContext& context, std::string_view agent = kEcsAgent);

// --- instance_metadata.cc: an EC2 instance's role, by the Instance Metadata Service version 2.
// Source: Amazon EC2 User Guide, "Retrieve security credentials from instance metadata".
// Asks AWS_EC2_METADATA_SERVICE_ENDPOINT, else the fixed address (the IPv6 one where
// AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is IPv6), within about 1 s to connect and 2 s a request. Nothing: switched off
// by AWS_EC2_METADATA_DISABLED, no role is attached, or nobody at the fixed address speaks the protocol. At an endpoint
// that was named, that is an error. Version 1, without a token, is never tried.
[[nodiscard]] Result<Lookup> instance_credentials(const SourceContext& context);

// --- environment_credentials.cc
// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, with the expiry of AWS_CREDENTIAL_EXPIRATION where that
// is set. kInvalidArgument naming the half that is missing, or an expiry that is no time.
[[nodiscard]] Result<Lookup> environment_credentials(const SourceContext& context);

// The role of AWS_ROLE_ARN, by the token in the file AWS_WEB_IDENTITY_TOKEN_FILE (read anew each time: it is replaced
// while a pod runs), under the name AWS_ROLE_SESSION_NAME. Without the file's variable: nothing. kInvalidArgument for
// the file without a role; other errors are of STS. `profiles` say where STS is.
[[nodiscard]] Result<Lookup> web_identity_credentials(const SourceContext& context, const Profiles& profiles);

// --- Credentials that a profile of the shared files leads to.
// Source: AWS SDKs and Tools Reference Guide, "Assume role credential provider" and its neighbours.
// Of the selected profile, the first of: role_arn with web_identity_token_file, or with source_profile or
// credential_source (Environment, EcsContainer, Ec2InstanceMetadata); credential_process; an access key. A source
// profile gives its access key first. Roles may be chained; a profile that is its own source, without an access key, or
// a ring of them is kInvalidArgument, as is any half of a setting. kUnsupported, saying what to do instead: single
// sign-on and `aws login` sessions, mfa_serial. Nothing: no such profile, or none of these settings in it.
[[nodiscard]] Result<Lookup> profile_credentials(const SourceContext& context, const Profiles& profiles);

// --- Credentials as JSON: what containers, instances and programs (credential_process) hand out.
enum class CredentialsFormat {
  kEndpoint,  // AccessKeyId, SecretAccessKey, Token, Expiration; "Code" is "Success" or absent
  kProcess,   // Version 1, AccessKeyId, SecretAccessKey, and optionally SessionToken, Expiration
};

// kInvalidData naming the field that is missing or of another type, never its value. Text past 64 KiB is refused.
[[nodiscard]] Result<Credentials> parse_credentials(std::string_view json, CredentialsFormat format);

}  // namespace facepipe::aws
