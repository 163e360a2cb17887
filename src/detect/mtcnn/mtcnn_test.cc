// The detector with made-up weights: its box logic has literal answers then. The real weights are in
// mtcnn_golden_test.cc.
#include "detect/mtcnn/mtcnn.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <random>
#include <thread>

#include "detect/mtcnn/candidate_bound.h"
#include "image/test_pictures.h"

namespace facepipe::detect {
namespace {

using image::testing::random_picture;

using ::testing::HasSubstr;

struct TensorShape {
  const char* name;
  std::vector<std::int64_t> shape;
};

// Every tensor of the three networks, as facenet-pytorch names and shapes them.
const std::vector<TensorShape>& tensor_shapes() {
  static const std::vector<TensorShape> shapes = {
      {"pnet.conv1", {10, 3, 3, 3}},   {"pnet.conv2", {16, 10, 3, 3}},  {"pnet.conv3", {32, 16, 3, 3}},
      {"pnet.conv4_1", {2, 32, 1, 1}}, {"pnet.conv4_2", {4, 32, 1, 1}}, {"rnet.conv1", {28, 3, 3, 3}},
      {"rnet.conv2", {48, 28, 3, 3}},  {"rnet.conv3", {64, 48, 2, 2}},  {"rnet.dense4", {128, 576}},
      {"rnet.dense5_1", {2, 128}},     {"rnet.dense5_2", {4, 128}},     {"onet.conv1", {32, 3, 3, 3}},
      {"onet.conv2", {64, 32, 3, 3}},  {"onet.conv3", {64, 64, 3, 3}},  {"onet.conv4", {128, 64, 2, 2}},
      {"onet.dense5", {256, 1152}},    {"onet.dense6_1", {2, 256}},     {"onet.dense6_2", {4, 256}},
      {"onet.dense6_3", {10, 256}}};
  return shapes;
}

weights::Tensor constant(std::vector<std::int64_t> shape, float value) {
  std::size_t size = 1;
  for (const std::int64_t extent : shape) {
    size *= static_cast<std::size_t>(extent);
  }
  return {std::move(shape), std::vector<float>(size, value)};
}

weights::StateDict zero_weights() {
  weights::StateDict dict;
  for (const TensorShape& tensor : tensor_shapes()) {
    const std::string name = tensor.name;
    dict[name + ".weight"] = constant(tensor.shape, 0);
    dict[name + ".bias"] = constant({tensor.shape[0]}, 0);
  }
  for (const auto& [name, channels] :
       std::initializer_list<std::pair<const char*, std::int64_t>>{{"pnet.prelu1", 10},
                                                                   {"pnet.prelu2", 16},
                                                                   {"pnet.prelu3", 32},
                                                                   {"rnet.prelu1", 28},
                                                                   {"rnet.prelu2", 48},
                                                                   {"rnet.prelu3", 64},
                                                                   {"rnet.prelu4", 128},
                                                                   {"onet.prelu1", 32},
                                                                   {"onet.prelu2", 64},
                                                                   {"onet.prelu3", 64},
                                                                   {"onet.prelu4", 128},
                                                                   {"onet.prelu5", 256}}) {
    dict[std::string(name) + ".weight"] = constant({channels}, 0.25F);
  }
  return dict;
}

// Networks that say "face" everywhere, with no correction.
weights::StateDict yes_weights() {
  weights::StateDict dict = zero_weights();
  for (const char* name : {"pnet.conv4_1.bias", "rnet.dense5_1.bias", "onet.dense6_1.bias"}) {
    dict[name].values = {0, 3};
  }
  return dict;
}

weights::StateDict random_weights(unsigned seed) {
  std::mt19937 random(seed);
  weights::StateDict dict = zero_weights();
  for (auto& [name, tensor] : dict) {
    const float spread = 1.5F / std::sqrt(static_cast<float>(tensor.values.size()) /
                                          static_cast<float>(std::max<std::int64_t>(tensor.shape[0], 1)));
    std::uniform_real_distribution<float> value(-spread, spread);
    if (tensor.shape.size() > 1) {
      std::generate(tensor.values.begin(), tensor.values.end(), [&] { return value(random); });
    }
  }
  return dict;
}

std::unique_ptr<const Detector> make_detector(const weights::StateDict& weights, const DetectorOptions& options = {}) {
  auto detector = make_mtcnn(weights, options);
  EXPECT_TRUE(detector.has_value()) << (detector.has_value() ? "" : detector.error().message);
  return std::move(detector).value();
}

std::vector<Face> find(const std::unique_ptr<const Detector>& detector, const image::RgbImage& picture) {
  return detector->detect(picture.view())->faces;
}

void expect_equal(const std::vector<Face>& a, const std::vector<Face>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].box, b[i].box) << i;
    EXPECT_EQ(a[i].confidence, b[i].confidence) << i;
    EXPECT_EQ(a[i].landmarks, b[i].landmarks) << i;
  }
}

