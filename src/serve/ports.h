// What the two ports of `facepipe serve` have in common: the memory of bodies, connections, who a browser may be.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/log.h"
#include "http/server/server.h"
#include "serve/door/browser_rules.h"
#include "serve/serve.h"
#include "serve/service.h"

namespace facepipe::serve {

// Shares out descriptors and body memory. It is started when everything else that keeps a descriptor is open. Options
// and logger outlive it.
class Ports final : public Service {
 public:
  Ports(const ServeOptions& options, Logger& logger) : options_(options), logger_(logger) {}
  // kExhausted naming the limit of open descriptors where it leaves no room for connections; connections that it
  // leaves no room for are told to the log.
  Status start() override;
  // Of a server on `port`; body limit and admission are its own.
  [[nodiscard]] http::ServerOptions listen_options(std::uint16_t port) const;
  [[nodiscard]] BrowserRules browser_rules() const;

 private:
  const ServeOptions& options_;
  Logger& logger_;
  std::size_t served_ = 0;    // connections of a port
  std::size_t refused_ = 64;  // more that are told that they are too many
  std::shared_ptr<http::SharedLimits> shared_limits_;
};

}  // namespace facepipe::serve
