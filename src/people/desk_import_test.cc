// A gallery that comes whole.
#include <gmock/gmock.h>

#include "people/test_dying_store.h"

namespace facepipe::people {
namespace {

using ::testing::ElementsAre;

struct DeskImport : DeskAfterACrash {
  gallery::Gallery gallery_of(const std::string& name) const {
    gallery::Gallery gallery = recognize::new_gallery(manifest, manifest.preprocessing);
    EXPECT_TRUE(gallery.add(name, std::vector<float>{10}));
    return gallery;
  }
};

TEST_F(DeskImport, BecomesTheGalleryAndIsInTheLog) {
  const auto change = desk->import_gallery(gallery_of("Ann"), "test");
  ASSERT_TRUE(change) << change.error().message;
  EXPECT_FALSE(change->undoable);
  EXPECT_THAT(names(), ElementsAre("Ann"));
  EXPECT_THAT(events(), ElementsAre("people.imported"));
  const ChangeSummary entry = desk->changes({})->records.at(0);
  EXPECT_EQ(entry.record.id, change->change);
  EXPECT_EQ(entry.record.what.action, "people.import");
  EXPECT_FALSE(entry.undoable);
  EXPECT_EQ(desk->undo(*change->change, "test").error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(desk->import_gallery(gallery_of("Bob"), "test").error().code, ErrorCode::kAlreadyExists);
  EXPECT_THAT(names(), ElementsAre("Ann"));
}

TEST_F(DeskImport, ANameThatCannotBeIsRefused) {
  gallery::Gallery gallery = recognize::new_gallery(manifest, manifest.preprocessing);
  ASSERT_TRUE(gallery.restore(PersonId{5}, "unknown", std::vector<float>{10}));
  EXPECT_EQ(desk->import_gallery(std::move(gallery), "test").error().code, ErrorCode::kInvalidArgument);
  EXPECT_FALSE(file.load());
}

TEST_F(DeskImport, ACrashBeforeItTakesItsPlaceIsMadeGood) {
  crash_in([&](PeopleDesk& dies) { (void)dies.import_gallery(gallery_of("Ann"), "test"); });
  EXPECT_FALSE(file.load());
  open();
  EXPECT_THAT(names(), ElementsAre("Ann"));
}

TEST_F(DeskImport, WithoutAStoreTheGalleryAloneHasIt) {
  open(/*keeps=*/false);
  EXPECT_EQ(desk->import_gallery(gallery_of("Ann"), "test")->change, std::nullopt);
  EXPECT_THAT(names(), ElementsAre("Ann"));
}

}  // namespace
}  // namespace facepipe::people
