// Another network: embeddings of two values, the red of the middle pixel and its square.
#include <gmock/gmock.h>

#include <fstream>

#include "people/people_desk.h"
#include "people/test_desk.h"
#include "people/test_dying_store.h"

namespace facepipe::people {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Result<std::vector<embed::Embedding>> red_and_square(std::span<const image::RgbView> crops,
                                                     const model::Preprocessing&) {
  std::vector<embed::Embedding> embeddings;
  for (const image::RgbView& crop : crops) {
    const auto red = static_cast<float>(crop.row(crop.height / 2)[crop.width / 2 * 3]);
    embeddings.push_back({red, red * red});
  }
  return embeddings;
}

struct DeskRebuild : DeskAfterACrash {
  static model::Manifest other_manifest() {
    model::Manifest other = manifest_of_one();
    other.model_id = "m2";
    other.embedding_size = 2;
    return other;
  }
  // The other network's desk, on that store.
  std::unique_ptr<PeopleDesk> other_desk(faces::FaceStore& kept) {
    DeskParts parts = this->parts(&kept);
    parts.manifest = other_manifest();
    parts.recognizer = nullptr;
    return std::make_unique<PeopleDesk>(std::move(parts));
  }
  Result<Rebuilt> rebuild(faces::FaceStore& kept, const RebuildOptions& options = {}) {
    const model::Manifest other = other_manifest();
    const auto by = recognize::FaceRecognizer::create(embed::testing::test_embedder(red_and_square), other,
                                                      recognize::new_gallery(other, other.preprocessing));
    EXPECT_TRUE(by) << by.error().message;
    return other_desk(kept)->rebuild(*by, options, "test");
  }
  Rebuilt rebuilt(const RebuildOptions& options = {}) {
    auto made = rebuild(*store, options);
    EXPECT_TRUE(made) << made.error().message;
    return made ? *std::move(made) : Rebuilt{};
  }
  // The values of everybody, in order.
  [[nodiscard]] std::vector<std::vector<float>> embeddings() const {
    const gallery::Gallery gallery = file.load().value();
    std::vector<std::vector<float>> all;
    for (std::size_t row = 0; row < gallery.embedding_count(); ++row) {
      all.emplace_back(gallery.embedding(row).begin(), gallery.embedding(row).end());
    }
    return all;
  }
  // Somebody whom an older release enrolled.
  void add_without_picture(std::string_view name, float red) {
    auto people = file.load_to_edit();
    if (!people) {
      people = gallery::KnownPeople(recognize::new_gallery(manifest, manifest.preprocessing));
    }
    ASSERT_TRUE(people->add(name, std::vector<float>{red}));
    ASSERT_TRUE(file.save(*people));
  }
  [[nodiscard]] std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder / ".")) {
      const std::string name = entry.path().filename();
      if (name.find("gallery.fpg.next-") != std::string::npos) {
        names.push_back(name);
      }
    }
    return names;
  }
};

TEST_F(DeskRebuild, PeopleKeepIdsNamesAndOrder) {
  add("Ann", {10, 11});
  add("Bob", {20});
  const PersonId bob = desk->person("Bob")->id;
  const Rebuilt made = rebuilt();
  EXPECT_TRUE(made.made);
  EXPECT_EQ(made.people, 2U);
  EXPECT_EQ(made.embeddings, 3U);
  EXPECT_THAT(made.losses, IsEmpty());
  EXPECT_THAT(embeddings(), ElementsAre(ElementsAre(10, 100), ElementsAre(11, 121), ElementsAre(20, 400)));
  const gallery::Gallery gallery = file.load().value();
  EXPECT_EQ(gallery.origin().model_id, "m2");
  EXPECT_EQ(gallery.people()[1].id, bob);
  // Pictures are found by what the gallery has now, and nothing is left over.
  const auto pictures = other_desk(*store)->pictures_from(bob, 0, 10);
  ASSERT_TRUE(pictures) << pictures.error().message;
  ASSERT_THAT(pictures->pictures, SizeIs(1));
  EXPECT_TRUE(pictures->pictures[0].kept);
  EXPECT_EQ(store->picture_embedding(pictures->pictures[0].id).value(), (std::vector<float>{20, 400}));
  EXPECT_THAT(files(), IsEmpty());
  const auto changes = store->changes({.limit = 1, .after = {}});
  EXPECT_EQ(changes->records.front().what.action, "people.rebuild");
  EXPECT_EQ(other_desk(*store)->undo(changes->records.front().id, "test").error().code, ErrorCode::kInvalidArgument);
}

