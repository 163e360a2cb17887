// Tested by cpu_count_test.cc.
#include "base/cpu_count.h"

#include <sched.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/text.h"

namespace facepipe {
namespace {

namespace fs = std::filesystem;

int scheduled_cpus() {
  // The kernel refuses a set smaller than its own: machines of more than 1,024 processors need a larger one.
  for (std::size_t cpus = CPU_SETSIZE; cpus <= std::size_t{1} << 20U; cpus *= 4) {
    const std::size_t size = CPU_ALLOC_SIZE(cpus);
    std::vector<unsigned long> words(size / sizeof(unsigned long) + 1);
    auto* const set = reinterpret_cast<cpu_set_t*>(words.data());  // NOLINT(*-reinterpret-cast): sched_getaffinity's
    if (::sched_getaffinity(0, size, set) == 0) {
      return CPU_COUNT_S(size, set);
    }
  }
  return static_cast<int>(std::thread::hardware_concurrency());
}

std::string first_line(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

std::optional<std::int64_t> positive(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && value > 0 ? std::optional(value) : std::nullopt;
}

std::optional<std::int64_t> whole_cpus(std::optional<std::int64_t> quota, std::optional<std::int64_t> period) {
  return quota && period ? std::optional((*quota - 1) / *period + 1) : std::nullopt;
}

// Version 2 has "QUOTA PERIOD" or "max PERIOD" in one file, version 1 two files, with the quota -1 for none.
std::optional<std::int64_t> quota_of(const fs::path& group) {
  const std::string both = first_line(group / "cpu.max");
  const std::vector<std::string_view> parts = split(both, ' ');
  if (parts.size() == 2) {
    return whole_cpus(positive(parts[0]), positive(parts[1]));
  }
  return whole_cpus(positive(first_line(group / "cpu.cfs_quota_us")),
                    positive(first_line(group / "cpu.cfs_period_us")));
}

// The smallest quota from `group` up to `root`. A container often sees its own group as the root, under a path that
// does not exist in it: what is not there says nothing.
void apply_quotas(const fs::path& root, const fs::path& group, std::int64_t& cpus) {
  fs::path at = group.relative_path().lexically_normal();
  while (true) {
    cpus = std::min(cpus, quota_of(root / at).value_or(cpus));
    if (at.empty() || at == "." || at == at.parent_path()) {
      return;
    }
    at = at.parent_path();
  }
}

}  // namespace

int usable_cpus(const CpuSources& sources) {
  std::int64_t cpus = std::max(scheduled_cpus(), 1);
  // Lines "ID:CONTROLLERS:PATH"; version 2 has the one line "0::PATH".
  std::ifstream groups(sources.own_groups);
  for (std::string line; std::getline(groups, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first == std::string::npos ? first : first + 1);
    if (second == std::string::npos) {
      continue;
    }
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const std::string path = line.substr(second + 1);
    if (controllers.empty()) {
      apply_quotas(sources.groups, path, cpus);
      continue;
    }
    const std::vector<std::string_view> names = split(controllers, ',');
    if (std::find(names.begin(), names.end(), "cpu") != names.end()) {
      apply_quotas(sources.groups / controllers, path, cpus);
      apply_quotas(sources.groups / "cpu", path, cpus);  // the usual link to the former
    }
  }
  return static_cast<int>(std::max<std::int64_t>(cpus, 1));
}

}  // namespace facepipe
