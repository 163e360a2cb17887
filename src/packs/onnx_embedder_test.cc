// Runs small graphs that the test writes itself: an "embedding" is the mean of each colour of the network's input.
#include "embed/onnx_embedder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <thread>
#include <vector>

#include "base/temporary_folder.h"
#include "embed/graph_session.h"
#include "packs/onnx_writer.h"
#include "packs/test_pack.h"

namespace facepipe::packs {
namespace {

using embed::EmbedderOptions;
using embed::kNetworkInput;
using embed::kNetworkOutput;
using embed::OnnxEmbedder;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Shape = std::vector<OnnxDimension>;

struct GraphSpec {
  std::string input = kNetworkInput;
  std::string output = kNetworkOutput;
  Shape input_shape{"N", std::int64_t{3}, "H", "W"};
  Shape output_shape{"N", std::int64_t{3}};
  std::string op = "Flatten";
};

Bytes mean_graph(const GraphSpec& spec = {}) {
  OnnxModelWriter writer("mean");
  writer.add_input(spec.input, spec.input_shape);
  writer.add_output(spec.output, spec.output_shape);
  writer.add_node({"GlobalAveragePool", "mean", {spec.input}, {"mean"}, {}});
  writer.add_node({spec.op, "flatten", {"mean"}, {spec.output}, {{"axis", std::int64_t{1}}}});
  return std::move(writer).finish();
}

model::Preprocessing mode(model::Normalisation normalisation, int input_px = 80) {
  model::Preprocessing preprocessing = *model::known_mode("standard");
  preprocessing.input_px = input_px;
  preprocessing.normalisation = normalisation;
  return preprocessing;
}

image::RgbImage plain(int side, std::uint8_t red, std::uint8_t green, std::uint8_t blue) {
  image::RgbImage picture(side, side);
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      picture.row(y)[3 * x] = red;
      picture.row(y)[3 * x + 1] = green;
      picture.row(y)[3 * x + 2] = blue;
    }
  }
  return picture;
}

class EmbedderTest : public ::testing::Test {
 protected:
  [[nodiscard]] Result<OnnxEmbedder> load(ByteView onnx, int embedding_size = 3,
                                          const EmbedderOptions& options = {}) const {
    return OnnxEmbedder::load(testing::write_pack(folder_.path(), onnx, embedding_size), options);
  }
  // The error of loading `onnx`.
  [[nodiscard]] Error refusal(ByteView onnx, int embedding_size = 3) const {
    auto embedder = load(onnx, embedding_size);
    EXPECT_FALSE(embedder);
    return embedder ? Error{} : embedder.error();
  }
  [[nodiscard]] std::string file() const { return (folder_ / "embedder.onnx").string(); }

  const TemporaryFolder folder_;
};

TEST_F(EmbedderTest, NormalisesAsThePreprocessingSays) {
  const auto embedder = load(mean_graph());
  ASSERT_TRUE(embedder) << embedder.error().message;
  const image::RgbImage crop = plain(80, 0, 51, 255);
  const std::array crops{crop.view()};
  const auto unit = embedder->embed(crops, mode(model::Normalisation::kUnit));
  ASSERT_TRUE(unit) << unit.error().message;
  ASSERT_EQ(unit->size(), 1U);
  EXPECT_THAT((*unit)[0], ::testing::Pointwise(::testing::FloatNear(1e-5F), {0.0F, 0.2F, 1.0F}));
  const auto fixed = embedder->embed(crops, mode(model::Normalisation::kFixed));
  ASSERT_TRUE(fixed) << fixed.error().message;
  EXPECT_THAT((*fixed)[0],
              ::testing::Pointwise(::testing::FloatNear(1e-5F), {-0.99609375F, -0.59765625F, 0.99609375F}));
  const auto whitened = embedder->embed(crops, mode(model::Normalisation::kWhiten));
  ASSERT_TRUE(whitened) << whitened.error().message;
  // The runtime sums 6,400 floats in a row, hence 1e-4. Mean 102, population deviation sqrt((102^2 + 51^2 + 153^2) / 3)
  // = 110.1726.
  EXPECT_THAT((*whitened)[0], ::testing::Pointwise(::testing::FloatNear(1e-4F), {-0.9258201F, -0.46291005F, 1.38873F}));
}

