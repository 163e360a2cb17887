// Tested end to end by tests/e2e/test_keep.py.
#include "serve/kept_counts.h"

#include <algorithm>

namespace facepipe::serve {

KeptCounts::KeptCounts(faces::FaceStore& store, metrics::Registry& registry) : store_(store) {
  const auto add = [&](std::string_view name, std::string_view help, std::int64_t faces::StoreCounts::* count) {
    registry.gauge_of(name, help, [this, count] { return counts().*count; });
  };
  add("facepipe_kept_faces", "Faces that are kept.", &faces::StoreCounts::faces);
  add("facepipe_kept_crops", "Faces whose picture is kept.", &faces::StoreCounts::crops);
  add("facepipe_kept_visits", "Visits that are kept.", &faces::StoreCounts::visits);
  add("facepipe_kept_unknowns", "Groups of unknown faces.", &faces::StoreCounts::unknowns);
  add("facepipe_kept_pictures", "Enrolled pictures.", &faces::StoreCounts::pictures);
  add("facepipe_kept_frames", "Frames that are kept.", &faces::StoreCounts::frames);
  add("facepipe_kept_events", "Events that can be read again.", &faces::StoreCounts::events);
  add("facepipe_kept_bytes", "Size of faces.db.", &faces::StoreCounts::bytes);
  registry.gauge_of("facepipe_kept_healthy", "1: faces.db can be written; 0: it is full, damaged or away.",
                    [this] { return std::int64_t{store_.health().has_value()}; });
}

faces::StoreCounts KeptCounts::counts() {
  constexpr std::chrono::steady_clock::duration kFresh = std::chrono::seconds{10};
  constexpr int kShare = 100;  // of the time, at most, goes into counting
  const std::lock_guard lock(mutex_);
  const auto begin = std::chrono::steady_clock::now();
  if (begin >= stale_) {
    if (const auto counted = store_.counts()) {
      last_ = *counted;
    }
    const auto end = std::chrono::steady_clock::now();
    stale_ = end + std::max(kFresh, (end - begin) * kShare);
  }
  return last_;
}

}  // namespace facepipe::serve
