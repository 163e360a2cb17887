#include "stage/recognition/face_handler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <new>
#include <thread>

#include "base/json_writer.h"
#include "base/test_memory.h"
#include "embed/landmarks.h"
#include "embed/test_embedder.h"
#include "image/encode.h"
#include "stage/recognition/test_recognizer.h"

namespace facepipe::stage {
namespace {

// The "network" of these tests: an embedding is the first pixel's red.
Result<std::vector<embed::Embedding>> first_red(std::span<const image::RgbView> crops, const model::Preprocessing&) {
  std::vector<embed::Embedding> embeddings;
  for (const image::RgbView& crop : crops) {
    embeddings.push_back({static_cast<float>(crop.row(0)[0])});
  }
  return embeddings;
}

recognize::FaceRecognizer recognizer_of(embed::testing::TestEmbedder::Function embed,
                                        std::string_view mode = "standard") {
  gallery::Gallery gallery({"m1", model::known_mode(mode).value(), 1});
  gallery.set_distance_threshold(20.0F);
  EXPECT_TRUE(gallery.add("ada", std::vector<float>{0}));
  EXPECT_TRUE(gallery.add("bob", std::vector<float>{200}));
  model::Manifest manifest;
  manifest.model_id = "m1";
  manifest.embedding_size = 1;
  return recognize::FaceRecognizer::create(embed::testing::test_embedder(std::move(embed)), manifest,
                                           std::move(gallery))
      .value();
}

wire::FaceMessage message(std::string id, std::uint8_t red, int side = 160) {
  image::RgbImage pixels(side, side);
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      pixels.row(y)[3 * x] = red;
    }
  }
  wire::FaceMessage message;
  message.request_id = std::move(id);
  message.face = image::encode_png(pixels.view()).value();
  return message;
}

// Somebody else's, who outlives it.
class BorrowedRecognizer final : public RecognizerSource {
 public:
  explicit BorrowedRecognizer(const recognize::FaceRecognizer& recognizer) : recognizer_(recognizer) {}
  Result<std::shared_ptr<const recognize::FaceRecognizer>> current() override {
    return std::shared_ptr<const recognize::FaceRecognizer>(std::shared_ptr<void>(), &recognizer_);
  }

 private:
  const recognize::FaceRecognizer& recognizer_;
};

std::vector<FaceOutcome> handle(const recognize::FaceRecognizer& recognizer, const std::vector<std::string>& bodies,
                                Logger& logger = null_logger()) {
  const std::vector<std::string_view> views(bodies.begin(), bodies.end());
  BorrowedRecognizer source(recognizer);
  auto outcomes = FaceHandler(source, {}, logger).handle(views);
  EXPECT_EQ(outcomes.size(), bodies.size());
  return outcomes;
}

TEST(FaceHandler, AnswersCarryWhatIsKnown) {
  wire::FaceMessage sent = message("r1", 190);
  sent.face_index = 1;
  sent.face_count = 2;
  sent.box = image::Box{1, 2, 3, 4};
  sent.confidence = 0.75F;
  const auto outcomes = handle(recognizer_of(first_red), {wire::to_json(sent)});
  ASSERT_TRUE(outcomes[0].answer);
  EXPECT_FALSE(outcomes[0].error);
  EXPECT_EQ(wire::to_json(*outcomes[0].answer),
            R"({"request_id":"r1","result":"bob","distance":10,"confidence":0.75,"face_index":1,"face_count":2,)"
            R"("box":[1,2,3,4],"second":"ada","second_distance":190})");
}