TEST_F(EmbedderTest, NoCropsGiveNoEmbeddings) {
  const auto embedder = load(mean_graph());
  ASSERT_TRUE(embedder) << embedder.error().message;
  const auto embeddings = embedder->embed({}, mode(model::Normalisation::kUnit));
  ASSERT_TRUE(embeddings) << embeddings.error().message;
  EXPECT_TRUE(embeddings->empty());
}

TEST_F(EmbedderTest, KeepsTheOrderOfManyCropsAcrossRuns) {
  const auto embedder = load(mean_graph());
  ASSERT_TRUE(embedder) << embedder.error().message;
  std::vector<image::RgbImage> pictures;
  std::vector<image::RgbView> crops;
  for (int i = 0; i < 11; ++i) {
    pictures.push_back(plain(80, static_cast<std::uint8_t>(i * 20), 0, 0));
  }
  for (const image::RgbImage& picture : pictures) {
    crops.push_back(picture.view());
  }
  const auto embeddings = embedder->embed(crops, mode(model::Normalisation::kUnit));
  ASSERT_TRUE(embeddings) << embeddings.error().message;
  ASSERT_EQ(embeddings->size(), 11U);
  for (std::size_t i = 0; i < 11; ++i) {
    EXPECT_NEAR((*embeddings)[i][0], static_cast<float>(i) * 20.0F / 255.0F, 1e-5F) << i;
  }
}

TEST_F(EmbedderTest, ACropOfAnotherSizeIsRefusedWithBothSizes) {
  const auto embedder = load(mean_graph());
  ASSERT_TRUE(embedder) << embedder.error().message;
  const image::RgbImage good = plain(80, 1, 2, 3);
  const image::RgbImage bad = plain(81, 1, 2, 3);
  const std::array crops{good.view(), bad.view()};
  const auto embeddings = embedder->embed(crops, mode(model::Normalisation::kUnit));
  ASSERT_FALSE(embeddings);
  EXPECT_EQ(embeddings.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(embeddings.error().message, "crop 1: expected 80x80 pixels, got 81x81");
  const std::array empty{image::RgbView{}};
  const auto none = embedder->embed(empty, mode(model::Normalisation::kUnit));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message, "crop 0: expected 80x80 pixels, got 0x0");
}

