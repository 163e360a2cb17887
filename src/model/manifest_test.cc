#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "model/model_pack.h"

namespace facepipe::model {
namespace {

using ::testing::HasSubstr;

const std::string kDigestA(64, 'a');
const std::string kDigestB(64, '0');

Manifest sample() {
  Manifest manifest;
  manifest.name = "facenet-msceleb-128";
  manifest.licence = "MIT";
  manifest.model_id = "inception-resnet-v1:" + kDigestA;
  manifest.embedding_size = 128;
  manifest.min_input_px = 75;
  manifest.preprocessing = *known_mode("whitened");
  manifest.distance_threshold = 0.91F;
  manifest.threshold_far = 0.001F;
  manifest.sources = {{"facenet_keras.h5", kDigestA}, {"pnet.pt", kDigestB}};
  manifest.files = {{"detector", {"detector.safetensors", kDigestA, 7}}, {"embedder", {"embedder.onnx", kDigestB, 9}}};
  return manifest;
}

// The sample's JSON with one piece of text replaced.
std::string replaced(const std::string& from, const std::string& to) {
  std::string json = manifest_to_json(sample());
  const std::size_t at = json.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? json : json.replace(at, from.size(), to);
}

struct Refusal {
  const char* from;
  const char* to;
  const char* message;  // after "manifest: "
};

TEST(Manifest, IsWrittenAsOneJsonObjectInAFixedOrder) {
  EXPECT_EQ(manifest_to_json(sample()),
            R"({"format_version":2,"name":"facenet-msceleb-128","licence":"MIT","model_id":"inception-resnet-v1:)" +
                kDigestA +
                R"(","embedding_size":128,"detector":{"kind":"mtcnn"},"embedder":{"kind":"onnx","min_input_px":75},)"
                R"("preprocessing":{"mode":"whitened","input_px":160,"alignment":"box","margin_px":32,)"
                R"("min_max_stretch":false,"colour_order":"rgb","normalisation":"whiten"},)"
                R"("distance_threshold":0.91,"threshold_far":0.001,)"
                R"("precision":"fp32","sources":[{"name":"facenet_keras.h5","sha256":")" +
                kDigestA + R"("},{"name":"pnet.pt","sha256":")" + kDigestB +
                R"("}],"files":{"detector":{"name":"detector.safetensors","sha256":")" + kDigestA +
                R"(","size_bytes":7},"embedder":{"name":"embedder.onnx","sha256":")" + kDigestB +
                R"(","size_bytes":9}}})");
}

TEST(Manifest, CarriesTheLimitsOfItsNetworksNorm) {
  Manifest manifest = sample();
  EXPECT_EQ(manifest_from_json(manifest_to_json(manifest))->norm, std::nullopt);
  manifest.norm = NormLimits{.weak = 46, .useless = 35.5F};
  const std::string json = manifest_to_json(manifest);
  EXPECT_THAT(json, HasSubstr(R"("norm":{"weak":46,"useless":35.5})"));
  EXPECT_EQ(manifest_from_json(json)->norm, manifest.norm);
  manifest.norm->useless = 46;
  const auto read = manifest_from_json(manifest_to_json(manifest));
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("'norm.useless' must be a number above 0 and below 'weak'"));
}

TEST(Manifest, CarriesANetworkForCutFaces) {
  Manifest manifest = sample();
  Manifest second = sample();
  second.name = "second";
  second.embedding_size = 64;
  second.precision = Precision::kInt8;
  second.files.erase("detector");
  manifest.cut_faces = std::make_shared<const Manifest>(second);
  const std::string json = manifest_to_json(manifest);
  const std::string without = manifest_to_json(sample());
  EXPECT_EQ(json.substr(0, without.size() - 1), without.substr(0, without.size() - 1));  // what older programs read
  EXPECT_THAT(json, HasSubstr(R"(,"cut_faces":{"name":"second","licence":"MIT")"));
  const auto read = manifest_from_json(json);
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_NE(read->cut_faces, nullptr);
  EXPECT_EQ(read->cut_faces->embedding_size, 64);
  EXPECT_EQ(read->cut_faces->precision, Precision::kInt8);
  EXPECT_EQ(read->cut_faces->files.at("embedder").name, "embedder.onnx");
  EXPECT_EQ(manifest_to_json(*read), json);
}

TEST(Manifest, ANetworkForCutFacesIsCheckedAsTheFirstIs) {
  Manifest manifest = sample();
  Manifest second = sample();
  second.embedding_size = 0;
  manifest.cut_faces = std::make_shared<const Manifest>(second);
  const auto read = manifest_from_json(manifest_to_json(manifest));
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("'cut_faces.embedding_size'"));
}

