// The port with the SQS API.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/log.h"
#include "http/server/server.h"
#include "serve/door/front_door.h"
#include "serve/ports.h"
#include "serve/service.h"
#include "serve/sqs/sqs_api.h"
#include "serve/storage.h"

namespace facepipe::serve {

// What it is given outlives it.
class SqsPort final : public Service {
 public:
  SqsPort(const ServeOptions& options, Storage& storage, const Ports& ports, Logger& logger)
      : options_(options), storage_(storage), ports_(ports), logger_(logger) {}
  Status start() override;
  // Long polls end at once; answers that were taken go out.
  void stop(const StopClock& clock) override;
  [[nodiscard]] std::uint16_t port() const { return server_->port(); }  // from start() on

 private:
  [[nodiscard]] SqsApi::Options api_options();
  [[nodiscard]] http::Router routes();

  const ServeOptions& options_;
  Storage& storage_;
  const Ports& ports_;
  Logger& logger_;
  std::optional<FrontDoor> door_;
  std::optional<SqsApi> api_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace facepipe::serve
