#include "serve/door/front_door.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "access/access_file.h"
#include "base/file.h"
#include "base/temporary_folder.h"

namespace facepipe::serve {
namespace {

using ::testing::HasSubstr;

class FrontDoorTest : public ::testing::Test {
 protected:
  void open(bool with_token) {
    if (with_token) {
      ASSERT_TRUE(access::edit_access(folder_ / "access.json", [](access::AccessData& data) -> Status {
        data.tokens.push_back({"id", "", access::token_digest("secret-token"), "", access::Role::kManage});
        data.tokens.push_back({"id2", "hall", access::token_digest("frames-token"), "", access::Role::kFrames});
        data.tokens.push_back({"id3", "", access::token_digest("read-token"), "", access::Role::kRead});
        return {};
      }));
    }
    auto live = access::LiveAccess::open(folder_ / "access.json", std::nullopt, null_logger());
    ASSERT_TRUE(live);
    access_ = *std::move(live);
    FrontDoorOptions options;
    options.port_name = "frames";
    options.tokens = access_.get();
    options.browser.allowed_origins = {"https://cameras.example"};
    door_ = std::make_unique<FrontDoor>(std::move(options), logger_);
    router_.emplace(door_->rules(FrontDoor::For::kTokens), "nothing");
    router_->add({"GET", "/healthz", door_->rules(FrontDoor::For::kEverybody), nullptr});
    router_->add({"POST", "/", door_->rules(FrontDoor::For::kFrames), nullptr});
    router_->add({"POST", "/read", door_->rules(FrontDoor::For::kRead), nullptr});
    router_->add({"POST", "/manage", door_->rules(FrontDoor::For::kManage), nullptr});
  }
  static http::Request request(const std::string& authorization, const std::string& target = "/") {
    http::Request made;
    made.method = "POST";
    made.target = target;
    made.peer = "127.0.0.1";
    made.headers = {{"host", "127.0.0.1:8080"}};
    if (!authorization.empty()) {
      made.headers.emplace_back("authorization", authorization);
    }
    return made;
  }
  // 0: admitted.
  int status(const http::Request& head) {
    const auto refused = router_->admit(head);
    return refused ? refused->status : 0;
  }
  const TemporaryFolder folder_;
  std::vector<std::string> lines_;
  Logger logger_{LogLevel::kInfo, [this](std::string_view line) { lines_.emplace_back(line); }};
  std::unique_ptr<access::LiveAccess> access_;
  std::unique_ptr<FrontDoor> door_;
  std::optional<http::Router> router_;
};

TEST_F(FrontDoorTest, WithoutTokensEverybodyComesIn) {
  open(false);
  EXPECT_EQ(status(request("")), 0);
  EXPECT_EQ(door_->visitor(request(""))->name, "anybody");
}

TEST_F(FrontDoorTest, WithoutTokensTheRunTokenStillSaysWhoAsks) {
  open(false);
  access_->add_run_token("run-token");
  EXPECT_EQ(door_->visitor(request("Bearer run-token"))->name, access::kRunHolder);
  EXPECT_EQ(door_->visitor(request("Bearer of-another-server"))->name, "anybody");
}

TEST_F(FrontDoorTest, WithOneItIsDemanded) {
  open(true);
  EXPECT_EQ(status(request("Bearer secret-token")), 0);
  EXPECT_EQ(status(request("bearer   secret-token")), 0);
  for (const char* header : {"", "Bearer", "Bearer ", "Bearer  ", "Bearer other", "Bearer secret-token2",
                             "Bearer secret-toke", "Basic secret-token", "secret-token", "Bearersecret-token"}) {
    EXPECT_EQ(status(request(header)), 401) << header;
  }
  EXPECT_EQ(status(request("", "/healthz")), 0);
  EXPECT_EQ(status(request("", "/healthz?x=1")), 0);
  EXPECT_EQ(status(request("", "/metrics")), 401);
  EXPECT_EQ(status(request("", "/%68ealthz")), 401);
  EXPECT_EQ(status(request("", "/nothing")), 401);
}

TEST_F(FrontDoorTest, ATokenOpensWhatItsRoleMayUse) {
  open(true);
  const struct {
    const char* token;
    int frames, read, manage;
  } cases[] = {{"secret-token", 0, 0, 0}, {"frames-token", 0, 403, 403}, {"read-token", 403, 0, 403}};
  for (const auto& test : cases) {
    const std::string header = std::string("Bearer ") + test.token;
    EXPECT_EQ(status(request(header)), test.frames) << test.token;
    EXPECT_EQ(status(request(header, "/read")), test.read) << test.token;
    EXPECT_EQ(status(request(header, "/manage")), test.manage) << test.token;
    EXPECT_EQ(status(request(header, "/metrics")), 0) << test.token;
  }
  const auto refused = router_->admit(request("Bearer frames-token", "/manage"));
  EXPECT_THAT(refused->body, HasSubstr("the role manage, got one of the role frames"));
  EXPECT_EQ(door_->visitor(request("Bearer frames-token"))->name, "hall");
  EXPECT_FALSE(door_->visitor(request("Bearer other")));
}

TEST_F(FrontDoorTest, ASessionIsWorthItsTokenUntilThatIsRevoked) {
  open(true);
  EXPECT_TRUE(door_->sign_in_needed());
  http::Headers headers;
  ASSERT_TRUE(door_->sign_in(request(""), "read-token", headers));
  const std::string set(http::header(headers, "set-cookie"));
  EXPECT_THAT(set, ::testing::AllOf(HasSubstr("; Path=/"), HasSubstr("; HttpOnly"), HasSubstr("; SameSite=Strict"),
                                    ::testing::Not(HasSubstr("Secure"))));
  http::Request page = request("", "/read");
  page.headers.emplace_back("cookie", "theme=dark; " + set.substr(0, set.find(';')));
  EXPECT_EQ(status(page), 403) << "a write that nothing says is of our page";
  page.headers.emplace_back("origin", "http://127.0.0.1:8080");
  EXPECT_EQ(status(page), 0);
  page.target = "/manage";
  EXPECT_EQ(status(page), 403);
  page.headers.pop_back();
  page.target = "/metrics";
  page.method = "GET";
  EXPECT_EQ(status(page), 0);
  EXPECT_EQ(door_->visitor(page)->id, "id3");
  ASSERT_TRUE(access::edit_access(folder_ / "access.json", [](access::AccessData& data) -> Status {
    data.tokens.pop_back();
    return {};
  }));
  EXPECT_EQ(status(page), 401);
}

TEST_F(FrontDoorTest, SigningOutEndsIt) {
  open(true);
  http::Headers headers;
  ASSERT_TRUE(door_->sign_in(request(""), "read-token", headers));
  http::Request page = request("", "/metrics");
  page.method = "GET";
  page.headers.emplace_back("cookie", headers[0].second.substr(0, headers[0].second.find(';')));
  EXPECT_EQ(status(page), 0);
  door_->sign_out(page, headers);
  EXPECT_THAT(headers[1].second, HasSubstr("facepipe_session=; Max-Age=0"));
  EXPECT_EQ(status(page), 401);
}

TEST_F(FrontDoorTest, ManyWrongTokensAreNotLookedAtAnyMore) {
  open(true);
  http::Headers headers;
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(door_->sign_in(request(""), "wrong", headers).error().code, ErrorCode::kPermission);
  }
  EXPECT_EQ(door_->sign_in(request(""), "read-token", headers).error().code, ErrorCode::kExhausted);
  http::Request other = request("");
  other.peer = "127.0.0.2";
  EXPECT_TRUE(door_->sign_in(other, "read-token", headers));
}

TEST_F(FrontDoorTest, TheRefusalSaysHowAndIsLoggedWithItsIdAlone) {
  open(true);
  const auto refused = router_->admit(request("Bearer wrong-token"));
  ASSERT_TRUE(refused);
  EXPECT_EQ(http::header(refused->headers, "www-authenticate"), "Bearer realm=\"facepipe\"");
  EXPECT_THAT(refused->body, HasSubstr("Authorization: Bearer TOKEN"));
  const std::string id(http::header(refused->headers, "x-request-id"));
  EXPECT_FALSE(id.empty());
  for (int i = 0; i < 1'000; ++i) {
    EXPECT_EQ(status(request("Bearer wrong-token")), 401);
  }
  ASSERT_EQ(lines_.size(), 1U);
  EXPECT_THAT(lines_[0], HasSubstr(id));
  EXPECT_THAT(lines_[0], HasSubstr("\"status\":401"));
  EXPECT_EQ(lines_[0].find("wrong-token"), std::string::npos);
}

TEST_F(FrontDoorTest, PagesOfOtherSitesStayOutAndAllowedOnesPreflight) {
  open(true);
  http::Request page = request("Bearer secret-token");
  page.headers.emplace_back("origin", "https://evil.example");
  EXPECT_EQ(status(page), 403);
  page.headers.back().second = "https://cameras.example";
  EXPECT_EQ(status(page), 0);
  http::Request preflight = request("");
  preflight.method = "OPTIONS";
  preflight.headers.emplace_back("origin", "https://cameras.example");
  const auto answer = router_->admit(preflight);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 204);
  const http::Headers headers = router_->rules_of(page).cors(page);
  EXPECT_EQ(http::header(headers, "access-control-allow-origin"), "https://cameras.example");
  EXPECT_TRUE(router_->rules_of(page).cors(request("")).empty());
}

TEST_F(FrontDoorTest, WhileTheTokensAreNotKnownNobodyComesInAndIsToldToTryAgain) {
  open(true);
  EXPECT_EQ(status(request("Bearer secret-token")), 0);
  ASSERT_TRUE(write_file_atomically(folder_ / "access.json", as_bytes("{"), /*private_file=*/true));
  for (const char* authorization : {"Bearer secret-token", "Bearer other", ""}) {
    const auto refused = router_->admit(request(authorization));
    ASSERT_TRUE(refused.has_value());
    EXPECT_EQ(refused->status, 503);
    EXPECT_EQ(http::header(refused->headers, "retry-after"), "1");
    EXPECT_THAT(refused->body, HasSubstr("try again in a second"));
    EXPECT_THAT(refused->body, ::testing::Not(HasSubstr("access.json")));
  }
  EXPECT_EQ(status(request("", "/healthz")), 0);
}

}  // namespace
}  // namespace facepipe::serve
