// What the sources of credentials share: what they are given and what they give.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "aws/credentials/environment.h"
#include "aws/signing/credentials.h"
#include "base/clock.h"
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

}  // namespace facepipe::aws