TEST(Manifest, CarriesItsDecision) {
  Manifest manifest = sample();
  EXPECT_EQ(manifest_from_json(manifest_to_json(manifest))->decision, std::nullopt);
  manifest.decision = Decision{.false_accepts = {{0.8F, 1e-6}, {1.0F, 1e-3}}, .slope = 36};
  const auto read = manifest_from_json(manifest_to_json(manifest));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->decision, manifest.decision);
  manifest.decision->slope = -1;
  const auto refused = manifest_from_json(manifest_to_json(manifest));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("manifest: field 'decision.slope' must be a number above 0"));
}

TEST(Manifest, ReadsBackWhatWasWritten) {
  const Manifest expected = sample();
  const auto read = manifest_from_json(manifest_to_json(expected));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->format_version, 2);
  EXPECT_EQ(read->name, expected.name);
  EXPECT_EQ(read->licence, expected.licence);
  EXPECT_EQ(read->model_id, expected.model_id);
  EXPECT_EQ(read->embedding_size, 128);
  EXPECT_EQ(read->detector_kind, "mtcnn");
  EXPECT_EQ(read->embedder_kind, "onnx");
  EXPECT_EQ(read->min_input_px, 75);
  EXPECT_EQ(read->preprocessing, expected.preprocessing);
  EXPECT_EQ(read->distance_threshold, 0.91F);
  EXPECT_EQ(read->threshold_far, 0.001F);
  ASSERT_EQ(read->sources.size(), 2U);
  EXPECT_EQ(read->sources[1].name, "pnet.pt");
  EXPECT_EQ(read->sources[1].sha256, kDigestB);
  ASSERT_EQ(read->files.size(), 2U);
  EXPECT_EQ(read->files.at("embedder").name, "embedder.onnx");
  EXPECT_EQ(read->files.at("embedder").sha256, kDigestB);
  EXPECT_EQ(read->files.at("embedder").size_bytes, 9U);
}

TEST(Manifest, SaysOfAnotherNetworkWhatItIsAndWhatItTakes) {
  Manifest expected = sample();
  expected.detector_kind = "centerface";
  expected.embedder_kind = "tflite";
  expected.min_input_px = 112;
  expected.preprocessing = {.mode = "mine",
                            .input_px = 112,
                            .normalisation = {.mean = {104, 117, 123.5F}, .deviation = {1, 2, 0.5F}},
                            .alignment = "landmarks",
                            .points = {{{38.25F, 51.5F}, {73.5F, 51.5F}, {56, 71.75F}, {41.5F, 92.25F}, {70.75F, 92}}},
                            .colour_order = ColourOrder::kBgr,
                            .mirrored = true};
  const std::string json = manifest_to_json(expected);
  EXPECT_THAT(json, HasSubstr(R"("detector":{"kind":"centerface"},"embedder":{"kind":"tflite","min_input_px":112})"));
  EXPECT_THAT(json, HasSubstr(R"("preprocessing":{"mode":"mine","input_px":112,"alignment":"landmarks","margin_px":0,)"
                              R"("points":[[38.25,51.5],[73.5,51.5],[56,71.75],[41.5,92.25],[70.75,92]],)"
                              R"("min_max_stretch":false,"colour_order":"bgr",)"
                              R"("normalisation":{"mean":[104,117,123.5],"deviation":[1,2,0.5]},"mirrored":true})"));
  const auto read = manifest_from_json(json);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->detector_kind, "centerface");
  EXPECT_EQ(read->embedder_kind, "tflite");
  EXPECT_EQ(read->min_input_px, 112);
  EXPECT_EQ(read->preprocessing, expected.preprocessing);
}

TEST(Manifest, ThresholdsMayBeAbsent) {
  Manifest manifest = sample();
  manifest.distance_threshold.reset();
  manifest.threshold_far.reset();
  const auto read = manifest_from_json(manifest_to_json(manifest));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_FALSE(read->distance_threshold.has_value());
  EXPECT_FALSE(read->threshold_far.has_value());
}

TEST(Manifest, PrecisionIsFp32UnlessItSaysOtherwise) {
  Manifest manifest = sample();
  manifest.precision = Precision::kInt8;
  manifest.fp32_cosine = 0.999F;
  const std::string json = manifest_to_json(manifest);
  EXPECT_NE(json.find(R"("precision":"int8","fp32_cosine":0.999,)"), std::string::npos) << json;
  const auto read = manifest_from_json(json);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->precision, Precision::kInt8);
  EXPECT_EQ(read->fp32_cosine, 0.999F);
  std::string old = manifest_to_json(sample());
  const std::string field = R"("precision":"fp32",)";
  old.erase(old.find(field), field.size());
  const auto without = manifest_from_json(old);
  ASSERT_TRUE(without) << without.error().message;
  EXPECT_EQ(without->precision, Precision::kFp32);
  EXPECT_FALSE(without->fp32_cosine.has_value());
}

