// Whether a server may listen where it is told to.
#pragma once

#include <string>

#include "access/live_access.h"
#include "base/log.h"
#include "base/result.h"

namespace facepipe::serve {

struct Exposure {
  std::string address;
  bool insecure = false;  // --insecure
};

// Loopback needs nothing. Elsewhere kInvalidArgument, naming the ways out, unless both a token and an SQS key are
// demanded; with `insecure` a warning in the log instead.
[[nodiscard]] Status check_exposure(const Exposure& exposure, access::LiveAccess& access, Logger& logger);

}  // namespace facepipe::serve
