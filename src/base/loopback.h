// Whether a machine is asked to talk to itself.
#pragma once

#include <string>

namespace facepipe {

// An address as text: IPv4 of 127.0.0.0/8 (four decimal parts) or ::1, in any of its spellings. False of names.
[[nodiscard]] bool is_loopback(const std::string& address);
// The same, or "localhost": a host of a URL or of a Host header, in lower case, without brackets and port.
[[nodiscard]] bool is_loopback_host(const std::string& host);

}  // namespace facepipe
