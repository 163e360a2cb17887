// Tested by service_test.cc.
#include "serve/service.h"

namespace facepipe::serve {

ServiceList::~ServiceList() {
  stop(std::chrono::milliseconds{0});
  while (!services_.empty()) {
    services_.pop_back();
  }
}

Status ServiceList::start() {
  for (const auto& service : services_) {
    ++started_;
    FACEPIPE_TRY(service->start());
  }
  return {};
}

void ServiceList::stop(std::chrono::milliseconds grace) {
  const StopClock clock(grace);  // one grace for all: what one takes, the next does not have
  for (std::size_t i = started_; i > 0; --i) {
    services_[i - 1]->request_stop();
  }
  for (; started_ > 0; --started_) {
    services_[started_ - 1]->stop(clock);
  }
}

}  // namespace facepipe::serve
