// What needs no real weights: refusals and the identity of weights. Building packs is tested by embed_golden_test.cc.
#include "packs/pack_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/hash.h"
#include "base/temporary_folder.h"
#include "packs/test_pack.h"

namespace facepipe::packs {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using namespace std::string_literals;

class PackBuilderTest : public ::testing::Test {
 protected:
  PackBuilderTest() {
    recipe_.name = "test";
    recipe_.licence = "MIT";
    recipe_.pnet = folder_ / "pnet.pt";
    recipe_.rnet = folder_ / "rnet.pt";
    recipe_.onet = folder_ / "onet.pt";
    recipe_.embedder = folder_ / "embedder.pt";
    recipe_.preprocessing = *model::known_mode("standard");
  }

  const TemporaryFolder folder_;
  PackRecipe recipe_;
};

TEST_F(PackBuilderTest, NamesASourceThatIsNotThere) {
  const auto built = build_pack(recipe_, folder_ / "pack");
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(built.error().message, HasSubstr(recipe_.pnet.string()));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "pack"));
}

TEST_F(PackBuilderTest, NamesASourceThatHoldsNoWeights) {
  ASSERT_TRUE(write_file_atomically(recipe_.pnet, as_bytes("GIF89a and more")));
  const auto built = build_pack(recipe_, folder_ / "pack");
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(built.error().message, HasSubstr(recipe_.pnet.string()));
}

TEST(ModelId, IsTheDigestOfNamesShapesAndValuesInOrder) {
  const weights::StateDict weights{{"b", {{1, 2}, {1.0F, -2.5F}}}, {"a", {{}, {0.5F}}}};
  const std::string canonical =
      "\1\0\0\0\0\0\0\0a\0\0\0\0\0\0\0\0\0\0\0\x3F"s  // name, no extents, 0.5
      "\1\0\0\0\0\0\0\0b\2\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0"s +
      "\0\0\x80\x3F\0\0\x20\xC0"s;
  EXPECT_EQ(model_id(weights), "inception-resnet-v1:" + sha256_hex(as_bytes(canonical)));
}

TEST(ModelId, ChangesWithAnyPartOfATensor) {
  const std::string id = model_id({{"a", {{2}, {1, 2}}}});
  EXPECT_THAT(id, MatchesRegex("inception-resnet-v1:[0-9a-f]+"));
  EXPECT_NE(id, model_id({{"b", {{2}, {1, 2}}}}));
  EXPECT_NE(id, model_id({{"a", {{1, 2}, {1, 2}}}}));
  EXPECT_NE(id, model_id({{"a", {{2}, {1, 3}}}}));
}

}  // namespace
}  // namespace facepipe::packs
