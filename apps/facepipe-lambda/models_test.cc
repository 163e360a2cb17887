#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "base/temporary_folder.h"
#include "parts.h"

namespace facepipe::lambda_app {
namespace {

using ::testing::HasSubstr;

struct FindPackTest : ::testing::Test {
  FindPackTest() { config.model = folder / "resnetV1.pt"; }
  std::filesystem::path found() const {
    const auto pack = find_pack(config);
    EXPECT_TRUE(pack.has_value()) << pack.error().message;
    return pack ? *pack : std::filesystem::path();
  }
  const TemporaryFolder folder;
  Config config;
};

TEST_F(FindPackTest, TakesTheNearestPlace) {
  std::filesystem::create_directory(folder / "pack");
  EXPECT_EQ(found(), folder / "pack");
  std::filesystem::create_directory(folder / "resnetV1.pack");
  EXPECT_EQ(found(), folder / "resnetV1.pack");
  config.model = folder.path();
  EXPECT_EQ(found(), folder.path());
  config.pack = folder / "elsewhere";
  EXPECT_EQ(found(), folder / "elsewhere");
}

TEST_F(FindPackTest, NamesEveryPlaceItTried) {
  std::ofstream(folder / "resnetV1.pt") << "a file is no pack";
  const auto pack = find_pack(config);
  ASSERT_FALSE(pack.has_value());
  EXPECT_EQ(pack.error().code, ErrorCode::kNotFound);
  for (const char* name : {"/resnetV1.pt, ", "/resnetV1.pack, ", "/pack ", "FACEPIPE_PACK", "MODEL_PATH"}) {
    EXPECT_THAT(pack.error().message, HasSubstr(name));
  }
}

TEST_F(FindPackTest, LoadingNamesThePackThatIsNone) {
  std::filesystem::create_directory(folder / "pack");
  const auto detector = load_detector(config);
  ASSERT_FALSE(detector.has_value());
  EXPECT_EQ(detector.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(detector.error().message, HasSubstr((folder / "pack").string()));
  EXPECT_FALSE(load_recognition_model(config).has_value());
}

}  // namespace
}  // namespace facepipe::lambda_app
