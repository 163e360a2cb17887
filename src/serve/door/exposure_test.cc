#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "base/temporary_folder.h"
#include "serve/door/front_door.h"

namespace facepipe::serve {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class ExposureTest : public ::testing::Test {
 protected:
  Status check(const std::string& address, bool insecure, bool token, bool key) {
    const access::AccessData data{
        token ? std::vector<access::TokenRecord>{{"id", "", std::string(64, 'a'), "", access::Role::kFrames}}
              : std::vector<access::TokenRecord>(),
        key ? std::vector<access::SqsKeyRecord>{{"key", "secret", "", ""}} : std::vector<access::SqsKeyRecord>()};
    EXPECT_TRUE(access::edit_access(folder_ / "access.json", [&data](access::AccessData& now) -> Status {
      now = data;
      return {};
    }));
    const auto live = access::LiveAccess::open(folder_ / "access.json", std::nullopt, null_logger());
    EXPECT_TRUE(live);
    return check_exposure({address, insecure}, **live, logger_);
  }
  const TemporaryFolder folder_;
  std::vector<std::string> lines_;
  Logger logger_{LogLevel::kInfo, [this](std::string_view line) { lines_.emplace_back(line); }};
};

TEST_F(ExposureTest, LoopbackNeedsNothing) {
  for (const char* address : {"127.0.0.1", "127.1.2.3", "::1"}) {
    EXPECT_TRUE(check(address, false, false, false)) << address;
  }
  EXPECT_TRUE(lines_.empty());
}

TEST_F(ExposureTest, ElsewhereBothAreNeeded) {
  for (const char* address : {"0.0.0.0", "::", "192.168.1.2", "no address"}) {
    EXPECT_FALSE(check(address, false, false, false)) << address;
    EXPECT_FALSE(check(address, false, true, false)) << address;
    EXPECT_FALSE(check(address, false, false, true)) << address;
    EXPECT_TRUE(check(address, false, true, true)) << address;
  }
  EXPECT_TRUE(lines_.empty());
  const Status refused = check("0.0.0.0", false, true, false);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(refused.error().message,
              AllOf(HasSubstr("no SQS key"), HasSubstr("127.0.0.1"), HasSubstr("facepipe token new"),
                    HasSubstr("sqs-key new"), HasSubstr("--insecure")));
}

TEST_F(ExposureTest, InsecureIsSaidAloud) {
  EXPECT_TRUE(check("0.0.0.0", true, false, false));
  ASSERT_EQ(lines_.size(), 1U);
  EXPECT_THAT(lines_[0], AllOf(HasSubstr("\"insecure\""), HasSubstr("0.0.0.0"), HasSubstr("\"level\":\"warning\"")));
  EXPECT_TRUE(check("0.0.0.0", true, true, true));
  EXPECT_EQ(lines_.size(), 1U);
}

}  // namespace
}  // namespace facepipe::serve
