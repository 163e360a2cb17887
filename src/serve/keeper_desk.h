// What people say of visits goes to whoever follows them while a server runs.
#pragma once

#include "people/visit_desk.h"
#include "visits/visit_keeper.h"

namespace facepipe::serve {

// Thread-safe. The keeper outlives it.
class KeeperDesk final : public people::VisitDesk {
 public:
  explicit KeeperDesk(visits::VisitKeeper& keeper) : keeper_(keeper) {}
  Result<faces::Written> write(const people::Corrections& corrections, faces::Batch batch) override {
    return keeper_.correct(corrections, std::move(batch));
  }
  void forget(faces::PersonId person) override { keeper_.forget(person); }
  void forget(faces::UnknownId group) override { keeper_.forget(group); }

 private:
  visits::VisitKeeper& keeper_;
};

}  // namespace facepipe::serve