// 20x20 pixels make one level of 13x13 and 2x2 windows. Of these (1,1,20,20) and (5,5,23,23) overlap by less than half
// and outlast the first suppressions; of equal scores the last one keeps the later box (N10).
TEST(Mtcnn, FindsTheLaterOfTwoWindowsInASmallestPicture) {
  weights::StateDict weights = yes_weights();
  weights["onet.dense6_3.bias"].values = {0, 0.5F, 1, 0.25F, 0.75F, 1, 0.5F, 0, 0.25F, 0.75F};
  const std::vector<Face> faces = find(make_detector(weights), random_picture(1, 20, 20));
  ASSERT_EQ(faces.size(), 1U);
  EXPECT_EQ(faces[0].box, (image::Box{5, 5, 23, 23}));
  EXPECT_FLOAT_EQ(faces[0].confidence, 0.95257413F);  // softmax of 0 and 3
  EXPECT_EQ(faces[0].landmarks[0], (image::Point{4, 23}));
  EXPECT_EQ(faces[0].landmarks[1], (image::Point{13.5F, 13.5F}));
  EXPECT_EQ(faces[0].landmarks[2], (image::Point{23, 4}));
}

// N6: P-Net's and R-Net's corrections and squares, and O-Net's, one after the other.
TEST(Mtcnn, AppliesEachNetworksCorrection) {
  weights::StateDict weights = yes_weights();
  weights["pnet.conv4_2.bias"].values = {0, 0, 0, 1};          // (1,1,20,20) -> (1,1,20,39) -> (-8.5,1,29.5,39)
  weights["rnet.dense5_2.bias"].values = {0, 0, 0, 0};         // the square stays
  weights["onet.dense6_2.bias"].values = {0.5F, 0, 0, -0.5F};  // parts of 39 inclusive pixels
  const std::vector<Face> faces = find(make_detector(weights), random_picture(1, 20, 20));
  ASSERT_EQ(faces.size(), 1U);
  EXPECT_EQ(faces[0].box, (image::Box{11, 1, 29.5F, 19.5F}));
}

// N11: the reference's masks do not line up any more here.
TEST(Mtcnn, DropsCandidatesOutsideThePicture) {
  weights::StateDict weights = yes_weights();
  weights["pnet.conv4_2.bias"].values = {5, 0, 5, 0};  // 95 pixels to the right
  EXPECT_TRUE(find(make_detector(weights), random_picture(1, 20, 20)).empty());
  // 38 pixels to the right: of a 60-pixel wide picture's windows some stay inside.
  weights["pnet.conv4_2.bias"].values = {2, 0, 2, 0};
  for (const Face& face : find(make_detector(weights), random_picture(1, 60, 20))) {
    EXPECT_LT(face.box.x1, 61);
  }
}

TEST(Mtcnn, SortsTheLargestFaceFirst) {
  const std::vector<Face> faces = find(make_detector(yes_weights()), random_picture(1, 90, 70));
  ASSERT_GT(faces.size(), 1U);
  for (std::size_t i = 1; i < faces.size(); ++i) {
    EXPECT_GE(faces[i - 1].box.area(), faces[i].box.area());
  }
}

TEST(Mtcnn, FindsNothingAtAProbabilityOfOneHalf) {
  EXPECT_TRUE(find(make_detector(zero_weights()), random_picture(1, 100, 100)).empty());
}

// The first threshold is inclusive, the later ones are not (N13).
TEST(Mtcnn, ThresholdsAreAtLeastForPNetAndMoreThanForTheOthers) {
  DetectorOptions options;
  options.thresholds = {0.5F, 0.4F, 0.4F};
  EXPECT_EQ(find(make_detector(zero_weights(), options), random_picture(1, 20, 20)).size(), 1U);
  options.thresholds = {0.5F, 0.5F, 0.4F};
  EXPECT_TRUE(find(make_detector(zero_weights(), options), random_picture(1, 20, 20)).empty());
  options.thresholds = {0.5F, 0.4F, 0.5F};
  EXPECT_TRUE(find(make_detector(zero_weights(), options), random_picture(1, 20, 20)).empty());
}

