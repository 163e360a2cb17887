// What this process has of the system: descriptors, heap, processors, environment variables.
#pragma once

#include <unistd.h>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace facepipe {

// Raises the soft limit of open descriptors to the hard one, which needs no privilege, and returns the limit that holds
// then. The soft one is low (1,024) for programs that use select(); this one does not. Call it before threads start.
std::size_t raise_descriptor_limit();

// Where standard input, output or error is closed, opens /dev/null in its place, so that no file or connection that is
// opened later gets its number and what is printed. Reading and writing there fail as before. Call it first of all.
void open_standard_descriptors();

// The limit that holds now, and the descriptors that are open now; an unreadable /proc counts as none open.
[[nodiscard]] std::size_t descriptor_limit();
[[nodiscard]] std::size_t open_descriptors();

// A file descriptor with an owner.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { static_cast<void>(close_now()); }
  [[nodiscard]] int get() const { return fd_; }
  // False: closing told of a write that had failed.
  [[nodiscard]] bool close_now() {
    const int fd = std::exchange(fd_, -1);
    return fd < 0 || ::close(fd) == 0;
  }

 private:
  int fd_;
};

// Of a long-running program: freed memory goes back to the system instead of staying resident: a few arenas for all
// threads (by default eight a core, each of which keeps what was freed in it), and every block from a quarter of a MiB
// on in pages of its own. Once, before threads are started. Nothing happens with another C library than glibc.
void keep_heap_small();

// Of a program that is started often and seldom does two things at once: one heap for all threads, which keeps what was
// freed and whose first 32 MiB are in pages of 2 MiB where the system has them, so that neither the start nor each call
// pays for thousands of small pages (docs/performance.md). Once, before threads are started; not beside the other.
void keep_heap_ready();

// Where Linux says how many processors there are; tests have files of their own.
struct CpuSources {
  std::filesystem::path own_groups = "/proc/self/cgroup";
  std::filesystem::path groups = "/sys/fs/cgroup";
};

// The processors that the scheduler lets this thread run on (affinity, cpuset), or what the CPU quotas of its control
// groups (version 2 and 1, each group up to the root) leave of them, rounded up to a whole one. At least 1; what cannot
// be read sets no limit. Looks anew at each call.
[[nodiscard]] int usable_cpus(const CpuSources& sources = {});

// A program's environment variables as a value, so that what reads them can be tested.
using Environment = std::map<std::string, std::string, std::less<>>;

// A copy of `environ_block`, as the C library's environ: ended by a null pointer. Entries without "=" are left out, and
// of a repeated name the first counts, as for getenv.
[[nodiscard]] Environment read_environment(const char* const* environ_block);

// Empty where the name is not there: a variable that is set to nothing counts as not set. The view lives as long as the
// environment.
[[nodiscard]] std::string_view value_of(const Environment& environment, std::string_view name);

// Whether the variable says "true", in any case: what the AWS SDKs take for a switch.
[[nodiscard]] bool is_true(const Environment& environment, std::string_view name);

}  // namespace facepipe
