// Webhooks: an event is a POST to a URL of the operator's. docs/formats/webhooks.md
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "publish/publisher.h"

namespace facepipe::publish {

struct WebhookOptions {
  std::string url;                           // http or https; user information is refused
  std::string secret;                        // signs each POST; empty: no signature
  std::chrono::milliseconds timeout{5'000};  // of the whole POST
  const Clock* clock = &system_clock();
};

// POST of {"id","type","time","data"} as application/json with x-facepipe-event-id (NewEvent::key) and, where there is
// a secret, x-facepipe-signature: t=UNIX,v1=HEX of HMAC-SHA256(secret, "UNIX.BODY"). 2xx is delivered; 400, 413, 415
// and 422 refused; 410 never; all else, redirects too, again, not before what Retry-After says in seconds. What the
// receiver answers is not kept. kInvalidArgument for a URL that is none.
[[nodiscard]] Result<std::unique_ptr<Publisher>> make_webhook(const WebhookOptions& options);

// The value of the signature's header.
[[nodiscard]] std::string webhook_signature(std::string_view secret, std::int64_t unix_s, std::string_view body);

}  // namespace facepipe::publish
