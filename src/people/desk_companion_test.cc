#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "base/temporary_folder.h"
#include "detect/test_detector.h"
#include "embed/test_embedder.h"
#include "faces/store/sqlite_face_store.h"
#include "image/encode.h"
#include "people/people_desk.h"

namespace facepipe::people {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A picture is one colour; the gallery's network gives its red, the companion's its red and the negative of it.
constexpr int kCompanionSide = 40;

Bytes red_picture(int red) {
  image::RgbImage pixels(kCompanionSide, kCompanionSide);
  for (int y = 0; y < kCompanionSide; ++y) {
    for (int x = 0; x < kCompanionSide; ++x) {
      pixels.row(y)[3 * x] = static_cast<std::uint8_t>(red);
    }
  }
  return image::encode_png(pixels.view()).value();
}

Result<detect::Detection> whole_picture(image::RgbView, const WorkLimit&) {
  detect::Detection found;
  found.faces.push_back({{0, 0, kCompanionSide, kCompanionSide}, 0.9F, {}});
  return found;
}

float middle_red(const image::RgbView& crop) {
  return static_cast<float>(crop.row(crop.height / 2)[crop.width / 2 * 3]);
}
Result<std::vector<embed::Embedding>> by_own(std::span<const image::RgbView> crops, const model::Preprocessing&) {
  std::vector<embed::Embedding> embeddings;
  for (const image::RgbView& crop : crops) {
    embeddings.push_back({middle_red(crop)});
  }
  return embeddings;
}
Result<std::vector<embed::Embedding>> by_cut(std::span<const image::RgbView> crops, const model::Preprocessing&) {
  std::vector<embed::Embedding> embeddings;
  for (const image::RgbView& crop : crops) {
    embeddings.push_back({middle_red(crop), -middle_red(crop)});
  }
  return embeddings;
}

model::Manifest companion_manifest(const std::string& id, const std::string& mode, int size) {
  model::Manifest manifest;
  manifest.model_id = id;
  manifest.embedding_size = size;
  manifest.preprocessing = model::known_mode(mode).value();
  return manifest;
}

class DeskCompanion : public ::testing::Test {
 protected:
  DeskCompanion() {
    gallery::KnownPeople nobody(recognize::new_gallery(manifest_, manifest_.preprocessing));
    nobody.begin_companion({cut_manifest_.model_id, cut_manifest_.preprocessing, cut_manifest_.embedding_size});
    EXPECT_TRUE(file_.save(nobody));
    open();
  }
  // `has_network`: false for a command that opens no pack.
  void open(bool keeps = true, bool has_network = true) {
    desk_.reset();
    store_.reset();
    if (keeps) {
      store_ = faces::SqliteFaceStore::open(folder_ / "faces.db", {}).value();
    }
    desk_.emplace(DeskParts{.gallery = file_,
                            .manifest = manifest_,
                            .detector = &detector_,
                            .recognizer = [this] { return recognizer(by_own, manifest_, file_.load().value()); },
                            .cut_faces = has_network ? CurrentRecognizer([this] {
                              return recognizer(by_cut, cut_manifest_,
                                                recognize::new_gallery(cut_manifest_, cut_manifest_.preprocessing));
                            })
                                                     : nullptr,
                            .store = store_.get()});
    ASSERT_TRUE(desk_->reconcile());
  }
  static Result<std::shared_ptr<const recognize::FaceRecognizer>> recognizer(const auto& network,
                                                                             const model::Manifest& manifest,
                                                                             gallery::Gallery gallery) {
    FACEPIPE_ASSIGN(
        recognize::FaceRecognizer made,
        recognize::FaceRecognizer::create(embed::testing::test_embedder(network), manifest, std::move(gallery)));
    return std::make_shared<const recognize::FaceRecognizer>(std::move(made));
  }
  Added add(const std::string& name, int red) {
    const Bytes encoded = red_picture(red);
    const PictureToAdd one{"red", encoded};
    auto added = desk_->add_pictures(name, {&one, 1}, {}, "test");
    EXPECT_TRUE(added) << added.error().message;
    return *std::move(added);
  }
  // The companion's embeddings of somebody, in order.
  [[nodiscard]] std::vector<float> cut_reds(std::string_view name) const {
    const auto companion = gallery::load_gallery(gallery::companion_file(file_.path()), nullptr).value();
    std::vector<float> reds;
    const auto person = companion.id_of(name);
    for (const std::size_t row : person ? companion.rows_of(*person) : std::vector<std::size_t>()) {
      reds.push_back(companion.embedding(row)[0]);
    }
    return reds;
  }
  [[nodiscard]] bool agrees() const {
    const auto companion = gallery::load_gallery(gallery::companion_file(file_.path()), nullptr);
    return companion && gallery::agree(file_.load().value(), *companion);
  }
  [[nodiscard]] PersonId id(const std::string& name) const { return desk_->person_id(name).value(); }