// Keeps nothing, and says that it did; fails as it is told.
class ToldKeeper final : public FaceKeeper {
 public:
  Result<std::vector<KeptFace>> keep(std::span<const SeenFace> faces,
                                     const recognize::FaceRecognizer& /*recognizer*/) override {
    ++calls;
    std::vector<KeptFace> kept;
    for (const SeenFace& face : faces) {
      if (failures > 0) {
        --failures;
        if (on_failure) {
          on_failure();
        }
        return Error{ErrorCode::kUnavailable, "away"};
      }
      if (face.message.request_id == refused) {
        return Error{ErrorCode::kInternal, "not this one"};
      }
      EXPECT_FALSE(face.message.face.empty());
      EXPECT_EQ(face.embedding.size(), 1U);
      names.push_back(face.identity.name);
      embeddings.push_back(face.embedding[0]);
      kept.push_back({"face " + face.message.request_id, "visit"});
    }
    return kept;
  }
  int calls = 0;
  std::vector<float> embeddings;
  int failures = 0;
  std::function<void()> on_failure;
  std::string refused;
  std::vector<std::string> names;
};

std::vector<FaceOutcome> handle(FaceKeeper& keeper, const std::vector<std::string>& bodies,
                                const std::stop_token& stop = {}) {
  const std::vector<std::string_view> views(bodies.begin(), bodies.end());
  const auto recognizer = recognizer_of(first_red);
  BorrowedRecognizer source(recognizer);
  return FaceHandler(source, {}, null_logger(), nullptr, &keeper).handle(views, stop);
}

TEST(FaceHandler, FacesAreKeptBeforeTheyAreAnswered) {
  ToldKeeper keeper;
  const auto outcomes = handle(keeper, {wire::to_json(message("r1", 190)), "{}", wire::to_json(message("r2", 100))});
  EXPECT_EQ(keeper.names, (std::vector<std::string>{"bob", "unknown"})) << "one call, without what is no face";
  EXPECT_EQ(keeper.calls, 1);
  EXPECT_EQ(outcomes[0].answer->face_id, "face r1");
  EXPECT_EQ(outcomes[2].answer->visit, "visit");
  EXPECT_TRUE(outcomes[1].error);
}

TEST(FaceHandler, AKeeperThatIsAwayIsWaitedFor) {
  ToldKeeper keeper;
  keeper.failures = 2;
  const auto outcomes = handle(keeper, {wire::to_json(message("r1", 190))});
  ASSERT_TRUE(outcomes[0].answer);
  EXPECT_EQ(outcomes[0].answer->face_id, "face r1");
  EXPECT_EQ(keeper.calls, 3);
}

TEST(FaceHandler, WithoutItsKeeperNothingIsAnsweredAtAStop) {
  ToldKeeper keeper;
  keeper.failures = 1'000'000;
  std::stop_source stop;
  keeper.on_failure = [&] {
    if (keeper.calls == 2) {
      stop.request_stop();
    }
  };
  const auto outcomes =
      handle(keeper, {wire::to_json(message("r1", 190)), wire::to_json(message("r2", 190))}, stop.get_token());
  for (const FaceOutcome& outcome : outcomes) {
    EXPECT_FALSE(outcome.answer);
    EXPECT_EQ(outcome.error->message, "keeping the face: away");
  }
  EXPECT_EQ(keeper.calls, 2);
}

TEST(FaceHandler, AFaceThatCannotBeKeptCostsNobodyElseAnAnswer) {
  ToldKeeper keeper;
  keeper.refused = "r2";
  const auto outcomes = handle(
      keeper, {wire::to_json(message("r1", 190)), wire::to_json(message("r2", 190)), wire::to_json(message("r3", 0))});
  EXPECT_EQ(outcomes[0].answer->result, "bob");
  EXPECT_FALSE(outcomes[1].answer) << "it is tried again, and ends as a dead letter";
  EXPECT_EQ(outcomes[1].error->message, "keeping the face: not this one");
  EXPECT_EQ(outcomes[2].answer->result, "ada");
}

TEST(FaceHandler, AStrangerIsUnknown) {
  const auto outcomes = handle(recognizer_of(first_red), {wire::to_json(message("r1", 100))});
  ASSERT_TRUE(outcomes[0].answer);
  EXPECT_EQ(wire::to_json(*outcomes[0].answer),
            R"({"request_id":"r1","result":"unknown","distance":100,"face_index":0,"face_count":1})");
}

