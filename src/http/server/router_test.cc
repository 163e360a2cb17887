// Which route takes a request, and what each route alone has.
#include "http/server/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/server/server.h"
#include "http/test_socket.h"

namespace facepipe::http {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using testing::TestSocket;

Handler says(const std::string& text) {
  return [text](const Request& request, Responder respond) {
    respond(make_response(200, "text/plain", text + request.body));
  };
}

Guard refuses(int status) {
  return [status](const Request&) { return std::optional(make_response(status, "text/plain", "")); };
}

Router some_routes() {
  Router router({}, "nothing here");
  router.add({.method = "POST", .path = "/", .rules = {}, .handler = says("posted")});
  router.add({.method = "GET", .path = "/page", .rules = {}, .handler = says("page")});
  router.add({.method = "GET", .path = "/static/*", .rules = {}, .handler = says("file")});
  router.add({.method = "PUT", .path = "/page", .rules = {}, .handler = says("put")});
  return router;
}

Response ask(const Router& router, const std::string& method, const std::string& target) {
  Response got;
  router.handle({method, target, {}, {}, {}}, Responder([&got](Response response) { got = std::move(response); }));
  return got;
}

TEST(Router, MethodAndPathChooseTheHandler) {
  const Router router = some_routes();
  EXPECT_EQ(ask(router, "POST", "/?camera=a").body, "posted");
  EXPECT_EQ(ask(router, "GET", "/page").body, "page");
  EXPECT_EQ(ask(router, "HEAD", "/page").body, "page");
  EXPECT_EQ(ask(router, "PUT", "/page").body, "put");
  EXPECT_EQ(ask(router, "GET", "/static/a/b.js?v=1").body, "file");
  EXPECT_EQ(ask(Router(says("all")), "OPTIONS", "*").body, "all");
}

TEST(Router, WhatItDoesNotHave) {
  const Router router = some_routes();
  for (const char* path : {"/pag", "/page/", "/%70age", "/static", ""}) {
    EXPECT_EQ(ask(router, "GET", path).status, 404) << path;
  }
  EXPECT_EQ(ask(router, "GET", "/x").body, R"({"error":"nothing here"})");
  const Response post = ask(router, "DELETE", "/");
  EXPECT_EQ(post.status, 405);
  EXPECT_EQ(header(post.headers, "allow"), "POST");
  EXPECT_EQ(post.body, R"({"error":"expected POST, got DELETE"})");
  EXPECT_EQ(header(ask(router, "OPTIONS", "/page").headers, "allow"), "GET, HEAD, PUT");
  EXPECT_EQ(ask(router, "POST", "/static/x").body, R"({"error":"expected GET, got POST"})");
}

TEST(Router, ASegmentInBracesIsAnyOne) {
  Router router({}, "nothing");
  const auto names = [](const char* path) {
    return [path](const Request& request, Responder respond) {
      std::string text = path;
      for (const std::string& value : path_parameters(path, request.target)) {
        text += "|" + value;
      }
      respond(make_response(200, "text/plain", text));
    };
  };
  for (const char* path : {"/people/{id}", "/people/{id}/pictures/{picture}", "/people/{id}/pictures"}) {
    router.add({.method = "GET", .path = path, .rules = {}, .handler = names(path)});
  }
  EXPECT_EQ(ask(router, "GET", "/people/a%2Fb+c?x=/").body, "/people/{id}|a/b+c");
  EXPECT_EQ(ask(router, "GET", "/people/1/pictures").body, "/people/{id}/pictures|1");
  EXPECT_EQ(ask(router, "GET", "/people/1/pictures/2").body, "/people/{id}/pictures/{picture}|1|2");
  for (const char* path : {"/people", "/people/", "/people/1/", "/people//pictures", "/people/1/pictures/2/3"}) {
    EXPECT_EQ(ask(router, "GET", path).status, 404) << path;
  }
  EXPECT_EQ(ask(router, "PUT", "/people/1").status, 405);
}

TEST(Router, GuardsAreAskedInTurnAndTheRateOnlyOfWhatIsTaken) {
  Router router({.guards = {refuses(401)}, .headers = {}, .cors = nullptr}, "nothing");
  router.add({.method = "GET", .path = "/open", .rules = {}, .handler = says("open")});
  int asked = 0;
  router.add({.method = "POST", .path = "/rate", .rules = {}, .handler = says("in"), .rate = [&asked](const Request&) {
                ++asked;
                return std::optional(make_response(429, "text/plain", ""));
              }});
  router.add({.method = "GET",
              .path = "/two",
              .rules = {.guards = {refuses(403), refuses(401)}, .headers = {}, .cors = nullptr},
              .handler = says("in"),
              .rate = refuses(429)});
  const auto status = [&router](const char* method, const char* target) {
    const auto refused = router.admit({method, target, {}, {}, {}});
    return refused ? refused->status : 0;
  };
  EXPECT_EQ(status("GET", "/open?x"), 0);
  EXPECT_EQ(status("POST", "/open"), 0) << "who asks with a wrong method is asked the same";
  EXPECT_EQ(status("GET", "/nothing"), 401);
  EXPECT_EQ(status("GET", "/two"), 403);
  EXPECT_EQ(status("GET", "/rate"), 0);
  EXPECT_EQ(asked, 0);
  EXPECT_EQ(status("POST", "/rate"), 429);
  EXPECT_EQ(asked, 1);
}

TEST(Router, HeadersAndBodyLimitsAreARoutesOwn) {
  Router router({}, "nothing");
  router.add({.method = "GET",
              .path = "/page",
              .rules = {.guards = {},
                        .headers = {{"content-security-policy", "script-src 'self'"}},
                        .cors = [](const Request&) { return Headers{{"access-control-allow-origin", "https://a"}}; }},
              .handler = says("page")});
  router.add(
      {.method = "POST", .path = "/small", .rules = {}, .handler = says("got "), .rate = nullptr, .max_body_bytes = 4});
  router.add({.method = "POST", .path = "/", .rules = {}, .handler = says("got ")});
  ServerOptions options;
  options.response_headers = {{"content-security-policy", "default-src 'none'"}, {"x-all", "1"}};
  const auto server = Server::start(options, std::move(router), null_logger());
  ASSERT_TRUE(server) << server.error().message;
  const auto answer = [&server](const std::string& request) {
    const TestSocket socket = TestSocket::connect((*server)->port());
    socket.send(request);
    return socket.read_response();
  };
  EXPECT_THAT(answer("GET /page HTTP/1.1\r\nHost: a\r\n\r\n"),
              AllOf(HasSubstr("script-src 'self'"), Not(HasSubstr("default-src")), HasSubstr("x-all: 1\r\n"),
                    HasSubstr("access-control-allow-origin: https://a\r\n")));
  EXPECT_THAT(answer("GET /none HTTP/1.1\r\nHost: a\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 404 "), HasSubstr("default-src 'none'"), Not(HasSubstr("access-control"))));
  const std::string chunked = " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n";
  const std::string whole = " HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde";
  for (const std::string& body : {chunked, whole}) {
    EXPECT_THAT(answer("POST /small" + body), AllOf(StartsWith("HTTP/1.1 413 "), HasSubstr("at most 4 bytes")));
    EXPECT_THAT(answer("POST /" + body), EndsWith("got abcde"));
  }
}

}  // namespace
}  // namespace facepipe::http