  const TemporaryFolder folder_;
  const GalleryFile file_{folder_ / "gallery.fpg"};
  const model::Manifest manifest_ = companion_manifest("m1", "standard", 1);
  const model::Manifest cut_manifest_ = companion_manifest("m2", "whitened", 2);
  const detect::testing::TestDetector detector_{whole_picture};
  std::unique_ptr<faces::FaceStore> store_;
  std::optional<PeopleDesk> desk_;
};

TEST_F(DeskCompanion, FollowsEveryEditAndItsUndoing) {
  const Added ada = add("ada", 10);
  add("ada", 20);
  add("bob", 30);
  EXPECT_THAT(cut_reds("ada"), ElementsAre(10, 20));
  const auto rejected = desk_->reject_picture(*ada.pictures[0].picture, "test");
  ASSERT_TRUE(rejected);
  EXPECT_TRUE(agrees());
  EXPECT_THAT(cut_reds("ada"), ElementsAre(20));
  ASSERT_TRUE(desk_->undo(*rejected->change, "test"));
  EXPECT_TRUE(agrees());
  const Bytes outside = red_picture(50);
  const PictureToAdd one{"red", outside};
  ASSERT_TRUE(desk_->reject_pictures(id("ada"), {&one, 1}, {}, "test"));
  EXPECT_TRUE(agrees());
  EXPECT_THAT(cut_reds("ada"), ElementsAre(20, 10));
  const auto moved = desk_->move_picture(*ada.pictures[0].picture, std::string("bob"), "test");
  ASSERT_TRUE(moved);
  EXPECT_THAT(cut_reds("bob"), ElementsAre(30, 10));
  ASSERT_TRUE(desk_->undo(*moved->change, "test"));
  EXPECT_TRUE(agrees());
  const auto merged = desk_->merge(id("bob"), id("ada"), "test");
  ASSERT_TRUE(merged);
  EXPECT_TRUE(agrees());
  EXPECT_THAT(cut_reds("bob"), IsEmpty());
  ASSERT_TRUE(desk_->undo(*merged->change, "test"));
  EXPECT_THAT(cut_reds("bob"), ElementsAre(30));
  ASSERT_TRUE(desk_->rename(id("bob"), "eve", "test"));
  EXPECT_THAT(cut_reds("eve"), ElementsAre(30));
  EXPECT_TRUE(agrees());
}

TEST_F(DeskCompanion, WhoWasRemovedComesBackByTheKeptPictures) {
  add("ada", 10);
  add("ada", 20);
  const auto removed = desk_->remove(id("ada"), "test");
  ASSERT_TRUE(removed);
  EXPECT_THAT(cut_reds("ada"), IsEmpty());
  ASSERT_TRUE(desk_->undo(*removed->change, "test"));
  EXPECT_THAT(cut_reds("ada"), ElementsAre(10, 20));
  EXPECT_TRUE(agrees());
}

TEST_F(DeskCompanion, IsBroughtUpToDateByTheNextChange) {
  add("ada", 10);
  open(/*keeps=*/true, /*has_network=*/false);
  add("ada", 20);  // as a program without the network
  EXPECT_FALSE(agrees());
  open();
  add("bob", 30);
  EXPECT_TRUE(agrees());
  EXPECT_THAT(cut_reds("ada"), ElementsAre(10, 20));
}

TEST_F(DeskCompanion, AheadOfTheGalleryItLosesNothing) {
  add("ada", 10);
  auto people = file_.load_to_edit().value();
  ASSERT_TRUE(people.add("ada", std::vector<float>{20}, std::vector<float>{20, -20}));
  ASSERT_TRUE(people.add("bob", std::vector<float>{30}, std::vector<float>{30, -30}));
  // Killed between the two files.
  ASSERT_TRUE(gallery::save_gallery(*people.companion(), gallery::companion_file(file_.path()), nullptr));
  EXPECT_FALSE(agrees());
  add("eve", 40);
  EXPECT_TRUE(agrees());
  EXPECT_THAT(cut_reds("ada"), ElementsAre(10));
  EXPECT_THAT(cut_reds("bob"), IsEmpty());
}

TEST_F(DeskCompanion, AnErasedPersonIsGoneAlsoWhereItAloneHadThem) {
  add("Erase Me", 10);
  const PersonId erased = id("Erase Me");
  auto people = file_.load_to_edit().value();
  ASSERT_TRUE(people.settings().remove(erased));
  ASSERT_TRUE(gallery::save_gallery(people.gallery(), file_.path(), nullptr));
  ASSERT_TRUE(desk_->erase(erased, "test"));
  const Bytes bytes = read_file(gallery::companion_file(file_.path()), std::size_t{1} << 20U).value();
  EXPECT_EQ(as_text(bytes).find("Erase Me"), std::string_view::npos);
  EXPECT_TRUE(agrees());
}

TEST_F(DeskCompanion, IsNotNeededAndWithoutAStoreFollowsWhatIsNew) {
  open(/*keeps=*/false);
  add("ada", 10);
  EXPECT_THAT(cut_reds("ada"), ElementsAre(10));
  ASSERT_TRUE(desk_->remove(id("ada"), "test"));
  std::filesystem::remove(gallery::companion_file(file_.path()));
  add("bob", 30);
  EXPECT_FALSE(std::filesystem::exists(gallery::companion_file(file_.path())));
}

}  // namespace
}  // namespace facepipe::people
