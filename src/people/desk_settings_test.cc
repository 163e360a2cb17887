// Settings changed and undone, and what they would do to faces that are kept.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/temporary_folder.h"
#include "detect/test_detector.h"
#include "embed/test_embedder.h"
#include "faces/store/sqlite_face_store.h"
#include "people/people_desk.h"
#include "recognize/test_decision.h"

namespace facepipe::people {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

// Embeddings are points of a circle. With one picture of one person the pack's table is the threshold. This is
// at that distance from the point of Ann's picture.
std::vector<float> at_distance(double distance) {
  const double angle = 2 * std::asin(distance / 2);
  return {static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))};
}

class SettingsDesk : public ::testing::Test {
 protected:
  SettingsDesk() {
    gallery::Gallery gallery({"m1", model::known_mode("standard").value(), 2});
    EXPECT_TRUE(gallery.set_strangers(1e-3));
    EXPECT_TRUE(gallery.add("Ann", at_distance(0)));
    EXPECT_TRUE(file_.save(gallery::KnownPeople(std::move(gallery))));
    open();
  }
  void open() {
    desk_.reset();
    store_.reset();
    faces::SqliteFaceStore::Options options;
    options.clock = &clock_;
    options.changeable_retention = {"known", "unknown"};
    store_ = faces::SqliteFaceStore::open(folder_ / "faces.db", options).value();
    desk_.emplace(DeskParts{.gallery = file_,
                            .manifest = manifest_,
                            .detector = &detector_,
                            .recognizer = [this]() -> Result<std::shared_ptr<const recognize::FaceRecognizer>> {
                              FACEPIPE_ASSIGN(gallery::Gallery loaded, file_.load());
                              FACEPIPE_ASSIGN(auto made, recognize::FaceRecognizer::create(embedder_, manifest_,
                                                                                           std::move(loaded)));
                              return std::make_shared<const recognize::FaceRecognizer>(std::move(made));
                            },
                            .store = store_.get(),
                            .clock = &clock_});
  }
  FaceId seen(std::uint64_t id, std::vector<float> embedding, float quality = 0.9F, bool usable = true,
              faces::Mark mark = faces::Mark::kNone) {
    faces::NewFace face;
    face.record.id = FaceId{id};
    face.record.time = clock_.now() + seconds(id);
    face.record.quality = quality;
    face.record.usable = usable;
    face.record.mark = mark;
    face.record.decision.name = "unknown";
    face.embedding = std::move(embedding);
    faces::Batch batch;
    batch.faces.push_back(std::move(face));
    EXPECT_TRUE(store_->write(batch));
    return FaceId{id};
  }
  NamingEffect effect_of(const SettingsChange& change) {
    auto effect = desk_->effect_of(change);
    EXPECT_TRUE(effect) << effect.error().message;
    return effect ? *std::move(effect) : NamingEffect{};
  }

  TemporaryFolder folder_;
  ManualClock clock_{Clock::TimePoint(std::chrono::milliseconds(1'700'000'000'000))};
  model::Manifest manifest_ = recognize::testing::deciding_manifest();
  GalleryFile file_{folder_ / "gallery.fpg"};
  detect::testing::TestDetector detector_{std::vector<detect::Face>{}};
  std::shared_ptr<const embed::Embedder> embedder_ = embed::testing::test_embedder(
      [](std::span<const image::RgbView>, const model::Preprocessing&) -> Result<std::vector<embed::Embedding>> {
        return Error{ErrorCode::kInternal, "no picture is looked at here"};
      });
  std::unique_ptr<faces::SqliteFaceStore> store_;
  std::optional<PeopleDesk> desk_;
};

TEST_F(SettingsDesk, TellsWhoseNamesWouldCome) {
  seen(1, at_distance(0.3));
  const FaceId nearly = seen(2, at_distance(0.6));
  seen(3, at_distance(1.2));
  seen(4, at_distance(0.6), 0, false);                          // cannot be told, whatever the rate
  seen(5, at_distance(0.6), 0.9F, true, faces::Mark::kNoFace);  // is none
  seen(6, {0.1F, 0.2F, 0.3F});                                  // of another model
  const NamingEffect effect = effect_of({.strangers = 0.1});
  EXPECT_EQ(effect.faces, 4U);
  EXPECT_EQ(effect.named_before, 1U);
  EXPECT_EQ(effect.named_after, 2U);
  ASSERT_EQ(effect.changed.size(), 1U);
  EXPECT_EQ(effect.changed[0].face, nearly);
  EXPECT_EQ(effect.changed[0].before, "");
  EXPECT_EQ(effect.changed[0].after, "Ann");
  EXPECT_TRUE(effect.complete);
  EXPECT_EQ(desk_->settings()->strangers, 1e-3) << "nothing changed";
}

TEST_F(SettingsDesk, TellsWhoseNamesWouldGo) {
  const FaceId poor = seen(1, at_distance(0.1), 0.55F);
  seen(2, at_distance(0.1), 0.8F);
  const NamingEffect gate = effect_of({.min_quality = 0.6F});
  EXPECT_EQ(gate.named_before, 2U);
  EXPECT_EQ(gate.named_after, 1U);
  ASSERT_EQ(gate.changed.size(), 1U);
  EXPECT_EQ(gate.changed[0].face, poor);
  EXPECT_EQ(gate.changed[0].after, "");
  EXPECT_EQ(effect_of({.strangers = 1e-3, .min_quality = 0}).changed.size(), 0U);
}

