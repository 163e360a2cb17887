// Tested by descriptors_test.cc and tests/e2e/test_overload.py.
#include "base/process.h"

#include <fcntl.h>
#include <malloc.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <optional>
#include <system_error>
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
  const auto value = parse_number<std::int64_t>(text);
  return value && *value > 0 ? value : std::nullopt;
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

std::size_t descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return 1024;  // POSIX systems' usual one
  }
  return limit.rlim_cur == RLIM_INFINITY ? std::numeric_limits<std::size_t>::max()
                                         : static_cast<std::size_t>(limit.rlim_cur);
}

std::size_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);  // where it fails, the old one holds
  }
  return descriptor_limit();
}

void open_standard_descriptors() {
  for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(standard, F_GETFD) == -1 && errno == EBADF) {
      // The lowest free number is this one, as those below it are open.
      [[maybe_unused]] const int opened = ::open("/dev/null", standard == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
  }
}

std::size_t open_descriptors() {
  std::error_code error;
  std::size_t count = 0;
  for (std::filesystem::directory_iterator entry("/proc/self/fd", error), end; !error && entry != end;
       entry.increment(error)) {
    ++count;
  }
  return count > 0 ? count - 1 : 0;  // without the one that lists them
}

void keep_heap_small() {
#ifdef __GLIBC__
  constexpr int kArenas = 2;
  constexpr int kOwnPagesFrom = 256 * 1024;  // fixed: by itself glibc raises it to 32 MiB as such blocks are freed
  constexpr int kTrimFrom = 4 * 1024 * 1024;
  (void)mallopt(M_ARENA_MAX, kArenas);
  (void)mallopt(M_MMAP_THRESHOLD, kOwnPagesFrom);
  (void)mallopt(M_TRIM_THRESHOLD, kTrimFrom);
#endif
}

void keep_heap_ready() {
#ifdef __GLIBC__
  constexpr int kOwnPagesFrom = 64 * 1024 * 1024;
  constexpr int kTrimFrom = 256 * 1024 * 1024;
  constexpr std::size_t kInLargePages = std::size_t{32} * 1024 * 1024;
  constexpr std::uintptr_t kLargePage = std::uintptr_t{2} * 1024 * 1024;
  (void)mallopt(M_ARENA_MAX, 1);
  (void)mallopt(M_MMAP_THRESHOLD, kOwnPagesFrom);
  (void)mallopt(M_TRIM_THRESHOLD, kTrimFrom);
  // The heap grows by this block and keeps it when it is freed; nothing of it is touched here.
  void* const block = std::malloc(kInLargePages);
  const std::uintptr_t begin = (reinterpret_cast<std::uintptr_t>(block) + kLargePage - 1) & ~(kLargePage - 1);
  if (block != nullptr) {
    // Where the system has no such pages, the small ones do.
    (void)::madvise(reinterpret_cast<void*>(begin), kInLargePages - kLargePage, MADV_HUGEPAGE);
  }
  std::free(block);
#endif
}

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

Environment read_environment(const char* const* environ_block) {
  Environment environment;
  for (; environ_block != nullptr && *environ_block != nullptr; ++environ_block) {
    const std::string_view entry(*environ_block);
    if (const std::size_t equals = entry.find('='); equals != std::string_view::npos) {
      environment.emplace(entry.substr(0, equals), entry.substr(equals + 1));
    }
  }
  return environment;
}

std::string_view value_of(const Environment& environment, std::string_view name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string_view() : std::string_view(found->second);
}

bool is_true(const Environment& environment, std::string_view name) {
  return lower(value_of(environment, name)) == "true";
}

}  // namespace facepipe
