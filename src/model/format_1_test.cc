// A pack of format 1 opens, and means what it meant.
#include <gtest/gtest.h>

#include <string>

#include "base/file.h"
#include "base/hash.h"
#include "base/temporary_folder.h"
#include "model/model_pack.h"

namespace facepipe::model {
namespace {

// As the last release of format 1 wrote it of the default weights, but for the files: theirs say who they are, and
// sizes and digests are of that.
constexpr std::string_view kManifest =
    R"({"format_version":1,"name":"facenet-msceleb-128","licence":"MIT","model_id":)"
    R"("inception-resnet-v1:08b17a8162e442d3574b48202cd4179f4ed1f05e39f6a4c88769bc90d1086791",)"
    R"("embedding_size":128,"preprocessing":{"mode":"whitened","input_px":160,"margin_px":32,)"
    R"("min_max_stretch":false,"normalisation":"whiten"},"distance_threshold":0.966,"threshold_far":0.001,)"
    R"("precision":"fp32","sources":[{"name":"pnet.pt","sha256":)"
    R"("a2a71925e0b9996a42f63e47efc1ca19043e69558b5c523b978d611dfae49c8f"},{"name":"rnet.pt","sha256":)"
    R"("bbb937de72efc9ef83b186c49f5f558467a1d7e3453a8ece0d71a886633f6a86"},{"name":"onet.pt","sha256":)"
    R"("165bfbe42940416ccfb977545cf0e976d5bf321f67083ae2aaaa5c764280118d"},{"name":"facenet_keras.h5",)"
    R"("sha256":"6acdd8fb3a3fb2b54257abdd1879246a3fcbe18fbe53a41c751e141abe63a0af"}],"files":{"detector":)"
    R"({"name":"detector-e7d97596b66d2b2a.safetensors","sha256":)"
    R"("c2ef2a07010e4056fcb88acddaba46b9e59d83f234ef22313017885fbad86e91","size_bytes":12,"xxh64":)"
    R"("8bba5eae2d05a4f6"},"embedder":{"name":"embedder-70b7b7687517b532.onnx","sha256":)"
    R"("7a32e9d656bff0ad8cfa5fa9f48036df2fa26d08eb8483c8220896068ffdb72e","size_bytes":12,"xxh64":)"
    R"("88dd96c8dabc17da"},"embedder-pattern":{"name":"embedder-pattern-76a4cd72248f1fdf.f32","sha256":)"
    R"("e6f0a2aeefe11de6006945b0d408e10a2b3319e5c6ba157e18931a8a57681fe8","size_bytes":20,"xxh64":)"
    R"("2a6b0014f11e9473"},"embedder-weights@onnxruntime-1.32.0-x86_64-avx2-fma-avx512f-avx512core-avx512vnni-a)"
    R"(vxvnni-amxint8":{"name":)"
    R"("embedder-70b7b7687517b532-onnxruntime-1.32.0-x86_64-avx2-fma-avx512f-avx512core-avx512vnni-avxvnni-amxi)"
    R"(nt8.weights","sha256":"0b5d9e684c54e124a13adac143aea16ef9ffcd70c2a37c209f51d92b92bd4969",)"
    R"("size_bytes":20,"xxh64":"ebc3ea0a67cb81dd"},)"
    R"("embedder@onnxruntime-1.32.0-x86_64-avx2-fma-avx512f-avx512core-avx512vnni-avxvnni-amxint8":{"name":)"
    R"("embedder-onnxruntime-1.32.0-x86_64-avx2-fma-avx512f-avx512core-avx512vnni-avxvnni-amxint8-d47ed82c9d1f7)"
    R"(ae3.onnx","sha256":"7a32e9d656bff0ad8cfa5fa9f48036df2fa26d08eb8483c8220896068ffdb72e","size_bytes":12,)"
    R"("xxh64":"88dd96c8dabc17da"}},"manifest_sha256":)"
    R"("a79944b7a94216bfaa2c9b291ba7042d4946f94d1aa3e2e4ea17cbf9461fa8d7"})";
