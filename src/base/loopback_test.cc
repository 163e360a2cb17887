#include <gtest/gtest.h>

#include "base/text.h"

namespace facepipe {
namespace {

TEST(Loopback, Addresses) {
  for (const char* address : {"127.0.0.1", "127.255.1.2", "::1", "0:0:0:0:0:0:0:1"}) {
    EXPECT_TRUE(is_loopback(address)) << address;
    EXPECT_TRUE(is_loopback_host(address)) << address;
  }
  for (const char* address :
       {"", "0.0.0.0", "128.0.0.1", "::", "::2", "127.1", "127.0.0.1.example.com", "127.example.com", "10.0.0.1",
        "127.0.0.1.evil", "[::1]", "::ffff:127.0.0.1", "127.0.0.256"}) {
    EXPECT_FALSE(is_loopback(address)) << address;
    EXPECT_FALSE(is_loopback_host(address)) << address;
  }
}

TEST(Loopback, Names) {
  EXPECT_FALSE(is_loopback("localhost"));
  EXPECT_TRUE(is_loopback_host("localhost"));
  EXPECT_FALSE(is_loopback_host("localhost.example.com"));
}

}  // namespace
}  // namespace facepipe
