// A part of `facepipe serve` that is started and stopped in order.
#pragma once

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include "base/result.h"
#include "serve/stop_clock.h"

namespace facepipe::serve {

// start() and stop() are called once each, by one thread; stop() also after a start() that failed.
class Service {
 public:
  virtual ~Service() = default;
  // Opens what it needs and begins to work. Errors name the file, port or option.
  [[nodiscard]] virtual Status start() = 0;
  // Takes no more work and lets what waits for nothing more go on, before any service is stopped. Returns at once.
  virtual void request_stop() {}
  // Ends within what the clock leaves, and about a second.
  virtual void stop(const StopClock& /*clock*/) {}
};

// Services in the order of their start; each may use those before it. Not thread-safe. Destruction stops, with no
// grace, and destroys from the last to the first.
class ServiceList {
 public:
  ServiceList() = default;
  ServiceList(const ServiceList&) = delete;
  ServiceList& operator=(const ServiceList&) = delete;
  ~ServiceList();
  // Before start(). The reference is good for as long as the list is.
  template <typename Kind>
  Kind& add(std::unique_ptr<Kind> service) {
    Kind& added = *service;
    services_.push_back(std::move(service));
    return added;
  }
  // Starts each, from the first; after an error the later ones are not started. The error is the service's.
  [[nodiscard]] Status start();
  // request_stop() of all that were started, then stop() of each from the last, all within one grace. Idempotent.
  void stop(std::chrono::milliseconds grace);

 private:
  std::vector<std::unique_ptr<Service>> services_;
  std::size_t started_ = 0;  // services whose start() was called
};

}  // namespace facepipe::serve
