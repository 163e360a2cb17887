// The default weights on 118 photographs: enrolment of `train` and recognition of `val` against facenet-pytorch's
// embeddings (tests/data/golden/README.md), and the same through both stages' messages.
// Needs .cache/models and .cache/photos.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/hash.h"
#include "base/temporary_folder.h"
#include "detect/test_detector.h"
#include "embed/landmarks.h"
#include "gallery/index/distance.h"
#include "image/decode.h"
#include "image/resize.h"
#include "packs/pack_builder.h"
#include "packs/test_recipe.h"
#include "people/people_folder.h"
#include "people/test_enrolled.h"
#include "queue/test_queue.h"
#include "recognize/load_detector.h"
#include "recognize/recognizer.h"
#include "stage/detection/detection_stage.h"
#include "stage/detection/face_encoder.h"
#include "stage/recognition/face_handler.h"
#include "stage/recognition/test_recognizer.h"

namespace facepipe::stage {
namespace {

namespace fs = std::filesystem;

const fs::path kCache = fs::path(FACEPIPE_SOURCE_DIR) / ".cache";
constexpr std::size_t kTrainPhotos = 93;
constexpr std::size_t kValPhotos = 25;

struct Photo {
  fs::path file;  // below .cache/photos
  std::string person;
  std::vector<float> classic_embedding;  // facenet-pytorch's, of the face that it chooses
};

// Photographs of "train" or "val" in the golden file's order.
std::vector<Photo> photos_of(std::string_view split) {
  simdjson::dom::parser parser;
  const std::string path = std::string(FACEPIPE_SOURCE_DIR) + "/tests/data/golden/golden.json";
  std::vector<Photo> photos;
  for (const simdjson::dom::element entry : parser.load(path)["photos"].get_array()) {
    Photo photo;
    photo.file = std::string(entry["file"].get_string().value());
    photo.person = std::string(entry["person"].get_string().value());
    for (const simdjson::dom::element value : entry["embedding_seed240"].get_array()) {
      photo.classic_embedding.push_back(static_cast<float>(value.get_double().value()));
    }
    if (photo.file.string().starts_with(std::string(split) + "/")) {
      photos.push_back(std::move(photo));
    }
  }
  return photos;
}

// Whose train photograph's embedding is nearest to `probe` in facenet-pytorch's values.
std::string reference_name(const std::vector<Photo>& train, const std::vector<float>& probe) {
  const auto nearest = std::min_element(train.begin(), train.end(), [&](const Photo& a, const Photo& b) {
    return gallery::squared_distance(a.classic_embedding, probe) <
           gallery::squared_distance(b.classic_embedding, probe);
  });
  return nearest->person;
}

class Recognition : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    const TemporaryFolder folder;
    packs::PackRecipe recipe = packs::testing::pinned_recipe(kCache / "models");
    const auto built = packs::build_pack(recipe, folder.path());
    ASSERT_TRUE(built) << built.error().message;
    const auto pack = model::ModelPack::open(folder.path());
    ASSERT_TRUE(pack) << pack.error().message;
    manifest_ = new model::Manifest(pack->manifest());
    auto mtcnn = recognize::load_detector(*pack);
    ASSERT_TRUE(mtcnn) << mtcnn.error().message;
    mtcnn_ = mtcnn->release();
    auto embedder = embed::load_embedder(*pack, {.threads = 2});
    ASSERT_TRUE(embedder) << embedder.error().message;
    embedder_ = new std::shared_ptr<const embed::Embedder>(*std::move(embedder));
    detector_ =
        new detect::testing::TestDetector([](image::RgbView picture, const WorkLimit&) -> Result<detect::Detection> {
          return detect::Detection{detect(picture), true};
        });
    detected_ = new std::map<std::string, std::vector<detect::Face>>();
  }
  static void TearDownTestSuite() {
    delete detected_;
    delete embedder_;
    delete detector_;
    delete mtcnn_;
    delete manifest_;
  }