const std::string kTarget = "onnxruntime-1.32.0-x86_64-avx2-fma-avx512f-avx512core-avx512vnni-avxvnni-amxint8";

TEST(Format1, EveryFieldIsRead) {
  const TemporaryFolder folder;
  const auto read = manifest_from_json(kManifest);
  ASSERT_TRUE(read) << read.error().message;
  for (const auto& [role, file] : read->files) {
    const std::string content = "the " + role.substr(0, role.find('@'));
    EXPECT_EQ(pack_file(file.name, as_bytes(content)).xxh64, file.xxh64);
    ASSERT_TRUE(write_file_atomically(folder / file.name, as_bytes(content)));
  }
  ASSERT_TRUE(write_file_atomically(folder / kManifestFileName, as_bytes(kManifest)));
  const auto pack = ModelPack::open(folder.path());
  ASSERT_TRUE(pack) << pack.error().message;
  EXPECT_TRUE(pack->verify());
  const Manifest& manifest = pack->manifest();
  EXPECT_EQ(manifest.format_version, 1);
  EXPECT_EQ(manifest.name, "facenet-msceleb-128");
  EXPECT_EQ(manifest.licence, "MIT");
  EXPECT_EQ(manifest.model_id, "inception-resnet-v1:08b17a8162e442d3574b48202cd4179f4ed1f05e39f6a4c88769bc90d1086791");
  EXPECT_EQ(manifest.embedding_size, 128);
  EXPECT_EQ(manifest.distance_threshold, 0.966F);
  EXPECT_EQ(manifest.threshold_far, 0.001F);
  EXPECT_EQ(manifest.precision, Precision::kFp32);
  EXPECT_FALSE(manifest.fp32_cosine.has_value());
  ASSERT_EQ(manifest.sources.size(), 4U);
  EXPECT_EQ(manifest.sources[2].name, "onet.pt");
  EXPECT_EQ(manifest.sources[3].name, "facenet_keras.h5");
  EXPECT_EQ(manifest.sources[3].sha256, "6acdd8fb3a3fb2b54257abdd1879246a3fcbe18fbe53a41c751e141abe63a0af");
  ASSERT_EQ(manifest.files.size(), 5U);
  EXPECT_EQ(manifest.files.at("detector").name, "detector-e7d97596b66d2b2a.safetensors");
  EXPECT_EQ(manifest.files.at("embedder").name, "embedder-70b7b7687517b532.onnx");
  EXPECT_EQ(manifest.files.at("embedder").size_bytes, 12U);
  EXPECT_TRUE(manifest.files.contains("embedder@" + kTarget));
  EXPECT_TRUE(manifest.files.contains("embedder-weights@" + kTarget));
  EXPECT_EQ(as_text(pack->map("embedder-pattern")->bytes()), "the embedder-pattern");
}

TEST(Format1, MeansMtcnnABoxAndTheNetworkOfItsDay) {
  const auto read = manifest_from_json(kManifest);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->detector_kind, "mtcnn");
  EXPECT_EQ(read->embedder_kind, "onnx");
  EXPECT_EQ(read->min_input_px, 75);
  // What a pack of today's format says, and what the galleries of both say.
  EXPECT_EQ(read->preprocessing, known_mode("whitened").value());
  EXPECT_EQ(read->preprocessing.alignment, "box");
  EXPECT_EQ(read->preprocessing.colour_order, ColourOrder::kRgb);
  EXPECT_EQ(read->preprocessing.normalisation, Normalisation::kWhiten);
}

TEST(Format1, IsWrittenAsTheFormatOfToday) {
  const auto read = manifest_from_json(kManifest);
  ASSERT_TRUE(read) << read.error().message;
  const auto again = manifest_from_json(manifest_to_json(*read));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->format_version, 2);
  EXPECT_EQ(again->model_id, read->model_id);
  EXPECT_EQ(again->preprocessing, read->preprocessing);
  EXPECT_EQ(again->min_input_px, read->min_input_px);
  EXPECT_EQ(again->files.at("embedder").sha256, read->files.at("embedder").sha256);
}

}  // namespace
}  // namespace facepipe::model
