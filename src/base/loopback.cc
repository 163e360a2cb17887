// Tested by loopback_test.cc.
#include "base/loopback.h"

#include <arpa/inet.h>
#include <netinet/in.h>

namespace facepipe {

bool is_loopback(const std::string& address) {
  in_addr v4{};
  if (inet_pton(AF_INET, address.c_str(), &v4) == 1) {
    return ntohl(v4.s_addr) >> 24U == IN_LOOPBACKNET;
  }
  in6_addr v6{};
  return inet_pton(AF_INET6, address.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

bool is_loopback_host(const std::string& host) {
  return host == "localhost" || is_loopback(host);
}

}  // namespace facepipe
