// How much is kept, for the metrics.
#pragma once

#include <chrono>
#include <mutex>

#include "faces/face_store.h"
#include "metrics/registry.h"

namespace facepipe::serve {

// Adds a gauge for each of the store's counts, and for its health. Both outlive the registry's use. The rows are
// counted at most every 10 s, however often somebody asks.
class KeptCounts {
 public:
  KeptCounts(faces::FaceStore& store, metrics::Registry& registry);

 private:
  [[nodiscard]] faces::StoreCounts counts();

  faces::FaceStore& store_;
  std::mutex mutex_;
  faces::StoreCounts last_;
  std::chrono::steady_clock::time_point stale_;  // from when on they are counted anew
};

}  // namespace facepipe::serve
