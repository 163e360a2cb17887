// The port with the SQS API.
#pragma once

#include <cstdint>
#include <memory>

#include "http/server/router.h"
#include "http/server/server.h"
#include "serve/door/front_door.h"
#include "serve/ground.h"
#include "serve/ports.h"
#include "serve/service.h"
#include "serve/sqs/sqs_api.h"
#include "serve/storage.h"

namespace facepipe::serve {

// The port with the SQS API. What it is given outlives it.
class SqsPort final : public Service {
 public:
  SqsPort(const Ground& ground, Storage& storage, const Ports& ports)
      : ground_(ground), storage_(storage), ports_(ports) {}
  Status start() override;
  // Long polls end at once; answers that were taken go out.
  void stop(const StopClock& clock) override;
  [[nodiscard]] std::uint16_t port() const { return server_->port(); }  // from start() on

 private:
  [[nodiscard]] SqsApi::Options api_options();
  [[nodiscard]] http::Router routes();

  const Ground& ground_;
  Storage& storage_;
  const Ports& ports_;
  std::optional<FrontDoor> door_;
  std::optional<SqsApi> api_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace facepipe::serve
