// What every service of a server stands on.
#pragma once

#include "base/log.h"
#include "base/memory_budget.h"
#include "serve/frames/metrics.h"
#include "serve/serve.h"

namespace facepipe::serve {

// Outlived by what it names; outlives the services.
struct Ground {
  const ServeOptions& options;
  WorkMemory& memory;  // of decoding, detecting and recognising together
  Metrics& metrics;
  Logger& logger;
};

}  // namespace facepipe::serve
