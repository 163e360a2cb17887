#include "serve/door/browser_rules.h"

#include <gtest/gtest.h>

namespace facepipe::serve {
namespace {

http::Request from(const std::string& host, const std::string& origin = "", const std::string& site = "") {
  http::Request request;
  request.method = "POST";
  request.headers = {{"host", host}};
  if (!origin.empty()) {
    request.headers.emplace_back("origin", origin);
  }
  if (!site.empty()) {
    request.headers.emplace_back("sec-fetch-site", site);
  }
  return request;
}

bool taken(const http::Request& request, const BrowserRules& rules = {}) {
  return !refuse_of_browser(rules, request).has_value();
}

TEST(BrowserRules, HostsOfThisMachine) {
  for (const char* host : {"localhost", "LocalHost:8080", "127.0.0.1", "127.0.0.1:8080", "127.8.9.1:1", "[::1]:8080"}) {
    EXPECT_TRUE(taken(from(host))) << host;
  }
  for (const char* host : {"", "evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example",
                           "192.168.1.2", "[::2]", "[", ":", "127.0.0.1@evil.example"}) {
    EXPECT_FALSE(taken(from(host))) << host;
  }
  EXPECT_TRUE(taken(from("Cam.Local:80"), {.check_host = true, .hosts = {"cam.local"}, .allowed_origins = {}}));
  EXPECT_TRUE(taken(from("anything.example"), {.check_host = false, .hosts = {}, .allowed_origins = {}}));
}

TEST(BrowserRules, PagesOfOtherSites) {
  EXPECT_TRUE(taken(from("127.0.0.1:8080", "http://127.0.0.1:8080", "same-origin")));
  EXPECT_TRUE(taken(from("localhost", "http://LOCALHOST")));
  EXPECT_TRUE(taken(from("localhost", "", "none")));
  EXPECT_TRUE(taken(from("localhost", "", "same-origin")));
  for (const char* origin : {"http://evil.example", "null", "http://127.0.0.1:3000", "http://127.0.0.1", "file://",
                             "http://127.0.0.1:8080.evil.example"}) {
    EXPECT_FALSE(taken(from("127.0.0.1:8080", origin))) << origin;
  }
  EXPECT_FALSE(taken(from("localhost", "", "cross-site")));
  EXPECT_FALSE(taken(from("localhost", "", "same-site")));
  EXPECT_FALSE(taken(from("", "file://"), {.check_host = false, .hosts = {}, .allowed_origins = {}}));
}

TEST(BrowserRules, AllowedOrigins) {
  const BrowserRules rules{.check_host = true, .hosts = {}, .allowed_origins = {"https://Cameras.example"}};
  const http::Request request = from("localhost:8080", "https://cameras.example", "cross-site");
  EXPECT_TRUE(taken(request, rules));
  EXPECT_TRUE(is_allowed_origin(rules, request));
  EXPECT_FALSE(taken(from("localhost:8080", "http://cameras.example"), rules));
  EXPECT_FALSE(is_allowed_origin(rules, from("localhost:8080")));
  const http::Headers headers = cors_headers(request, true);
  EXPECT_EQ(http::header(headers, "access-control-allow-origin"), "https://cameras.example");
  EXPECT_EQ(http::header(headers, "vary"), "origin");
  EXPECT_EQ(http::header(headers, "access-control-allow-headers"), "authorization, content-type");
  EXPECT_EQ(http::header(cors_headers(request, false), "access-control-allow-headers"), "");
}

TEST(BrowserRules, EveryAnswersHeaders) {
  EXPECT_EQ(http::header(safe_headers(), "x-content-type-options"), "nosniff");
  EXPECT_EQ(http::header(safe_headers(), "cache-control"), "no-store");
}

}  // namespace
}  // namespace facepipe::serve
