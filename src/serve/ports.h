// What the ports of a server have in common.
#pragma once

#include <cstdint>
#include <memory>

#include "http/server/server.h"
#include "serve/door/browser_rules.h"
#include "serve/ground.h"
#include "serve/service.h"

namespace facepipe::serve {

// What the two ports have in common: the memory of bodies, connections, who a browser may be. Shares out descriptors
// and body memory. It is started when everything else that keeps a descriptor is open.
class Ports final : public Service {
 public:
  explicit Ports(const Ground& ground) : ground_(ground) {}
  // kExhausted naming the limit of open descriptors where it leaves no room for connections; connections that it
  // leaves no room for are told to the log.
  Status start() override;
  // Of a server on `port`; body limit and admission are its own.
  [[nodiscard]] http::ServerOptions listen_options(std::uint16_t port) const;
  [[nodiscard]] BrowserRules browser_rules() const;

 private:
  const Ground& ground_;
  std::size_t served_ = 0;    // connections of a port
  std::size_t refused_ = 64;  // more that are told that they are too many
  std::shared_ptr<http::SharedLimits> shared_limits_;
};

}  // namespace facepipe::serve