TEST(FaceHandler, APythonDetectorsMessage) {
  wire::FaceMessage plain = message("r1", 0, 240);
  std::string body = wire::to_json(plain);
  body.replace(body.find("\"face\""), 6, "\"face_image\"");
  const auto outcomes = handle(recognizer_of(first_red), {json_quote(body)});
  ASSERT_TRUE(outcomes[0].answer);
  EXPECT_EQ(outcomes[0].answer->result, "ada");
}

TEST(FaceHandler, SourceCropsAreStretchedInClassicModeAndReadyCropsAreNot) {
  std::vector<int> reds;
  const auto recognizer = recognizer_of(
      [&](auto crops, const model::Preprocessing& preprocessing) {
        for (const image::RgbView& crop : crops) {
          EXPECT_EQ(crop.width, 240);
          reds.push_back(crop.row(0)[0]);
        }
        return first_red(crops, preprocessing);
      },
      "classic");
  const wire::FaceMessage ready = message("r1", 90, 240);  // red 90, green and blue 0
  wire::FaceMessage source = ready;
  source.crop = "source";
  source.crop_box = image::Box{0, 0, 240, 240};
  wire::FaceMessage named = ready;
  named.crop = "classic";
  handle(recognizer, {wire::to_json(ready), wire::to_json(source), wire::to_json(named)});
  EXPECT_EQ(reds, (std::vector<int>{90, 255, 90}));
}

TEST(FaceHandler, ABadMessageCostsNobodyElseAnAnswer) {
  wire::FaceMessage text = message("r2", 0);
  text.face = to_bytes(as_bytes("no picture"));
  wire::FaceMessage outside = message("r3", 0);
  outside.crop = "source";
  outside.crop_box = image::Box{500, 500, 600, 600};
  outside.face_index = 2;
  outside.face_count = 4;
  const auto outcomes = handle(recognizer_of(first_red),
                               {wire::to_json(message("r1", 1)), wire::to_json(text), "nonsense",
                                wire::to_json(outside), wire::to_json(message("r4", 199)), R"({"request_id":"r5"})"});
  EXPECT_EQ(outcomes[0].answer->result, "ada");
  ASSERT_TRUE(outcomes[1].answer);
  EXPECT_EQ(outcomes[1].answer->result, "error");
  EXPECT_EQ(outcomes[1].answer->request_id, "r2");
  EXPECT_EQ(outcomes[1].answer->error.rfind("face message: cannot read the face's picture: ", 0), 0U);
  EXPECT_FALSE(outcomes[2].answer);
  ASSERT_TRUE(outcomes[2].error);
  EXPECT_EQ(outcomes[2].error->code, ErrorCode::kInvalidData);
  ASSERT_TRUE(outcomes[3].answer);
  EXPECT_EQ(outcomes[3].answer->result, "error");
  EXPECT_EQ(outcomes[3].answer->face_index, 2);
  EXPECT_EQ(outcomes[3].answer->face_count, 4);
  EXPECT_EQ(outcomes[4].answer->result, "bob");
  ASSERT_TRUE(outcomes[5].answer);
  EXPECT_EQ(outcomes[5].answer->error, "face message: field \"face\" is missing or empty");
}

TEST(FaceHandler, PassingTroubleLeavesTheMessage) {
  const auto recognizer = recognizer_of([](auto, const auto&) -> Result<std::vector<embed::Embedding>> {
    return Error{ErrorCode::kExhausted, "no memory"};
  });
  const auto outcomes = handle(recognizer, {wire::to_json(message("r1", 1))});
  EXPECT_FALSE(outcomes[0].answer);
  ASSERT_TRUE(outcomes[0].error);
  EXPECT_EQ(outcomes[0].error->message, "no memory");
}

TEST(FaceHandler, AStrayExceptionOfOneFaceLeavesTheOthers) {
  const auto recognizer = recognizer_of([](auto crops, const model::Preprocessing& preprocessing) {
    for (const image::RgbView& crop : crops) {
      if (crop.row(0)[0] == 77) {
        throw std::bad_alloc();
      }
    }
    return first_red(crops, preprocessing);
  });
  const auto outcomes = handle(recognizer, {wire::to_json(message("r1", 1)), wire::to_json(message("r2", 77)),
                                            wire::to_json(message("r3", 200))});
  EXPECT_EQ(outcomes[0].answer->result, "ada");
  EXPECT_FALSE(outcomes[1].answer);
  EXPECT_EQ(outcomes[1].error->code, ErrorCode::kInternal);
  EXPECT_EQ(outcomes[2].answer->result, "bob");
}