TEST_F(EmbedderTest, AnInputSideOutOfTheNetworksRangeIsRefused) {
  const auto embedder = load(mean_graph());
  ASSERT_TRUE(embedder) << embedder.error().message;
  for (const int side : {0, -160, 74, 2049}) {
    const auto embeddings = embedder->embed({}, mode(model::Normalisation::kUnit, side));
    ASSERT_FALSE(embeddings) << side;
    EXPECT_EQ(embeddings.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(embeddings.error().message,
              "preprocessing 'standard': expected an input of 75 to 2048 pixels, got " + std::to_string(side));
  }
}

TEST_F(EmbedderTest, ThreadsOutOfRangeAreRefused) {
  for (const int threads : {0, -1, 257}) {
    const auto embedder = load(mean_graph(), 3, {.threads = threads});
    ASSERT_FALSE(embedder) << threads;
    EXPECT_EQ(embedder.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(embedder.error().message, "embedder threads: expected 1 to 256, got " + std::to_string(threads));
  }
}

TEST_F(EmbedderTest, AFileThatIsNoGraphIsRefusedByName) {
  const Error error = refusal(as_bytes("this is no ONNX file"));
  EXPECT_EQ(error.code, ErrorCode::kInvalidData);
  EXPECT_THAT(error.message, StartsWith(file() + ": "));
}

TEST_F(EmbedderTest, AGraphCutShortIsRefusedAtEveryLength) {
  const Bytes whole = mean_graph();
  for (std::size_t length = 1; length < whole.size(); ++length) {
    const Error error = refusal(ByteView(whole).first(length));
    ASSERT_TRUE(error.code == ErrorCode::kInvalidData || error.code == ErrorCode::kMismatch) << length;
    ASSERT_THAT(error.message, StartsWith(file() + ": ")) << length;
  }
}

TEST_F(EmbedderTest, ADamagedGraphIsRefusedWithBothDigests) {
  const Bytes whole = mean_graph();
  const model::ModelPack pack = testing::write_pack(folder_.path(), whole, 3);
  Bytes damaged = whole;
  damaged[damaged.size() / 2] ^= std::byte{1};
  ASSERT_TRUE(write_file_atomically(file(), damaged));
  const auto embedder = OnnxEmbedder::load(pack);
  ASSERT_FALSE(embedder);
  EXPECT_EQ(embedder.error().code, ErrorCode::kMismatch);
  EXPECT_EQ(embedder.error().message,
            file() + ": the file is damaged: expected SHA-256 " + sha256_hex(whole) + ", found " + sha256_hex(damaged));
}

TEST_F(EmbedderTest, AnUnknownOperatorIsRefused) {
  const Error error = refusal(mean_graph({.op = "Shuffle"}));
  EXPECT_EQ(error.code, ErrorCode::kInvalidData);
  EXPECT_THAT(error.message, AllOf(StartsWith(file() + ": "), HasSubstr("Shuffle")));
}

TEST_F(EmbedderTest, AGraphOfAnotherInterfaceIsRefused) {
  EXPECT_EQ(
      refusal(mean_graph({.input = "data"})).message,
      file() + ": expected a graph with the one input 'crops' and the output 'embeddings', beside it at most 'norms'");
  EXPECT_EQ(
      refusal(mean_graph({.output = "scores"})).message,
      file() + ": expected a graph with the one input 'crops' and the output 'embeddings', beside it at most 'norms'");
  EXPECT_EQ(refusal(mean_graph({.input_shape = {"N", std::int64_t{3}, "L"}})).message,
            file() + ": expected a float32 input of 4 dimensions and a float32 output of 2");
}

TEST_F(EmbedderTest, AnotherEmbeddingSizeThanTheManifestsIsAMismatchOfBoth) {
  const Error error = refusal(mean_graph(), 128);
  EXPECT_EQ(error.code, ErrorCode::kMismatch);
  EXPECT_EQ(error.message, file() + ": the manifest says embeddings of 128 values, the graph makes 3");
}

TEST_F(EmbedderTest, ServesSeveralThreadsAtOnce) {
  const auto embedder = load(mean_graph());
  ASSERT_TRUE(embedder) << embedder.error().message;
  constexpr int kThreads = 4;
  std::array<int, kThreads> right{};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&embedder, &right, t] {
      const image::RgbImage crop = plain(80, static_cast<std::uint8_t>(t * 51), 0, 0);
      const std::array crops{crop.view()};
      for (int i = 0; i < 50; ++i) {
        const auto embeddings = embedder->embed(crops, mode(model::Normalisation::kUnit));
        const float expected = static_cast<float>(t) * 0.2F;
        right[static_cast<std::size_t>(t)] += embeddings && std::abs((*embeddings)[0][0] - expected) < 1e-5F ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_THAT(right, ::testing::Each(50));
}

TEST_F(EmbedderTest, MovesWithItsSession) {
  auto loaded = load(mean_graph());
  ASSERT_TRUE(loaded) << loaded.error().message;
  OnnxEmbedder first = *std::move(loaded);
  const OnnxEmbedder second = std::move(first);
  const image::RgbImage crop = plain(80, 255, 255, 255);
  const std::array crops{crop.view()};
  EXPECT_TRUE(second.embed(crops, mode(model::Normalisation::kUnit)));
}

}  // namespace
}  // namespace facepipe::packs