  // Each photograph is detected once for all tests.
  static std::vector<detect::Face> detect(image::RgbView picture) {
    const auto pixels = image::RgbImage::clone(picture);
    const std::string key = sha256_hex(std::as_bytes(std::span(pixels.pixels())));
    const auto [entry, is_new] = detected_->try_emplace(key);
    if (is_new) {
      entry->second = mtcnn_->detect(picture).value().faces;
    }
    return entry->second;
  }

  static image::DecodeOptions reference_decoding() {
    image::DecodeOptions decode;
    decode.apply_exif_orientation = false;
    return decode;
  }

  static gallery::Gallery enrolled(std::string_view mode) {
    people::EnrolSummary left_out;
    people::PicturesOfPeople people;
    EXPECT_TRUE(people::walk_people_folder(
        kCache / "photos/train", left_out,
        [&](const std::string& person, const std::string& /*label*/, const std::filesystem::path& file) -> Status {
          if (people.empty() || people.back().first != person) {
            people.emplace_back(person, std::vector<Bytes>());
          }
          FACEPIPE_ASSIGN(people.back().second.emplace_back(), read_file(file, 32U << 20U));
          return {};
        }));
    EXPECT_TRUE(left_out.failed.empty());
    gallery::Gallery gallery =
        people::enrolled(gallery::Gallery({"", model::known_mode(mode).value(), manifest_->embedding_size}), people,
                         *manifest_, *detector_, *embedder_, reference_decoding());
    EXPECT_EQ(gallery.embedding_count(), kTrainPhotos);
    EXPECT_EQ(gallery.people().size(), 5U);
    EXPECT_EQ(gallery.origin().model_id, manifest_->model_id);
    return gallery;
  }

  static recognize::FaceRecognizer recognizer_of(std::string_view mode) {
    auto recognizer = recognize::FaceRecognizer::create(*embedder_, *manifest_, enrolled(mode));
    EXPECT_TRUE(recognizer) << recognizer.error().message;
    return *std::move(recognizer);
  }

  // Of the largest face; straight from the picture's pixels.
  static std::string name_of(const recognize::FaceRecognizer& recognizer, const Photo& photo) {
    const auto picture =
        image::decode_image(read_file(kCache / "photos" / photo.file, 32U << 20U).value(), reference_decoding());
    EXPECT_TRUE(picture) << picture.error().message;
    const auto faces = detect(picture->view());
    EXPECT_FALSE(faces.empty()) << photo.file;
    std::vector<recognize::Probe> probes;
    probes.push_back(recognize::cut_probe(picture->view(), faces.at(0)));
    const auto identities = recognizer.recognize(probes);
    EXPECT_TRUE(identities) << identities.error().message;
    return identities->at(0).name;
  }

  // The same through a frame's request, the face's message and its answer.
  static std::string answer_of(const FaceHandler& faces, const Photo& photo) {
    return message_answer(faces, photo).result;
  }
  static wire::Answer message_answer(const FaceHandler& faces, const Photo& photo) {
    queue::FakeQueue requests;
    DetectionOptions options;
    options.faces = FaceSelection::kLargest;
    options.decode = reference_decoding();
    QueueSink sink(requests);
    const Bytes picture = read_file(kCache / "photos" / photo.file, 32U << 20U).value();
    EncodedFrame frame{{}, picture};
    frame.info.request_id = photo.file.string();
    const FrameOutcome sent = DetectionStage(*detector_, sink, options).handle(frame);
    EXPECT_EQ(sent.kind, FrameOutcome::Kind::kAccepted) << sent.error.message;
    if (requests.stored.size() != 1) {
      return {};
    }
    const std::string_view body = requests.stored[0].body;
    const auto outcomes = faces.handle(std::span(&body, 1));
    EXPECT_TRUE(outcomes.at(0).answer);
    EXPECT_EQ(outcomes.at(0).answer->request_id, photo.file.string());
    EXPECT_EQ(outcomes.at(0).answer->aligned, "");
    return *outcomes.at(0).answer;
  }