TEST(FaceHandler, OneRunForABatchAndNoneForNothing) {
  int runs = 0;
  const auto recognizer = recognizer_of([&](auto crops, const model::Preprocessing& preprocessing) {
    ++runs;
    return first_red(crops, preprocessing);
  });
  handle(recognizer,
         {wire::to_json(message("r1", 1)), wire::to_json(message("r2", 2)), wire::to_json(message("r3", 3))});
  EXPECT_EQ(runs, 1);
  handle(recognizer, {});
  handle(recognizer, {"nonsense"});
  EXPECT_EQ(runs, 1);
}

TEST(FaceHandler, RecordsHoldNoNames) {
  std::vector<std::string> records;
  Logger logger(LogLevel::kDebug, [&](std::string_view line) { records.emplace_back(line); });
  handle(recognizer_of(first_red), {wire::to_json(message("r1", 1)), R"({"request_id":"r2"})"}, logger);
  ASSERT_EQ(records.size(), 2U);
  EXPECT_NE(records[0].find(R"("event":"face","request_id":"r1","face_index":0,"known":true)"), std::string::npos);
  EXPECT_EQ(records[0].find("ada"), std::string::npos);
  EXPECT_NE(records[1].find(R"("answered":true,"code":"invalid-data")"), std::string::npos);
}

// A picture far larger than any crop is refused before its pixels are allocated, whatever a frame's limits are.
TEST(FaceHandler, APictureOfAFramesSizeIsAnErrorAnswer) {
  const image::RgbImage large(kMaxFaceSidePx, 1100);  // 4.5 megapixels
  wire::FaceMessage sent = message("r1", 1);
  sent.face = image::encode_png(large.view()).value();
  const auto outcomes = handle(recognizer_of(first_red), {wire::to_json(sent), wire::to_json(message("r2", 190))});
  ASSERT_TRUE(outcomes[0].answer);
  EXPECT_EQ(outcomes[0].answer->result, wire::kErrorResult);
  EXPECT_NE(outcomes[0].answer->error.find("the limit is 4194304 pixels"), std::string::npos)
      << outcomes[0].answer->error;
  ASSERT_TRUE(outcomes[1].answer);
  EXPECT_EQ(outcomes[1].answer->result, "bob");
}

TEST(FaceHandler, APictureWaitsForMemoryAsLongAsItTakes) {
  WorkMemory memory(std::size_t{64} << 20U, "--max-work-memory");
  auto held = take_all(memory);
  FixedRecognizer source(recognizer_of(first_red));
  const std::string body = wire::to_json(message("r1", 190));
  std::vector<FaceOutcome> outcomes;
  std::jthread worker([&] {
    const std::string_view view = body;
    outcomes = FaceHandler(source, {}, null_logger(), &memory).handle(std::span(&view, 1));
  });
  held.clear();
  worker.join();
  ASSERT_EQ(outcomes.size(), 1U);
  ASSERT_TRUE(outcomes[0].answer);
  EXPECT_EQ(outcomes[0].answer->result, "bob");
  EXPECT_EQ(memory.used(), 0U);
}

TEST(FaceHandler, AStopLeavesWhatIsNotBegunForAnotherTry) {
  WorkMemory memory(std::size_t{64} << 20U, "--max-work-memory");
  const auto held = take_all(memory);
  std::stop_source stop;
  FixedRecognizer source(recognizer_of(first_red));
  const std::string body = wire::to_json(message("r1", 190));
  std::vector<FaceOutcome> outcomes;
  std::jthread worker([&] {
    const std::vector<std::string_view> views = {body, body};
    outcomes = FaceHandler(source, {}, null_logger(), &memory).handle(views, stop.get_token());
  });
  stop.request_stop();
  worker.join();
  ASSERT_EQ(outcomes.size(), 2U);
  for (const FaceOutcome& outcome : outcomes) {
    EXPECT_FALSE(outcome.answer);
    EXPECT_TRUE(outcome.error);
  }
}

