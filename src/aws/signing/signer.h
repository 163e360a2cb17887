// Signing of requests to AWS: a port, so that a queue can be used unsigned on one box and signed on AWS.
#pragma once

#include "base/result.h"
#include "http/client.h"
#include "http/message.h"

namespace facepipe::aws {

// Thread-safe.
class Signer {
 public:
  virtual ~Signer() = default;
  // Adds what proves who is asking (authorization, date, token) for a request to `origin`. The body is final.
  [[nodiscard]] virtual Status sign(http::Request& request, const http::Url& origin) = 0;
};

}  // namespace facepipe::aws
