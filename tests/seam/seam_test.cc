// A detector of another kind and an embedder with another alignment, from a pack on disk to a name: what it takes to
// add them is the rest of this folder, and one registration each.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/file.h"
#include "base/temporary_folder.h"
#include "bright_squares.h"
#include "image/encode.h"
#include "mean_colours.h"
#include "people/test_enrolled.h"
#include "queue/test_queue.h"
#include "recognize/load_detector.h"
#include "recognize/recognizer.h"
#include "stage/detection/detection_stage.h"
#include "stage/detection/frame_sink.h"
#include "stage/recognition/face_handler.h"
#include "stage/recognition/test_recognizer.h"

namespace facepipe::seam {
namespace {

using ::testing::ElementsAre;

struct Colour {
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;
};
constexpr Colour kAda{200, 40, 30};
constexpr Colour kBob{30, 40, 200};
constexpr Colour kStranger{60, 200, 60};
constexpr Colour kSurroundings{90, 90, 120};

struct Square {
  int left = 0;
  int top = 0;
  int side = 0;
  Colour between_the_eyes;
};

// Squares with a white frame; what lies between the eyes has its own colour, all the rest is the same for everyone.
image::RgbImage picture_of(const std::vector<Square>& squares) {
  image::RgbImage picture(1400, 1000);
  for (int y = 0; y < picture.height(); ++y) {
    for (int x = 0; x < picture.width(); ++x) {
      Colour colour{10, 20, 30};
      for (const Square& square : squares) {
        const double across = static_cast<double>(x - square.left) / square.side;
        const double down = static_cast<double>(y - square.top) / square.side;
        if (across < 0 || across >= 1 || down < 0 || down >= 1) {
          continue;
        }
        const bool inside = across > 0.25 && across < 0.75 && down > 0.35 && down < 0.85;
        const bool frame = across < 0.1 || across >= 0.9 || down < 0.1 || down >= 0.9;
        colour = inside ? square.between_the_eyes : frame ? Colour{255, 255, 255} : kSurroundings;
      }
      std::uint8_t* pixel = picture.row(y) + std::ptrdiff_t{3} * x;
      pixel[0] = colour.red;
      pixel[1] = colour.green;
      pixel[2] = colour.blue;
    }
  }
  return picture;
}

class Seam : public ::testing::Test {
 protected:
  Seam() {
    add_bright_squares(detectors_);
    add_mean_colours(embedders_, alignments_);
    model::Manifest manifest;
    manifest.name = "seam";
    manifest.licence = "CC0-1.0";
    manifest.model_id = "mean-colours:1";
    manifest.detector_kind = "bright-squares";
    manifest.embedder_kind = "mean-colours";
    manifest.embedding_size = 3;
    manifest.distance_threshold = 0.2F;
    manifest.preprocessing = {.mode = "between-the-eyes",
                              .input_px = 20,
                              .normalisation = {.mean = {100, 90, 80}, .deviation = {50, 60, 70}},
                              .alignment = "eyes",
                              .points = {{{0, 0}, {20, 0}, {10, 5}, {5, 15}, {15, 15}}},
                              .colour_order = model::ColourOrder::kBgr};
    manifest.files = {{"detector", model::pack_file("detector.txt", as_bytes("240"))},
                      {"embedder", model::pack_file("embedder.txt", as_bytes("means"))}};
    write("detector.txt", "240");
    write("embedder.txt", "means");
    write(model::kManifestFileName, model::manifest_file_text(manifest));
  }
  void write(std::string_view name, std::string_view content) const {
    EXPECT_TRUE(write_file_atomically(folder_ / name, as_bytes(content)));
  }
  [[nodiscard]] model::ModelPack pack() const {
    auto pack = model::ModelPack::open(folder_.path());
    EXPECT_TRUE(pack) << pack.error().message;
    return *std::move(pack);
  }
  [[nodiscard]] std::unique_ptr<const detect::Detector> detector() const {
    auto detector = recognize::load_detector(pack(), {}, detectors_);
    EXPECT_TRUE(detector) << detector.error().message;
    return *std::move(detector);
  }
  [[nodiscard]] std::shared_ptr<const embed::Embedder> embedder() const {
    auto embedder = embed::load_embedder(pack(), {}, embedders_);
    EXPECT_TRUE(embedder) << embedder.error().message;
    return *std::move(embedder);
  }
  // Ada and Bob, each from a picture.
  [[nodiscard]] gallery::Gallery enrolled() const {
    const auto detector = this->detector();
    const model::Manifest manifest = pack().manifest();
    gallery::Gallery begun({manifest.model_id, manifest.preprocessing, manifest.embedding_size});
    begun.set_distance_threshold(manifest.distance_threshold);
    people::PicturesOfPeople people;
    for (const auto& [name, colour] : {std::pair("ada", kAda), std::pair("bob", kBob)}) {
      const image::RgbImage picture = picture_of({{300, 200, 300, colour}});
      people.emplace_back(name, std::vector<Bytes>{image::encode_png(picture.view()).value()});
    }
    return people::enrolled(std::move(begun), people, manifest, *detector, embedder(), {}, alignments_);
  }

