// Where the events of a server are sent to.
#pragma once

#include <memory>

#include "publish/outbox_sender.h"
#include "publish/output_tester.h"
#include "serve/ground.h"
#include "serve/service.h"
#include "serve/storage.h"

namespace facepipe::serve {

// The outputs that events are sent to: one sender a webhook, and one for tests of it. What it is given outlives it.
class Outputs final : public Service {
 public:
  Outputs(const Ground& ground, Storage& storage) : ground_(ground), storage_(storage) {}
  Status start() override;
  void request_stop() override;  // a sending under way is finished
  void stop(const StopClock& clock) override;
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }  // from start() on
  // From start() on, thread-safe. As publish::OutputTester::test; kNotFound for no such output.
  [[nodiscard]] Result<std::optional<publish::Tested>> test(const std::string& output, std::string_view who) const;

 private:
  [[nodiscard]] Result<std::vector<std::unique_ptr<publish::Publisher>>> make_publishers();

  const Ground& ground_;
  Storage& storage_;
  std::vector<std::string> names_;
  std::vector<std::unique_ptr<publish::OutboxSender>> senders_;
  std::vector<std::unique_ptr<publish::OutputTester>> testers_;
};

}  // namespace facepipe::serve