// N4
TEST(Mtcnn, FindsNothingInAPictureBelowTheMinimumFace) {
  const auto detector = make_detector(yes_weights());
  EXPECT_TRUE(find(detector, random_picture(1, 19, 19)).empty());
  EXPECT_TRUE(find(detector, random_picture(1, 500, 19)).empty());
  EXPECT_TRUE(find(detector, random_picture(1, 1, 700)).empty());
  EXPECT_TRUE(find(detector, random_picture(1, 700, 1)).empty());
}

TEST(Mtcnn, FindsNothingInAnEmptyView) {
  const auto detector = make_detector(yes_weights());
  EXPECT_TRUE(detector->detect({})->faces.empty());
  const std::uint8_t pixel = 0;
  EXPECT_TRUE(detector->detect({&pixel, 0, 40, 0})->faces.empty());
  EXPECT_TRUE(detector->detect({&pixel, 40, 0, 120})->faces.empty());
  EXPECT_TRUE(detector->detect({&pixel, -3, 40, 120})->faces.empty());
}

TEST(Mtcnn, ReadsRowsByTheirStride) {
  const image::RgbImage large = random_picture(3, 80, 60);
  const image::RgbView part = large.view().crop({7, 5, 67, 50});
  const image::RgbImage copy = image::RgbImage::clone(part);
  DetectorOptions options;
  options.thresholds = {0.5F, 0.3F, 0.2F};
  const auto detector = make_detector(random_weights(5), options);
  const std::vector<Face> faces = detector->detect(part)->faces;
  EXPECT_FALSE(faces.empty());
  expect_equal(faces, detector->detect(copy.view())->faces);
}

TEST(Mtcnn, OneAndSeveralThreadsGiveEqualResults) {
  const image::RgbImage picture = random_picture(4, 110, 150);
  DetectorOptions options;
  options.thresholds = {0.5F, 0.3F, 0.2F};
  const weights::StateDict weights = random_weights(5);
  const std::vector<Face> expected = find(make_detector(weights, options), picture);
  EXPECT_FALSE(expected.empty());
  for (const int threads : {2, 3, 5}) {
    options.threads = threads;
    expect_equal(expected, find(make_detector(weights, options), picture));
  }
}

TEST(Mtcnn, ConcurrentCallsDoNotDisturbEachOther) {
  DetectorOptions options;
  options.thresholds = {0.5F, 0.3F, 0.2F};
  options.threads = 2;
  const auto detector = make_detector(random_weights(5), options);
  std::vector<image::RgbImage> pictures;
  std::vector<std::vector<Face>> expected;
  for (unsigned i = 0; i < 3; ++i) {
    pictures.push_back(random_picture(i, 60 + static_cast<int>(i) * 31, 90 - static_cast<int>(i) * 17));
    expected.push_back(find(detector, pictures.back()));
  }
  std::vector<std::vector<std::vector<Face>>> results(3, std::vector<std::vector<Face>>(3));
  std::vector<std::thread> callers;
  for (std::size_t caller = 0; caller < 3; ++caller) {
    callers.emplace_back([&, caller] {
      for (std::size_t i = 0; i < 3; ++i) {
        results[caller][i] = find(detector, pictures[(caller + i) % 3]);
      }
    });
  }
  for (std::thread& caller : callers) {
    caller.join();
  }
  for (std::size_t caller = 0; caller < 3; ++caller) {
    for (std::size_t i = 0; i < 3; ++i) {
      expect_equal(results[caller][i], expected[(caller + i) % 3]);
    }
  }
}

// "Face" everywhere: every window of every level is a candidate. The finest level alone has 21,609.
TEST(Mtcnn, LooksAtSoManyCandidatesAndSaysThatThereWereMore) {
  const auto detector = make_detector(yes_weights());
  const image::RgbImage many = random_picture(1, 520, 520);
  const Result<Detection> found = detector->detect(many.view(), WorkLimit());
  ASSERT_TRUE(found.has_value());
  EXPECT_FALSE(found->complete);
  EXPECT_FALSE(found->faces.empty());
  EXPECT_LE(found->faces.size(), kMaxRefined);
  EXPECT_GT(found->faces.front().box.area(), 150 * 150) << "small faces are left out, not large ones";
  const image::RgbImage few = random_picture(1, 60, 60);
  EXPECT_TRUE(detector->detect(few.view(), WorkLimit())->complete);
}

TEST(Mtcnn, TheSameCandidatesStayWhateverTheNumberOfThreads) {
  const image::RgbImage many = random_picture(2, 520, 500);
  DetectorOptions options;
  const std::vector<Face> expected = find(make_detector(yes_weights(), options), many);
  options.threads = 3;
  expect_equal(expected, find(make_detector(yes_weights(), options), many));
}

