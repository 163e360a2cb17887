// Tested end to end by tests/e2e.
#include <algorithm>

#include "base/process.h"
#include "base/text.h"
#include "serve/door/front_door.h"
#include "serve/services.h"

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
  served_ = std::min(options_.max_connections, share - refused_);
  if (served_ < options_.max_connections) {
    logger_.warning("connections_limited", {{"max_connections", static_cast<std::int64_t>(served_)},
                                            {"wanted", static_cast<std::int64_t>(options_.max_connections)},
                                            {"descriptors", static_cast<std::int64_t>(limit)}});
  }
  shared_limits_ = http::make_shared_limits(options_.max_total_body_bytes);
  return {};
}

http::ServerOptions Ports::listen_options(std::uint16_t port) const {
  http::ServerOptions options;
  options.address = options_.address;
  options.port = port;
  options.tls = options_.tls;
  options.max_connections = served_;
  options.max_refused_connections = refused_;
  options.shared_limits = shared_limits_;
  options.max_connections_per_address = options_.max_connections_per_address;
  options.response_headers = safe_headers();
  return options;
}

BrowserRules Ports::browser_rules() const {
  BrowserRules rules;
  rules.check_host = is_loopback(options_.address) || !options_.hosts.empty();
  rules.hosts = options_.hosts;
  rules.hosts.push_back(options_.address);
  rules.allowed_origins = options_.allowed_origins;
  return rules;
}

}  // namespace facepipe::serve
