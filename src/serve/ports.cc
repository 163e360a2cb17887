// Tested end to end by tests/e2e.
#include "serve/ports.h"

#include <algorithm>

#include "base/process.h"
#include "base/text.h"
#include "serve/door/front_door.h"

namespace facepipe::serve {
namespace {

// Descriptors that connections leave to others: the store's files and their copies, a gallery, access file or picture
// that is read again, a worker's queues.
constexpr std::size_t kReservedDescriptors = 48;
constexpr std::size_t kDescriptorsOfTwoPorts = 12;  // listeners, and what waits for events
constexpr std::size_t kLeastConnections = 8;

}  // namespace

Status Ports::start() {
  const std::size_t limit = descriptor_limit();
  const std::size_t others = open_descriptors() + kDescriptorsOfTwoPorts + kReservedDescriptors;
  if (limit < others + 4 * kLeastConnections) {
    return Error{ErrorCode::kExhausted, "expected a limit of at least " +
                                            std::to_string(others + 4 * kLeastConnections) + " open descriptors, got " +
                                            std::to_string(limit) + " (ulimit -n, LimitNOFILE)"};
  }
  const std::size_t share = (limit - others) / 2;
  refused_ = std::min(refused_, share / 8);
  served_ = std::min(ground_.options.max_connections, share - refused_);
  if (served_ < ground_.options.max_connections) {
    ground_.logger.warning("connections_limited",
                           {{"max_connections", static_cast<std::int64_t>(served_)},
                            {"wanted", static_cast<std::int64_t>(ground_.options.max_connections)},
                            {"descriptors", static_cast<std::int64_t>(limit)}});
  }
  shared_limits_ = http::make_shared_limits(ground_.options.max_total_body_bytes);
  return {};
}

http::ServerOptions Ports::listen_options(std::uint16_t port) const {
  http::ServerOptions options;
  options.address = ground_.options.address;
  options.port = port;
  options.tls = ground_.options.tls;
  options.max_connections = served_;
  options.max_refused_connections = refused_;
  options.shared_limits = shared_limits_;
  options.max_connections_per_address = ground_.options.max_connections_per_address;
  options.response_headers = safe_headers();
  return options;
}

BrowserRules Ports::browser_rules() const {
  BrowserRules rules;
  rules.check_host = is_loopback(ground_.options.address) || !ground_.options.hosts.empty();
  rules.hosts = ground_.options.hosts;
  rules.hosts.push_back(ground_.options.address);
  rules.allowed_origins = ground_.options.allowed_origins;
  return rules;
}

}  // namespace facepipe::serve