  const TemporaryFolder folder_;
  detect::DetectorKinds detectors_ = recognize::detector_kinds();
  embed::EmbedderKinds embedders_ = embed::embedder_kinds();
  embed::AlignmentKinds alignments_ = embed::alignment_kinds();
};

TEST_F(Seam, AnotherDetectorAndAnotherEmbedderNameFacesThroughBothStages) {
  // The first square is larger than a source crop: its landmarks shrink with it.
  const image::RgbImage frame =
      picture_of({{20, 30, 900, kBob}, {1000, 40, 150, kAda}, {1000, 700, 100, kStranger}, {1300, 900, 12, kAda}});
  const auto detector = this->detector();
  queue::FakeQueue requests;
  stage::QueueSink sink(requests);
  const Bytes picture = image::encode_png(frame.view()).value();
  stage::EncodedFrame encoded{{}, picture};
  encoded.info.request_id = "r1";
  const auto sent = stage::DetectionStage(*detector, sink, {}).handle(encoded);
  ASSERT_EQ(sent.kind, stage::FrameOutcome::Kind::kAccepted) << sent.error.message;
  ASSERT_EQ(requests.stored.size(), 3U) << "the fourth is below the smallest face";

  auto recognizer = recognize::FaceRecognizer::create(embedder(), pack().manifest(), enrolled(), alignments_);
  ASSERT_TRUE(recognizer) << recognizer.error().message;
  stage::FixedRecognizer source(*std::move(recognizer));
  std::vector<std::string> names;
  for (const queue::OutgoingMessage& message : requests.stored) {
    const std::string_view body = message.body;
    const auto outcomes = stage::FaceHandler(source, {}, null_logger()).handle(std::span(&body, 1));
    ASSERT_TRUE(outcomes[0].answer) << outcomes[0].error->message;
    names.push_back(outcomes[0].answer->result);
    if (outcomes[0].answer->result != "unknown") {  // nothing but what lies between the eyes was looked at
      EXPECT_LT(*outcomes[0].answer->distance, 0.02F) << names.back();
    }
  }
  EXPECT_THAT(names, ElementsAre("bob", "ada", "unknown"));
}

TEST_F(Seam, AFaceWithoutWhatItsAlignmentNeedsGetsAnErrorThatSaysSo) {
  auto recognizer = recognize::FaceRecognizer::create(embedder(), pack().manifest(), enrolled(), alignments_);
  ASSERT_TRUE(recognizer) << recognizer.error().message;
  stage::FixedRecognizer source(*std::move(recognizer));
  wire::FaceMessage message;
  message.request_id = "r1";
  const image::RgbImage picture = picture_of({{0, 0, 100, kAda}});
  message.face = image::encode_png(picture.view()).value();
  message.crop = std::string(wire::kCropSource);
  message.crop_box = image::Box{0, 0, 100, 100};
  const std::string body = wire::to_json(message);
  const std::string_view view = body;
  const auto outcomes = stage::FaceHandler(source, {}, null_logger()).handle(std::span(&view, 1));
  ASSERT_TRUE(outcomes[0].error);
  EXPECT_EQ(outcomes[0].error->message, "a face without landmarks");
}

TEST_F(Seam, AProgramWithoutTheKindsSaysWhichItKnows) {
  const auto detector = recognize::load_detector(pack());
  ASSERT_FALSE(detector);
  EXPECT_EQ(detector.error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(detector.error().message, "unknown kind of detector, 'bright-squares': expected one of mtcnn");
  const auto embedder = embed::load_embedder(pack());
  ASSERT_FALSE(embedder);
  EXPECT_EQ(embedder.error().message, "unknown kind of embedder, 'mean-colours': expected one of onnx");
  const model::Manifest manifest = pack().manifest();
  gallery::Gallery gallery({manifest.model_id, manifest.preprocessing, manifest.embedding_size});
  const auto recognizer = recognize::FaceRecognizer::create(this->embedder(), manifest, std::move(gallery));
  ASSERT_FALSE(recognizer);
  EXPECT_EQ(recognizer.error().message, "unknown kind of alignment, 'eyes': expected one of box, landmarks");
}

}  // namespace
}  // namespace facepipe::seam
