// How many processors this process may use.
#pragma once

#include <filesystem>

namespace facepipe {

// Where Linux says it; tests have files of their own.
struct CpuSources {
  std::filesystem::path own_groups = "/proc/self/cgroup";
  std::filesystem::path groups = "/sys/fs/cgroup";
};

// The processors that the scheduler lets this thread run on (affinity, cpuset), or what the CPU quotas of its control
// groups (version 2 and 1, each group up to the root) leave of them, rounded up to a whole one. At least 1; what cannot
// be read sets no limit. Looks anew at each call.
[[nodiscard]] int usable_cpus(const CpuSources& sources = {});

}  // namespace facepipe
