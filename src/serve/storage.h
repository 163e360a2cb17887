// What `facepipe serve` keeps: the data folder with the queues, and who may come in.
#pragma once

#include <memory>

#include "access/live_access.h"
#include "base/log.h"
#include "queue/store/queue_store.h"
#include "serve/serve.h"
#include "serve/service.h"

namespace facepipe::serve {

// Makes the data folder, follows its access file, refuses to listen where that is not safe (check_exposure), opens the
// store and makes the queues. Options and logger outlive it. The accessors: from start() on, thread-safe.
class Storage final : public Service {
 public:
  Storage(const ServeOptions& options, Logger& logger) : options_(options), logger_(logger) {}
  Status start() override;
  [[nodiscard]] access::LiveAccess& access() { return *access_; }
  [[nodiscard]] queue::QueueStore& store() { return *store_; }

 private:
  [[nodiscard]] Status open_store();

  const ServeOptions& options_;
  Logger& logger_;
  std::unique_ptr<access::LiveAccess> access_;
  std::unique_ptr<queue::QueueStore> store_;
};

}  // namespace facepipe::serve
