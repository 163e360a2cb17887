#include "packs/recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace facepipe::packs {
namespace {

using ::testing::HasSubstr;

std::string recipe_refusal(const std::string& json) {
  const auto recipe = recipe_from_json(json);
  EXPECT_FALSE(recipe) << json;
  return recipe ? "" : recipe.error().message;
}

TEST(Recipe, SaysEverythingAboutAPackButItsFiles) {
  const std::string digest(64, 'a');
  const auto recipe = recipe_from_json(
      R"({"name":"n","licence":"L","training_data":"T","detector":"mtcnn","network":"onnx","sha256":")" + digest +
      R"(","embedding_size":512,"distance_threshold":1.25,"threshold_far":0.001,"decision":{"false_accepts":[[0.5,0.001],[1,0.1]],"centroid":0.25,)"
      R"("pictures":0.5,"strangers":0.02,"cut":0,"bias":1,"slope":30},)"
      R"("preprocessing":{"mode":"own","input_px":112,"alignment":"landmarks","margin_px":0,"min_max_stretch":false,)"
      R"("points":[[1,2],[3,4],[5,6],[7,8],[9,10]],"colour_order":"bgr","mirrored":true,)"
      R"("normalisation":{"mean":[1,2,3],"deviation":[4,5,6]}}})");
  ASSERT_TRUE(recipe) << recipe.error().message;
  EXPECT_EQ(recipe->name, "n");
  EXPECT_EQ(recipe->licence, "L");
  EXPECT_EQ(recipe->training_data, "T");
  EXPECT_EQ(recipe->network, kOnnxNetwork);
  EXPECT_EQ(recipe->embedder_sha256, digest);
  EXPECT_EQ(recipe->embedding_size, 512);
  EXPECT_EQ(recipe->distance_threshold, 1.25F);
  EXPECT_EQ(recipe->threshold_far, 0.001F);
  ASSERT_TRUE(recipe->decision);
  EXPECT_EQ(recipe->decision->false_accepts[1], (model::FalseAccept{1, 0.1}));
  EXPECT_EQ(recipe->decision->centroid, 0.25);
  EXPECT_EQ(recipe->decision->strangers, 0.02);
  EXPECT_EQ(recipe->preprocessing.mode, "own");
  EXPECT_EQ(recipe->preprocessing.input_px, 112);
  EXPECT_EQ(recipe->preprocessing.colour_order, model::ColourOrder::kBgr);
  EXPECT_EQ(recipe->preprocessing.points[4], (image::Point{9, 10}));
  EXPECT_TRUE(recipe->preprocessing.mirrored);
}

TEST(Recipe, AKnownModeStandsForAPreprocessing) {
  const auto recipe = recipe_from_json(R"({"name":"n","licence":"L","mode":"classic"})");
  ASSERT_TRUE(recipe) << recipe.error().message;
  EXPECT_EQ(recipe->preprocessing, *model::known_mode("classic"));
  EXPECT_FALSE(recipe->embedding_size);
  EXPECT_FALSE(recipe->distance_threshold);
  EXPECT_THAT(recipe_refusal(R"({"name":"n","licence":"L"})"), HasSubstr("'preprocessing' must be there, or 'mode'"));
  EXPECT_THAT(recipe_refusal(R"({"name":"n","licence":"L","mode":"x"})"), HasSubstr("unknown preprocessing mode 'x'"));
}

TEST(Recipe, AFieldThatIsNotKnownOrWrongIsNamed) {
  const std::string good = R"({"name":"n","licence":"L","mode":"classic",)";
  EXPECT_THAT(recipe_refusal(good + R"("mirored":true})"), HasSubstr("field 'mirored' must be absent: known are name"));
  EXPECT_THAT(recipe_refusal(good + R"("network":"caffe"})"), HasSubstr("'network' must be onnx, tflite or"));
  EXPECT_THAT(recipe_refusal(good + R"("detector":"yunet"})"), HasSubstr("'detector' must be mtcnn"));
  EXPECT_THAT(recipe_refusal(good + R"("sha256":"12"})"), HasSubstr("'sha256' must be a SHA-256"));
  EXPECT_THAT(recipe_refusal(good + R"("embedding_size":0})"), HasSubstr("'embedding_size'"));
  EXPECT_THAT(recipe_refusal(good + R"("distance_threshold":2})"),
              HasSubstr("'distance_threshold' must be a number above 0"));
  EXPECT_THAT(recipe_refusal(good + R"("decision":1})"), HasSubstr("'decision'"));
  EXPECT_THAT(recipe_refusal(R"({"licence":"L","mode":"classic"})"), HasSubstr("'name'"));
  EXPECT_THAT(recipe_refusal("[]"), HasSubstr("recipe"));
}

}  // namespace
}  // namespace facepipe::packs