TEST(Mtcnn, EndsAtItsLimit) {
  const image::RgbImage picture = random_picture(1, 250, 250);
  for (const int threads : {1, 2}) {
    DetectorOptions options;
    options.threads = threads;
    const auto detector = make_detector(yes_weights(), options);
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(detector->detect(picture.view(), WorkLimit(stop.get_token())).error().code, ErrorCode::kUnavailable);
    const WorkLimit past = WorkLimit().until(WorkLimit::Clock::now(), "1 s (--frame-timeout)");
    EXPECT_EQ(detector->detect(picture.view(), past).error().message,
              "detection took longer than 1 s (--frame-timeout)");
    EXPECT_FALSE(detector->detect(picture.view())->faces.empty()) << "the next call is a whole one";
  }
}

// In the middle of the work the limit is obeyed soon. What is measured is the processor's time: a busy machine gives
// less of it until the deadline, and what it gives after that comes late.
TEST(Mtcnn, ADeadlineInTheMiddleIsObeyed) {
  using Seconds = std::chrono::duration<double>;
  const auto detector = make_detector(yes_weights());
  const image::RgbImage picture = random_picture(1, 3000, 3000);
  const auto time_of = [&](const WorkLimit& limit, bool ends) {
    const std::clock_t before = std::clock();
    EXPECT_EQ(detector->detect(picture.view(), limit).has_value(), ends);
    return Seconds(static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC);
  };
  const Seconds whole = time_of({}, true);
  for (const double part : {0.01, 0.1, 0.25}) {
    const auto time = std::chrono::duration_cast<WorkLimit::Clock::duration>(part * whole);
    EXPECT_LT(time_of(WorkLimit().until(WorkLimit::Clock::now() + time, "a moment"), false), 0.75 * whole) << part;
  }
}

// Frames take their share of the work memory by it (stage/detection/frame_memory_test.cc).
TEST(Mtcnn, SaysHowMuchMemoryItTakes) {
  const auto detector = make_detector(zero_weights());
  EXPECT_LE(detector->memory(8'000, 6'250), std::size_t{48} << 20U);
  EXPECT_LE(detector->memory(1'920, 1'080), std::size_t{26} << 20U);
}

// Limits of pictures are an option's, and may be wider.
TEST(Mtcnn, APictureThatIsTooWideIsRefused) {
  const auto detector = make_detector(zero_weights());
  const image::RgbImage wide(32'769, 1);
  const auto found = detector->detect(wide.view());
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kTooLarge);
  EXPECT_THAT(found.error().message, HasSubstr("32769x1"));
  EXPECT_THAT(found.error().message, HasSubstr("32768"));
  const image::RgbImage widest(32'768, 21);
  EXPECT_TRUE(detector->detect(widest.view()));
}

TEST(MakeMtcnn, NamesTheMissingTensor) {
  for (const TensorShape& tensor : tensor_shapes()) {
    weights::StateDict weights = zero_weights();
    weights.erase(std::string(tensor.name) + ".weight");
    const auto detector = make_mtcnn(weights);
    ASSERT_FALSE(detector.has_value()) << tensor.name;
    EXPECT_EQ(detector.error().code, ErrorCode::kInvalidData);
    EXPECT_THAT(detector.error().message, HasSubstr(std::string(tensor.name) + ".weight"));
  }
}

TEST(MakeMtcnn, NamesTheBadOptionAndItsRange) {
  const auto message = [](const DetectorOptions& options) {
    const auto detector = make_mtcnn(zero_weights(), options);
    EXPECT_FALSE(detector.has_value());
    if (detector.has_value()) {
      return std::string();
    }
    EXPECT_EQ(detector.error().code, ErrorCode::kInvalidArgument);
    return detector.error().message;
  };
  DetectorOptions options;
  options.min_face_size_px = 11;
  EXPECT_THAT(message(options), HasSubstr("min_face_size_px from 12 to 32768, got 11"));
  options = {};
  options.factor = 0.95F;
  EXPECT_THAT(message(options), HasSubstr("factor between 0.1 and 0.95"));
  options.factor = std::nanf("");
  EXPECT_THAT(message(options), HasSubstr("factor"));
  options = {};
  options.thresholds[1] = 1.5F;
  EXPECT_THAT(message(options), HasSubstr("thresholds from 0 to 1, got 1.5"));
  options = {};
  options.threads = 0;
  EXPECT_THAT(message(options), HasSubstr("threads from 1 to 256, got 0"));
}

}  // namespace
}  // namespace facepipe::detect
