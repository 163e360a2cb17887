// Prometheus' text exposition format 0.0.4.
// Source: Prometheus documentation, "Exposition formats", "Text-based format".
#pragma once

#include <string>
#include <string_view>

#include "metrics/registry.h"

namespace facepipe::metrics {

inline constexpr std::string_view kPrometheusType = "text/plain; version=0.0.4";

// All measures of `registry`, families in the order of their making.
[[nodiscard]] std::string to_prometheus(const Registry& registry);

}  // namespace facepipe::metrics