  // A face that went through the queue has the embedding that it would have had directly: cosine 0.9995.
  static void expect_the_same_through_messages(const model::Preprocessing& preprocessing) {
    constexpr double kLowestCosine = 0.9995;
    double lowest = 1;
    for (const Photo& photo : photos_of("val")) {
      const auto picture =
          image::decode_image(read_file(kCache / "photos" / photo.file, 32U << 20U).value(), reference_decoding());
      ASSERT_TRUE(picture) << picture.error().message;
      gallery::Gallery gallery({manifest_->model_id, preprocessing, manifest_->embedding_size});
      auto empty = recognize::FaceRecognizer::create(*embedder_, *manifest_, gallery::Gallery(gallery.origin()));
      ASSERT_TRUE(empty) << empty.error().message;
      const detect::Face face = detect(picture->view()).at(0);
      const recognize::Probe whole{image::RgbImage::clone(picture->view()), face.box, face.landmarks};
      const auto direct = empty->embed(std::span(&whole, 1));
      ASSERT_TRUE(direct) << direct.error().message;
      ASSERT_TRUE(gallery.add("directly", direct->at(0)));
      FixedRecognizer source(recognize::FaceRecognizer::create(*embedder_, *manifest_, std::move(gallery)).value());
      const auto distance = double{message_answer(FaceHandler(source, {}, null_logger()), photo).distance.value()};
      const double cosine = 1 - distance * distance / 2;
      EXPECT_GE(cosine, kLowestCosine) << photo.file;
      lowest = std::min(lowest, cosine);
    }
    RecordProperty("lowest_cosine", std::to_string(lowest));
  }

  // The same of a face so large that its crop is shrunk: the photographs enlarged.
  static void expect_the_same_from_shrunk_crops(const model::Preprocessing& preprocessing) {
    constexpr double kLowestCosine = 0.9995;
    constexpr float kLargeFacePx = 700;
    for (const Photo& photo : photos_of("val")) {
      const auto picture =
          image::decode_image(read_file(kCache / "photos" / photo.file, 32U << 20U).value(), reference_decoding());
      ASSERT_TRUE(picture) << picture.error().message;
      detect::Face face = detect(picture->view()).at(0);
      const int times =
          std::max(static_cast<int>(std::ceil(kLargeFacePx / std::max(face.box.width(), face.box.height()))), 1);
      const auto factor = static_cast<float>(times);
      const image::RgbImage large =
          image::resize_bilinear(picture->view(), picture->width() * times, picture->height() * times);
      face.box = {face.box.x1 * factor, face.box.y1 * factor, face.box.x2 * factor, face.box.y2 * factor};
      for (image::Point& point : face.landmarks) {
        point = {(point.x + 0.5F) * factor - 0.5F, (point.y + 0.5F) * factor - 0.5F};
      }
      gallery::Gallery gallery({manifest_->model_id, preprocessing, manifest_->embedding_size});
      auto empty = recognize::FaceRecognizer::create(*embedder_, *manifest_, gallery::Gallery(gallery.origin()));
      ASSERT_TRUE(empty) << empty.error().message;
      const recognize::Probe whole{image::RgbImage::clone(large.view()), face.box, face.landmarks};
      const auto direct = empty->embed(std::span(&whole, 1));
      ASSERT_TRUE(direct) << direct.error().message;
      ASSERT_TRUE(gallery.add("directly", direct->at(0)));
      FixedRecognizer source(recognize::FaceRecognizer::create(*embedder_, *manifest_, std::move(gallery)).value());
      wire::FaceMessage message;
      message.request_id = "large";
      message.box = face.box;
      message.landmarks = face.landmarks;
      ASSERT_TRUE(encode_face(large.view(), face, {}, message));
      const std::string json = wire::to_json(message);
      const std::string_view body = json;
      const auto outcomes = FaceHandler(source, {}, null_logger()).handle(std::span(&body, 1));
      ASSERT_TRUE(outcomes.at(0).answer);
      const auto distance = double{outcomes.at(0).answer->distance.value()};
      EXPECT_GE(1 - distance * distance / 2, kLowestCosine) << photo.file;
    }
  }

