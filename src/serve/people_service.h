// The desk where people are changed, and pictures looked at, as a service: what the APIs of the frame port share.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "look/look.h"
#include "people/people_desk.h"
#include "serve/services.h"

namespace facepipe::serve {

// Completes a change that a crash cut in two, and tidies up every hour. What it is given outlives it; the accessors:
// from start() on, thread-safe.
class PeopleService final : public Service {
 public:
  // `visits` may be null: the records as they are kept.
  PeopleService(const ServeOptions& options, Storage& storage, Models& models, WorkMemory& memory, Logger& logger,
                std::function<people::VisitDesk*()> visits = nullptr)
      : options_(options),
        storage_(storage),
        models_(models),
        memory_(memory),
        logger_(logger),
        visits_(std::move(visits)) {}
  ~PeopleService() override { end(); }
  Status start() override;
  void stop(const StopClock& /*clock*/) override { end(); }
  [[nodiscard]] people::PeopleDesk& desk() { return *desk_; }
  [[nodiscard]] const look::Looker& looker() const { return *looker_; }

 private:
  void tidy();
  void end();

  const ServeOptions& options_;
  Storage& storage_;
  Models& models_;
  WorkMemory& memory_;
  Logger& logger_;
  const std::function<people::VisitDesk*()> visits_;
  std::optional<people::PeopleDesk> desk_;
  std::optional<look::Looker> looker_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
  std::thread tidying_;  // last: it uses all of the above
};

}  // namespace facepipe::serve
