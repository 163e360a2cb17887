// A file of format version 1, written by another program after docs/formats/face-store.md, opens with all that it
// holds.
#include <gtest/gtest.h>

#include "faces/store/test_face_store.h"
#include "sqlite/sqlite.h"

namespace facepipe::faces {
namespace {

class FaceMigrationTest : public FaceStoreFixture {
 protected:
  void open_version_1() {
    store_.reset();
    std::filesystem::remove(file());
    const auto sql = read_file(std::filesystem::path(FACEPIPE_SOURCE_DIR) / "tests/data/faces/version_1.sql", 1 << 20);
    ASSERT_TRUE(sql) << sql.error().message;
    {
      auto database = sqlite::Database::open(file(), "face store");
      ASSERT_TRUE(database);
      const Status made = (*database)->execute(std::string(as_text(*sql)));
      ASSERT_TRUE(made) << made.error().message;
    }
    options_.retention = {{}, {}, {}, {}, {}, {}, 0};
    reopen();
  }
};

TEST_F(FaceMigrationTest, Version1Opens) {
  open_version_1();
  const FaceId id{0x1122334455667788};
  const auto face = store_->face(id);
  ASSERT_TRUE(face) << face.error().message;
  EXPECT_EQ(face->camera, "door");
  EXPECT_EQ(face->decision.person, PersonId{7});
  EXPECT_EQ(face->decision.name, "Ann");
  EXPECT_EQ(face->decision.probability, 0.875F);
  EXPECT_EQ(face->decision.second_person, PersonId{8});
  EXPECT_EQ(face->box, (image::Box{1.5F, 2.25F, 30, 40}));
  EXPECT_TRUE(face->has_crop);
  EXPECT_EQ(faces_of({.request_id = "r1"}), std::vector{id});
  EXPECT_EQ(faces_of({.camera = "door"}), std::vector{id});
  EXPECT_EQ(as_text(store_->face_crop(id)->picture), "crop bytes");
  EXPECT_EQ(store_->face_crop(id)->landmarks->at(4), (image::Point{9, 10}));
  EXPECT_EQ(*store_->face_embedding(id), (std::vector<float>{0.5F, -0.25F, 1}));
  EXPECT_EQ(store_->visit(VisitId{5})->best_face, id);
  EXPECT_EQ(store_->visit(VisitId{5})->state, VisitState::kEnded);
  EXPECT_TRUE(store_->unknown(UnknownId{6})->ignored);
  EXPECT_EQ(store_->unknown(UnknownId{6})->centroid, (std::vector<float>{0.5F, 0.5F}));
  EXPECT_EQ(store_->picture(PictureId{9})->source, "ann.jpg");
  EXPECT_EQ(as_text(store_->picture_crop(PictureId{9})->picture), "picture bytes");
  EXPECT_EQ(*store_->picture_embedding(PictureId{9}), (std::vector<float>{0.25F, 0.75F}));
  EXPECT_EQ(store_->frame("r1")->width, 640);
  EXPECT_EQ(store_->events_after(EventId{3}, 10)->front().what.key, "00112233445566778899aabbccddeeff");
  EXPECT_EQ(store_->events_after(EventId{2}, 10).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_->dead_deliveries({})->records.front().output, "webhook http://127.0.0.1 #00000000");
  EXPECT_EQ(store_->change(ChangeId{3})->what.who, "page");
  EXPECT_EQ(write_ok({.events = {event("next")}}).events, std::vector{EventId{5}});
  EXPECT_EQ(store_->retention().known, std::nullopt) << "as it was told: nothing was changed in that file";
}

TEST_F(FaceMigrationTest, Version1HasTheTablesOfANewFile) {
  const auto tables = [this] {
    std::string text;
    auto database = sqlite::Database::open(file(), "face store");
    auto rows =
        (*database)->statement("SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name");
    EXPECT_TRUE(rows.each([&] { text += rows.text(0) + ": " + rows.text(1) + "\n"; }));
    return text;
  };
  store_.reset();
  const std::string fresh = tables();
  open_version_1();
  store_.reset();
  EXPECT_EQ(tables(), fresh);
}

}  // namespace
}  // namespace facepipe::faces