// A face without landmarks is named where they are asked for, and the answer says what it was aligned by.
TEST(FaceHandler, SaysWhichFacesWereAlignedByTheirBox) {
  gallery::Gallery gallery({"m1",
                            {.mode = "mine",
                             .input_px = embed::kArcFaceSidePx,
                             .alignment = std::string(model::kLandmarksAlignment),
                             .points = embed::kArcFacePoints},
                            1});
  EXPECT_TRUE(gallery.add("ada", std::vector<float>{0}));
  model::Manifest manifest;
  manifest.model_id = "m1";
  manifest.embedding_size = 1;
  FixedRecognizer source(
      recognize::FaceRecognizer::create(embed::testing::test_embedder(first_red), manifest, std::move(gallery))
          .value());
  wire::FaceMessage with_landmarks = message("r1", 10);
  with_landmarks.crop = std::string(wire::kCropSource);
  with_landmarks.box = image::Box{540, 530, 620, 640};
  with_landmarks.crop_box = image::Box{40, 30, 120, 140};
  with_landmarks.landmarks = embed::mean_landmarks(*with_landmarks.box);
  wire::FaceMessage without = with_landmarks;
  without.landmarks.reset();
  wire::FaceMessage without_box = with_landmarks;  // its landmarks cannot be found in the crop
  without_box.box.reset();
  wire::FaceMessage of_no_face = with_landmarks;
  of_no_face.landmarks->fill({560, 560});
  std::vector<std::string> bodies;
  for (const wire::FaceMessage& sent : {with_landmarks, without, without_box, message("r1", 10), of_no_face}) {
    bodies.push_back(wire::to_json(sent));
  }
  const std::vector<std::string_view> views(bodies.begin(), bodies.end());
  const auto outcomes = FaceHandler(source, {}, null_logger()).handle(views);
  ASSERT_EQ(outcomes.size(), 5U);
  for (std::size_t i = 0; i < 4; ++i) {
    ASSERT_TRUE(outcomes[i].answer) << i;
    EXPECT_EQ(outcomes[i].answer->result, "ada");
    EXPECT_EQ(outcomes[i].answer->aligned, i == 0 ? "" : "box") << i;
  }
  ASSERT_TRUE(outcomes[4].answer);
  EXPECT_EQ(outcomes[4].answer->result, "error");
  EXPECT_EQ(outcomes[4].answer->error, "the face's landmarks lie in one place, or not as a face's");
}

// A source that has nobody to name by.
class NoRecognizer final : public RecognizerSource {
  Result<std::shared_ptr<const recognize::FaceRecognizer>> current() override {
    return Error{ErrorCode::kUnavailable, "no gallery"};
  }
};

TEST(FaceHandler, WithoutARecogniserEverythingIsLeftForAnotherTry) {
  NoRecognizer source;
  const std::vector<std::string_view> bodies = {"one", "two"};
  const auto outcomes = FaceHandler(source, {}, null_logger()).handle(bodies);
  ASSERT_EQ(outcomes.size(), 2U);
  for (const FaceOutcome& outcome : outcomes) {
    EXPECT_FALSE(outcome.answer);
    EXPECT_EQ(outcome.error.value().message, "no gallery");
  }
}

// A recogniser with a naming rule, whose only person lies at `place`.
recognize::FaceRecognizer deciding(const std::string& name, float place, embed::testing::TestEmbedder::Function embed) {
  model::Manifest manifest;
  manifest.model_id = "m1";
  manifest.embedding_size = 1;
  manifest.preprocessing = model::known_mode("standard").value();
  manifest.decision = model::Decision{.false_accepts = {{0.2F, 1e-4}, {0.4F, 1e-3}}};
  gallery::Gallery gallery({"m1", manifest.preprocessing, 1});
  EXPECT_TRUE(gallery.set_strangers(0.01));
  EXPECT_TRUE(gallery.add(name, std::vector<float>{place}));
  return recognize::FaceRecognizer::create(embed::testing::test_embedder(std::move(embed)), manifest,
                                           std::move(gallery))
      .value();
}