  static void expect_all_right(std::string_view mode) {
    FixedRecognizer source(recognizer_of(mode));
    const recognize::FaceRecognizer& recognizer = **source.current();
    const FaceHandler faces(source, {}, null_logger());
    const std::vector<Photo> val = photos_of("val");
    ASSERT_EQ(val.size(), kValPhotos);
    for (const Photo& photo : val) {
      EXPECT_EQ(name_of(recognizer, photo), photo.person) << photo.file;
      EXPECT_EQ(answer_of(faces, photo), photo.person) << photo.file;
    }
  }

  static model::Manifest* manifest_;
  static const detect::Detector* mtcnn_;
  static const detect::Detector* detector_;
  static std::shared_ptr<const embed::Embedder>* embedder_;
  static std::map<std::string, std::vector<detect::Face>>* detected_;
};

model::Manifest* Recognition::manifest_ = nullptr;
const detect::Detector* Recognition::mtcnn_ = nullptr;
const detect::Detector* Recognition::detector_ = nullptr;
std::shared_ptr<const embed::Embedder>* Recognition::embedder_ = nullptr;
std::map<std::string, std::vector<detect::Face>>* Recognition::detected_ = nullptr;

TEST_F(Recognition, WhitenedNamesEveryFace) {
  expect_all_right("whitened");
}

TEST_F(Recognition, StandardNamesEveryFace) {
  expect_all_right("standard");
}

TEST_F(Recognition, ClassicNamesWhatFacenetPytorchNames) {
  FixedRecognizer source(recognizer_of("classic"));
  const recognize::FaceRecognizer& recognizer = **source.current();
  const FaceHandler faces(source, {}, null_logger());
  const std::vector<Photo> train = photos_of("train");
  ASSERT_EQ(train.size(), kTrainPhotos);
  int right = 0;
  int right_by_message = 0;
  for (const Photo& photo : photos_of("val")) {
    const std::string name = name_of(recognizer, photo);
    EXPECT_EQ(name, reference_name(train, photo.classic_embedding)) << photo.file;
    right += name == photo.person ? 1 : 0;
    right_by_message += answer_of(faces, photo) == photo.person ? 1 : 0;
  }
  EXPECT_EQ(right, 20);
  // Through a JPEG source crop: classic embeddings are sensitive (the stretch depends on single pixels), so a name near
  // a tie may turn on another processor. Measured: 20.
  RecordProperty("right_by_message", right_by_message);
  EXPECT_NEAR(right_by_message, 20, 1);
}

TEST_F(Recognition, WhitenedEmbeddingsAreTheSameThroughMessages) {
  expect_the_same_through_messages(model::known_mode("whitened").value());
}

TEST_F(Recognition, StandardEmbeddingsAreTheSameThroughMessages) {
  expect_the_same_through_messages(model::known_mode("standard").value());
}

TEST_F(Recognition, AlignedEmbeddingsAreTheSameThroughMessages) {
  model::Preprocessing aligned = model::known_mode("whitened").value();
  aligned.mode = "aligned";
  aligned.margin_px = 0;
  aligned.alignment = std::string(model::kLandmarksAlignment);
  const float scale = static_cast<float>(aligned.input_px) / static_cast<float>(embed::kArcFaceSidePx);
  std::ranges::transform(embed::kArcFacePoints, aligned.points.begin(),
                         [scale](const image::Point& point) { return image::Point{point.x * scale, point.y * scale}; });
  expect_the_same_through_messages(aligned);
  expect_the_same_from_shrunk_crops(aligned);
  aligned.mirrored = true;
  expect_the_same_through_messages(aligned);
}

}  // namespace
}  // namespace facepipe::stage
