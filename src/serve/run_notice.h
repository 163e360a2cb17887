// How commands find a server.
#pragma once

#include "serve/frame_port.h"
#include "serve/ground.h"
#include "serve/service.h"
#include "serve/storage.h"

namespace facepipe::serve {

// How commands on this data folder find the server (access/run_file.h): last to start, first to end. Where the file
// cannot be written the log says so, and commands do not find it. What it is given outlives it.
class RunNotice final : public Service {
 public:
  RunNotice(const Ground& ground, Storage& storage, const FramePort& frames)
      : ground_(ground), storage_(storage), frames_(frames) {}
  ~RunNotice() override { stop(StopClock(std::chrono::milliseconds(0))); }
  Status start() override;
  void stop(const StopClock& clock) override;

 private:
  const Ground& ground_;
  Storage& storage_;
  const FramePort& frames_;
  bool written_ = false;
};

}  // namespace facepipe::serve