// A face of 40 px whose box lies in the middle of a picture of 160, or in its corner, cut.
std::string face_in_corner(const std::string& id, bool corner) {
  wire::FaceMessage sent = message(id, 0);
  image::RgbImage pixels(160, 160);
  for (int y = 0; y < 160; ++y) {
    for (int x = 0; x < 160; ++x) {  // lit, sharp, and of some contrast
      pixels.row(y)[3 * x] = pixels.row(y)[3 * x + 1] = static_cast<std::uint8_t>((x / 4 + y / 4) % 2 * 100 + 50);
    }
  }
  sent.face = image::encode_png(pixels.view()).value();
  sent.crop = std::string(wire::kCropSource);
  sent.crop_box = corner ? image::Box{-20, -20, 20, 20} : image::Box{60, 60, 100, 100};
  return wire::to_json(sent);
}

TEST(FaceHandler, CutFacesAreNamedByWhoIsThereForThemAndAnswersKeepTheirOrder) {
  std::vector<std::size_t> runs;
  const auto at = [&runs](float place) {
    return [&runs, place](auto crops, const model::Preprocessing&) {
      runs.push_back(crops.size());
      return Result<std::vector<embed::Embedding>>(std::vector<embed::Embedding>(crops.size(), {place}));
    };
  };
  recognize::FaceRecognizer recognizer = deciding("ada", 0, at(0));
  recognizer.set_for_cut_faces([&](const gallery::Gallery&) { return std::optional(deciding("eve", 100, at(100))); });
  const auto outcomes =
      handle(recognizer, {face_in_corner("r1", true), face_in_corner("r2", false), face_in_corner("r3", true)});
  ASSERT_TRUE(outcomes[0].answer && outcomes[1].answer && outcomes[2].answer);
  EXPECT_EQ(outcomes[0].answer->request_id, "r1");
  EXPECT_EQ(outcomes[0].answer->result, "eve");
  EXPECT_EQ(outcomes[0].answer->reasons, (std::vector<std::string>{"cut by the edge"}));
  EXPECT_EQ(outcomes[1].answer->result, "ada");
  EXPECT_EQ(outcomes[2].answer->request_id, "r3");
  EXPECT_EQ(outcomes[2].answer->result, "eve");
  std::ranges::sort(runs);
  EXPECT_EQ(runs, (std::vector<std::size_t>{1, 2}));  // each network once
}

TEST(FaceHandler, WhatIsKeptOfACutFaceIsTheGallerysOwnEmbedding) {
  const auto at = [](float place) {
    return [place](auto crops, const model::Preprocessing&) {
      return Result<std::vector<embed::Embedding>>(std::vector<embed::Embedding>(crops.size(), {place}));
    };
  };
  recognize::FaceRecognizer recognizer = deciding("ada", 0, at(0));
  recognizer.set_for_cut_faces([&](const gallery::Gallery&) { return std::optional(deciding("eve", 100, at(100))); });
  ToldKeeper keeper;
  BorrowedRecognizer source(recognizer);
  const std::vector<std::string> bodies = {face_in_corner("r1", true), face_in_corner("r2", false)};
  const std::vector<std::string_view> views(bodies.begin(), bodies.end());
  const auto outcomes = FaceHandler(source, {}, null_logger(), nullptr, &keeper).handle(views);
  ASSERT_TRUE(outcomes[0].answer && outcomes[1].answer);
  EXPECT_EQ(keeper.names, (std::vector<std::string>{"eve", "ada"}));
  EXPECT_EQ(keeper.embeddings, (std::vector<float>{0, 0}));
  EXPECT_EQ(outcomes[0].answer->face_id, "face r1");
}

}  // namespace
}  // namespace facepipe::stage