TEST_F(DeskRebuild, WhatWouldBeLostIsSaidAndNothingIsDone) {
  add("Ann", {10});
  add_without_picture("Ann", 11);
  add_without_picture("Old", 30);
  const auto before = embeddings();
  const Rebuilt refused = rebuilt();
  EXPECT_FALSE(refused.made);
  ASSERT_THAT(refused.losses, SizeIs(2));
  EXPECT_EQ(refused.losses[0].name, "Ann");
  EXPECT_EQ(refused.losses[0].embeddings, 1U);
  EXPECT_EQ(refused.losses[0].of, 2U);
  EXPECT_EQ(refused.losses[1].name, "Old");
  EXPECT_EQ(refused.losses[1].embeddings, refused.losses[1].of);
  EXPECT_EQ(embeddings(), before);
  EXPECT_THAT(files(), IsEmpty());

  const Rebuilt forced = rebuilt({.force = true, .trial = false, .progress = {}});
  EXPECT_TRUE(forced.made);
  EXPECT_THAT(names(), ElementsAre("Ann"));
  EXPECT_THAT(embeddings(), ElementsAre(ElementsAre(10, 100)));
}

TEST_F(DeskRebuild, TrialChangesNothing) {
  add("Ann", {10});
  std::size_t told = 0;
  const Rebuilt tried = rebuilt({.force = true, .trial = true, .progress = [&](std::size_t done, std::size_t total) {
                                   told = done;
                                   EXPECT_LE(done, total);
                                 }});
  EXPECT_FALSE(tried.made);
  EXPECT_EQ(tried.embeddings, 1U);
  EXPECT_EQ(told, 1U);
  EXPECT_THAT(embeddings(), ElementsAre(ElementsAre(10)));
}

TEST_F(DeskRebuild, NothingKeptIsAnError) {
  add_without_picture("Old", 30);
  EXPECT_EQ(rebuild(*store, {.force = true, .trial = false, .progress = {}}).error().code, ErrorCode::kNotFound);
  EXPECT_THAT(names(), ElementsAre("Old"));
}

TEST_F(DeskRebuild, RejectedOnesComeAlong) {
  add("Ann", {10});
  const PersonId ann = desk->person("Ann")->id;
  const FaceId not_ann = seen(1, 12, ann, {}, {});
  ASSERT_TRUE(desk->reject_face(not_ann, "test"));
  ASSERT_THAT(file.load()->rejected(ann), SizeIs(1));
  EXPECT_TRUE(rebuilt().made);
  EXPECT_THAT(file.load()->rejected(ann), ElementsAre(ElementsAre(12, 144)));
}

TEST_F(DeskRebuild, FacesAndGroupsAreOfTheNewNetwork) {
  add("Ann", {10});
  seen(1, 40, {}, {}, UnknownId{5});
  seen(2, 44, {}, {}, UnknownId{5});
  const Rebuilt made = rebuilt();
  EXPECT_EQ(made.faces, 2U);
  EXPECT_EQ(made.faces_without, 0U);
  EXPECT_EQ(store->face_embedding(FaceId{2}).value(), (std::vector<float>{44, 1936}));
  const std::vector<float> centroid = store->unknown(UnknownId{5})->centroid;
  ASSERT_THAT(centroid, SizeIs(2));
  EXPECT_NEAR(centroid[0] / centroid[1], (40.0 + 44) / (1600 + 1936), 1e-6);
}

TEST_F(DeskRebuild, ACrashIsMadeGood) {
  add("Ann", {10});
  seen(1, 40, {}, {}, UnknownId{5});
  crash([&](faces::FaceStore& dying) { (void)rebuild(dying); });
  EXPECT_THAT(embeddings(), ElementsAre(ElementsAre(10)));
  EXPECT_THAT(files(), SizeIs(1));
  open();
  EXPECT_THAT(embeddings(), ElementsAre(ElementsAre(10, 100)));
  EXPECT_THAT(files(), IsEmpty());
  EXPECT_EQ(store->face_embedding(FaceId{1}).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(rebuilt().made);  // again, for the faces
  EXPECT_EQ(store->face_embedding(FaceId{1}).value(), (std::vector<float>{40, 1600}));
}

TEST_F(DeskRebuild, WhatAKilledOneLeftIsRemoved) {
  add("Ann", {10});
  std::ofstream(folder / "gallery.fpg.next-0123") << "half";
  open();
  EXPECT_THAT(files(), IsEmpty());
  EXPECT_THAT(embeddings(), ElementsAre(ElementsAre(10)));
}

}  // namespace
}  // namespace facepipe::people
