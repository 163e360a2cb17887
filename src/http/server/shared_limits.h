// Memory of bodies and descriptors, shared by the servers of a process: internal to the module, shows Boost.
#pragma once

#include <cstddef>
#include <mutex>
#include <vector>

#include "base/memory_budget.h"
#include "http/server/progress.h"

namespace facepipe::http {

class Session;
struct ServerCore;

// Bodies up to this may use all of the memory for bodies, larger ones three quarters: small frames pass through a flood
// of large ones, and are never what makes room for them.
inline constexpr std::size_t kSmallBody = std::size_t{1} << 20U;

// Thread-safe. Its mutex is taken before that of a core.
class SharedLimits {
 public:
  explicit SharedLimits(std::size_t max_total_body_bytes) : memory_(max_total_body_bytes, "--max-body-memory") {}
  SharedLimits(const SharedLimits&) = delete;
  SharedLimits& operator=(const SharedLimits&) = delete;
  ~SharedLimits() = default;

  // A core takes part between the two.
  void join(ServerCore& core);
  void leave(ServerCore& core);

  [[nodiscard]] std::size_t total() const { return memory_.total(); }
  [[nodiscard]] std::size_t used() const { return memory_.used(); }  // by bodies and answers
  // Lets `share` grow to `bytes`; false if there is not as much, so that `keep_free` is left. Then somebody is told to
  // make room, if somebody can: worth another try a little later. Those are the slowest, as many as it takes; where
  // nobody is slow and `share` is not the first one, the requests that began last: so the first ones are read to their
  // end, instead of all of them to their half.
  [[nodiscard]] bool grow(MemoryShare& share, std::size_t bytes, std::size_t keep_free, const Session& asking);
  // Tells a connection of any of the servers to end; false if there is none that may.
  bool shed_for_descriptor();

 private:
  struct Choice {
    ServerCore* core = nullptr;
    std::shared_ptr<Session> session;
  };
  struct MemoryHolders {
    std::vector<Choice> slow;       // the slowest first
    std::vector<Choice> late;       // those that are read and began after the one that asks, the last first
    std::size_t about_to_come = 0;  // bytes of those that were told already
  };
  [[nodiscard]] MemoryHolders memory_holders(const Session& asking) const;
  static void tell(const Choice& choice);

  MemoryBudget memory_;
  std::mutex mutex_;
  std::vector<ServerCore*> cores_;
};

}  // namespace facepipe::http