TEST_F(SettingsDesk, LooksAtTheLastFacesOnlyAndEndsInTime) {
  for (std::uint64_t id = 1; id <= PeopleDesk::kEffectFaces + 20; ++id) {
    seen(id, at_distance(id <= 20 ? 0.6 : 1.2));
  }
  const NamingEffect effect = effect_of({.strangers = 0.1});
  EXPECT_EQ(effect.faces, PeopleDesk::kEffectFaces);
  EXPECT_EQ(effect.changed.size(), 0U) << "those that would change are older";
  const auto ended = desk_->effect_of({.strangers = 0.1}, WorkLimit().until(WorkLimit::Clock::now(), "no time"));
  ASSERT_TRUE(ended);
  EXPECT_FALSE(ended->complete);
  EXPECT_EQ(ended->faces, 0U);
}

TEST_F(SettingsDesk, EffectIsWhatTheChangeThenDoes) {
  for (std::uint64_t id = 1; id <= 40; ++id) {
    seen(id, at_distance(static_cast<double>(id) / 40), static_cast<float>(id) / 40);
  }
  const SettingsChange change{.strangers = 0.02, .min_quality = 0.3F};
  const NamingEffect told = effect_of(change);
  ASSERT_TRUE(desk_->change_settings(change, "test"));
  const NamingEffect now = effect_of({.strangers = 0.02});
  EXPECT_EQ(now.named_before, told.named_after);
  EXPECT_EQ(now.changed.size(), 0U);
  EXPECT_NE(told.named_after, told.named_before);
}

TEST_F(SettingsDesk, WhatIsNoSettingIsRefused) {
  EXPECT_EQ(desk_->effect_of({.strangers = 1.0}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(desk_->change_settings({.min_quality = 1.0F}, "test").error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(desk_->change_settings({.retention = {{"known", -5}}}, "test").error().code, ErrorCode::kInvalidArgument);
  const auto fixed = desk_->change_settings({.strangers = 0.1, .retention = {{"visits", 60}}}, "test");
  EXPECT_EQ(fixed.error().code, ErrorCode::kMismatch);
  EXPECT_THAT(fixed.error().message, HasSubstr("--keep-visits"));
  EXPECT_EQ(desk_->settings()->strangers, 1e-3) << "nothing of it is done";
  EXPECT_EQ(desk_->changes({})->records.size(), 0U);
}

TEST_F(SettingsDesk, OneChangeOfAllIsUndoneAsOne) {
  const auto changed =
      desk_->change_settings({.strangers = 0.1, .min_quality = 0.5F, .retention = {{"known", 60}}}, "Ann");
  ASSERT_TRUE(changed) << changed.error().message;
  EXPECT_TRUE(changed->undoable);
  EXPECT_EQ(desk_->settings()->strangers, 0.1);
  EXPECT_EQ(desk_->settings()->min_quality, 0.5F);
  EXPECT_EQ(store_->retention().known, seconds(60));
  const auto log = desk_->changes({});
  ASSERT_EQ(log->records.size(), 1U);
  EXPECT_EQ(log->records[0].record.what.action, "settings.change");
  EXPECT_EQ(log->records[0].record.what.who, "Ann");
  EXPECT_TRUE(log->records[0].undoable);
  const auto undone = desk_->undo(*changed->change, "Bob");
  ASSERT_TRUE(undone) << undone.error().message;
  EXPECT_EQ(desk_->settings()->strangers, 1e-3);
  EXPECT_EQ(desk_->settings()->min_quality, 0.0F);
  EXPECT_EQ(store_->retention().known, faces::Retention{}.known);
  ASSERT_TRUE(desk_->undo(*undone->change, "Ann"));
  EXPECT_EQ(store_->retention().known, seconds(60));
  open();
  EXPECT_EQ(store_->retention().known, seconds(60));
  EXPECT_EQ(desk_->settings()->min_quality, 0.5F);
}

TEST_F(SettingsDesk, RetentionAloneLeavesTheGallery) {
  const std::string before = file_.state();
  const auto changed = desk_->change_settings({.retention = {{"unknown", std::nullopt}}}, "test");
  ASSERT_TRUE(changed);
  EXPECT_EQ(file_.state(), before);
  EXPECT_EQ(store_->retention().unknown, std::nullopt);
  EXPECT_FALSE(desk_->change_settings({.retention = {{"unknown", std::nullopt}}}, "test")->change) << "as it is";
  ASSERT_TRUE(desk_->undo(*changed->change, "test"));
  EXPECT_EQ(store_->retention().unknown, faces::Retention{}.unknown);
}

TEST_F(SettingsDesk, AnUndoLeavesWhatWasSetSince) {
  const auto rule = desk_->change_settings({.strangers = 1e-2}, "page").value().change.value();
  ASSERT_TRUE(desk_->change_settings({.strangers = 1e-4}, "page"));
  EXPECT_EQ(desk_->undo(rule, "page").error().code, ErrorCode::kMismatch);
  EXPECT_EQ(file_.load()->strangers(), 1e-4);
  const auto both = desk_->change_settings({.retention = {{"known", 60}, {"unknown", 60}}}, "page").value().change;
  const auto before = faces::values_of(faces::Retention{});
  const auto one = desk_->change_settings({.retention = {{"known", 120}}}, "page").value().change;
  ASSERT_TRUE(desk_->undo(*both, "page"));
  EXPECT_EQ(store_->retention().known, seconds(120));
  EXPECT_EQ(faces::values_of(store_->retention()).at("unknown"), before.at("unknown"));
  ASSERT_TRUE(desk_->undo(*one, "page"));
  EXPECT_EQ(store_->retention().known, seconds(60));
}

}  // namespace
}  // namespace facepipe::people
