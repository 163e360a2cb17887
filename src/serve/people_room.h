// The people of a server.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "look/look.h"
#include "people/people_desk.h"
#include "serve/ground.h"
#include "serve/keeper_desk.h"
#include "serve/models.h"
#include "serve/recognition.h"
#include "serve/service.h"
#include "serve/storage.h"

namespace facepipe::serve {

// The place where people are changed, and where pictures are looked at: for the APIs. Completes a change that a crash
// cut in two, and tidies up every hour. What it is given outlives it.
class PeopleRoom final : public Service {
 public:
  PeopleRoom(const Ground& ground, Storage& storage, Models& models, Recognition& recognition)
      : ground_(ground), storage_(storage), models_(models), recognition_(recognition) {}
  ~PeopleRoom() override { end(); }
  Status start() override;
  void stop(const StopClock& /*clock*/) override { end(); }
  // From start() on, thread-safe.
  [[nodiscard]] people::PeopleDesk& desk() { return *desk_; }
  [[nodiscard]] const look::Looker& looker() const { return *looker_; }
  // The name that a person has now; nothing without recognition.
  [[nodiscard]] std::optional<std::string> name_of(gallery::PersonId person);

 private:
  void tidy();
  void end();

  const Ground& ground_;
  Storage& storage_;
  Models& models_;
  Recognition& recognition_;
  std::optional<KeeperDesk> visits_;  // where somebody follows them
  std::optional<people::PeopleDesk> desk_;
  std::optional<look::Looker> looker_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
  std::thread tidying_;  // last: it uses all of the above
};

}  // namespace facepipe::serve
