// What a server keeps, and who may come in.
#pragma once

#include <memory>

#include "access/live_access.h"
#include "faces/face_store.h"
#include "queue/store/queue_store.h"
#include "serve/ground.h"
#include "serve/kept_counts.h"
#include "serve/service.h"

namespace facepipe::serve {

// What is kept, and who may come in: makes the data folder, follows its access file, refuses to listen where that is
// not safe (check_exposure), opens the stores and makes the queues. The accessors: from
// start() on, thread-safe.
class Storage final : public Service {
 public:
  explicit Storage(const Ground& ground) : ground_(ground) {}
  Status start() override;
  [[nodiscard]] access::LiveAccess& access() { return *access_; }
  [[nodiscard]] queue::QueueStore& store() { return *store_; }
  [[nodiscard]] const std::string& run_token() const { return run_token_; }
  [[nodiscard]] faces::FaceStore* faces() { return faces_.get(); }  // null: nothing is kept (ServeOptions::keep)

 private:
  [[nodiscard]] Status open_store();
  [[nodiscard]] Status open_faces();

  const Ground& ground_;
  std::unique_ptr<access::LiveAccess> access_;
  std::string run_token_;  // LiveAccess::add_run_token
  std::unique_ptr<queue::QueueStore> store_;
  std::unique_ptr<faces::FaceStore> faces_;
  std::optional<KeptCounts> counts_;
};

}  // namespace facepipe::serve
