// For tests of what is compiled once for every vector width (Highway's foreach_target).
#pragma once

#include <hwy/highway.h>

#include <cstdint>
#include <type_traits>
#include <vector>

namespace facepipe {

// Calls `work(name of the instruction set)` for each that this source is compiled for and this CPU runs, with dynamic
// dispatch set to it; afterwards dispatch chooses by itself again. Not thread-safe.
template <typename Work>
void on_each_vector_width(const Work& work) {
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(target);
    work(hwy::TargetName(target));
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().DeInit();
}

// What `make()` returns on each. Likewise.
template <typename Make>
[[nodiscard]] auto of_each_vector_width(const Make& make) {
  std::vector<std::invoke_result_t<const Make&>> made;
  on_each_vector_width([&](const char*) { made.push_back(make()); });
  return made;
}

}  // namespace facepipe