TEST(Manifest, UnknownFieldsAndRolesAreKeptOutOfTheWay) {
  const auto read = manifest_from_json(replaced(R"("licence":)", R"("new":{"x":[1]},"licence":)"));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->licence, "MIT");
}

TEST(Manifest, NewerFormatVersionNamesBothVersions) {
  const auto read = manifest_from_json(replaced(R"("format_version":2)", R"("format_version":3)"));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(read.error().message, "manifest: format_version 3 is newer than this program's, 2");
}

TEST(Manifest, NewerFormatVersionIsSaidBeforeAnythingElse) {
  const auto read = manifest_from_json(R"({"format_version":7})");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kUnsupported);
}

TEST(Manifest, TextThatIsNoJsonObjectIsRefused) {
  for (const char* text : {"", "{", "[]", "null", "\xff\xfe", "{\"format_version\":2}}"}) {
    const auto read = manifest_from_json(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, ErrorCode::kInvalidData) << text;
    EXPECT_THAT(read.error().message, HasSubstr("manifest: expected a JSON object")) << text;
  }
}

TEST(Manifest, DeepNestingIsRefused) {
  const auto read = manifest_from_json(std::string(100'000, '['));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kInvalidData);
}

class ManifestRefuses : public ::testing::TestWithParam<Refusal> {};

TEST_P(ManifestRefuses, NamingTheField) {
  const Refusal& refusal = GetParam();
  const auto read = manifest_from_json(replaced(refusal.from, refusal.to));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kInvalidData);
  EXPECT_EQ(read.error().message, std::string("manifest: ") + refusal.message);
}

constexpr const char* kPlainName = " must be a plain file name without path separators";
constexpr const char* kDigest = "must be a SHA-256 of 64 lower-case hexadecimal digits";
const std::string kSourceName = std::string("field 'sources[1].name'") + kPlainName;
const std::string kFileName = std::string("field 'files.embedder.name'") + kPlainName;
const std::string kSourceDigest = std::string("field 'sources[0].sha256' ") + kDigest;

INSTANTIATE_TEST_SUITE_P(
    Fields, ManifestRefuses,
    ::testing::Values(
        Refusal{R"("format_version":2)", R"("format_version":"1")",
                "field 'format_version' must be an integer from 1 to 2147483647"},
        Refusal{R"("format_version":2)", R"("format_version":0)",
                "field 'format_version' must be an integer from 1 to 2147483647"},
        Refusal{R"("name":"facenet-msceleb-128")", R"("name":"")", "field 'name' must be a text that is not empty"},
        Refusal{R"("licence":"MIT",)", "", "field 'licence' must be a text that is not empty"},
        Refusal{R"("model_id":)", R"("model":)", "field 'model_id' must be a text that is not empty"},
        Refusal{R"("embedding_size":128)", R"("embedding_size":0)",
                "field 'embedding_size' must be an integer from 1 to 65536"},
        Refusal{R"("embedding_size":128)", R"("embedding_size":1.5)",
                "field 'embedding_size' must be an integer from 1 to 65536"},
        Refusal{R"("preprocessing":)", R"("pre":)", "field 'preprocessing' must be an object"},
        Refusal{R"("mode":"whitened")", R"("mode":7)", "field 'preprocessing.mode' must be a text that is not empty"},
        Refusal{R"("input_px":160)", R"("input_px":2049)",
                "field 'preprocessing.input_px' must be an integer from 75 to 2048"},
        Refusal{R"("input_px":160)", R"("input_px":74)",
                "field 'preprocessing.input_px' must be an integer from 75 to 2048"},
        Refusal{R"("margin_px":32)", R"("margin_px":160)",
                "field 'preprocessing.margin_px' must be an integer from 0 to 159"},
        Refusal{R"("margin_px":32)", R"("margin_px":-1)",
                "field 'preprocessing.margin_px' must be an integer from 0 to 159"},
        Refusal{R"("min_max_stretch":false)", R"("min_max_stretch":0)",
                "field 'preprocessing.min_max_stretch' must be true or false"},
        Refusal{
            R"("normalisation":"whiten")", R"("normalisation":"none")",
            "field 'preprocessing.normalisation' must be unit, fixed, whiten, or an object of mean and deviation"}));

INSTANTIATE_TEST_SUITE_P(
    Networks, ManifestRefuses,
    ::testing::Values(
        Refusal{R"("detector":{"kind":"mtcnn"})", R"("detector":"mtcnn")", "field 'detector' must be an object"},
        Refusal{R"("kind":"mtcnn")", R"("kind":"")", "field 'detector.kind' must be a text that is not empty"},
        Refusal{R"("embedder":{"kind":"onnx",)", R"("embedder":{)",
                "field 'embedder.kind' must be a text that is not empty"},
        Refusal{R"("min_input_px":75)", R"("min_input_px":0)",
                "field 'embedder.min_input_px' must be an integer from 1 to 2048"},
        Refusal{R"("alignment":"box",)", "", "field 'preprocessing.alignment' must be a text that is not empty"},
        Refusal{R"("alignment":"box",)", R"("alignment":"landmarks",)",
                "field 'preprocessing.points' must be present where the alignment is landmarks"},
        Refusal{R"("colour_order":"rgb",)", R"("colour_order":"rgb","mirrored":"no",)",
                "field 'preprocessing.mirrored' must be true or false"},
        Refusal{R"("colour_order":"rgb")", R"("colour_order":"grb")",
                "field 'preprocessing.colour_order' must be rgb or bgr"},
        Refusal{R"("margin_px":32)", R"("margin_px":32,"points":[[1,2]])",
                "field 'preprocessing.points' must be an array of 5 points"},
        Refusal{R"("margin_px":32)", R"("margin_px":32,"points":[[1,2],[1,2],[1,2],[1,2],[1,"2"]])",
                "field 'preprocessing.points[4]' must be 2 numbers from -1e6 to 1e6"},
        Refusal{R"("normalisation":"whiten")", R"("normalisation":{"mean":[1,2],"deviation":[1,1,1]})",
                "field 'preprocessing.normalisation.mean' must be 3 numbers from -1e6 to 1e6"},
        Refusal{R"("normalisation":"whiten")", R"("normalisation":{"mean":[1,2,1e9]})",
                "field 'preprocessing.normalisation.mean' must be 3 numbers from -1e6 to 1e6"},
        Refusal{R"("normalisation":"whiten")", R"("normalisation":{"mean":[1,2,3]})",
                "field 'preprocessing.normalisation.deviation' must be 3 numbers from -1e6 to 1e6"},
        Refusal{R"("normalisation":"whiten")", R"("normalisation":{"mean":[1,2,3],"deviation":[1,0,1]})",
                "field 'preprocessing.normalisation.deviation' must be 3 numbers above 0"}));

INSTANTIATE_TEST_SUITE_P(Thresholds, ManifestRefuses,
                         ::testing::Values(Refusal{R"("distance_threshold":0.91)", R"("distance_threshold":0)",
                                                   "field 'distance_threshold' must be a number above 0 and below 2"},
                                           Refusal{R"("distance_threshold":0.91)", R"("distance_threshold":null)",
                                                   "field 'distance_threshold' must be a number above 0 and below 2"},
                                           Refusal{R"("precision":"fp32")", R"("precision":"int4")",
                                                   "field 'precision' must be fp32 or int8"},
                                           Refusal{R"("threshold_far":0.001)", R"("threshold_far":1)",
                                                   "field 'threshold_far' must be a number above 0 and below 1"},
                                           Refusal{
                                               R"("distance_threshold":0.91,)", "",
                                               "field 'distance_threshold' must be present where threshold_far is"}));

INSTANTIATE_TEST_SUITE_P(
    Files, ManifestRefuses,
    ::testing::Values(Refusal{R"("sources":[)", R"("sources":{},"x":[)", "field 'sources' must be an array"},
                      Refusal{R"("sources":[)", R"("sources":["a",)", "field 'sources[0]' must be an object"},
                      Refusal{R"("name":"pnet.pt")", R"("name":"/etc/pnet.pt")", kSourceName.c_str()},
                      Refusal{R"("sha256":"a)", R"("sha256":"A)", kSourceDigest.c_str()},
                      Refusal{R"("sha256":"a)", R"("sha256":")", kSourceDigest.c_str()},
                      Refusal{R"("files":)", R"("file":)", "field 'files' must be an object"},
                      Refusal{R"("detector":{"name")", R"("other":{"name")",
                              "field 'files.detector' must be present: a pack holds a detector and an embedder"},
                      Refusal{R"("embedder":{"name")", R"("embedder":1,"x":{"name")",
                              "field 'files.embedder' must be an object"},
                      Refusal{R"("name":"embedder.onnx")", R"("name":"../embedder.onnx")", kFileName.c_str()},
                      Refusal{R"("name":"embedder.onnx")", R"("name":"a\\b")", kFileName.c_str()},
                      Refusal{R"("name":"embedder.onnx")", R"("name":"..")", kFileName.c_str()},
                      Refusal{R"("name":"embedder.onnx")", R"("name":"a\u0000b")", kFileName.c_str()},
                      Refusal{R"("size_bytes":9)", R"("size_bytes":0)",
                              "field 'files.embedder.size_bytes' must be an integer from 1 to 9223372036854775807"},
                      Refusal{R"("size_bytes":9)", R"("size_bytes":-9)",
                              "field 'files.embedder.size_bytes' must be an integer from 1 to 9223372036854775807"}));

}  // namespace
}  // namespace facepipe::model
