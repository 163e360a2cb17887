#include "gallery/known_people.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/file.h"
#include "base/temporary_folder.h"

namespace facepipe::gallery {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Gallery empty(const std::string& model_id, int size) {
  return Gallery({model_id, model::known_mode("standard").value(), size});
}

// Ada with two pictures, bob with one; a companion of embeddings of another size.
KnownPeople two_people() {
  KnownPeople people(empty("m1", 2));
  people.begin_companion({"m2", model::known_mode("whitened").value(), 3});
  EXPECT_TRUE(people.add("ada", std::vector<float>{0, 0}, std::vector<float>{0, 0, 0}));
  EXPECT_TRUE(people.add("ada", std::vector<float>{0, 1}, std::vector<float>{0, 0, 1}));
  EXPECT_TRUE(people.add("bob", std::vector<float>{5, 5}, std::vector<float>{5, 5, 5}));
  return people;
}

PersonId id(const KnownPeople& people, std::string_view name) {
  return people.gallery().id_of(name).value();
}

class KnownPeopleFile : public ::testing::Test {
 protected:
  [[nodiscard]] KnownPeople load() const {
    auto people = load_people(file_, nullptr);
    EXPECT_TRUE(people) << people.error().message;
    return *std::move(people);
  }
  const TemporaryFolder folder_;
  const std::filesystem::path file_ = folder_ / "gallery.fpg";
};

TEST(KnownPeople, EveryChangeGoesToBoth) {
  KnownPeople people = two_people();
  ASSERT_TRUE(agree(people.gallery(), *people.companion()));
  EXPECT_EQ(people.companion()->find(id(people, "ada")), 0U);  // by the same ids
  EXPECT_EQ(people.companion()->embedding(1)[2], 1.0F);

  ASSERT_TRUE(people.rename(id(people, "ada"), "eve"));
  EXPECT_TRUE(people.companion()->find("eve"));
  ASSERT_TRUE(people.reject(id(people, "eve"), std::vector<float>{2, 2}, std::vector<float>{2, 2, 2}));
  EXPECT_EQ(people.companion()->rejected(id(people, "eve")).size(), 1U);
  EXPECT_TRUE(agree(people.gallery(), *people.companion()));
  ASSERT_TRUE(people.unreject(id(people, "eve"), 0));
  EXPECT_TRUE(agree(people.gallery(), *people.companion()));
  ASSERT_TRUE(people.remove(id(people, "bob")));
  EXPECT_FALSE(people.companion()->find("bob"));
  EXPECT_TRUE(agree(people.gallery(), *people.companion()));
}

TEST(KnownPeople, AreChangedWithoutACompanionAsAGalleryIs) {
  KnownPeople people(empty("m1", 2));
  ASSERT_TRUE(people.add("ada", std::vector<float>{0, 0}, std::vector<float>{0, 0, 0}));
  ASSERT_TRUE(people.reject(id(people, "ada"), std::vector<float>{1, 1}));
  ASSERT_TRUE(people.unreject(id(people, "ada"), 0));
  ASSERT_TRUE(people.rename(id(people, "ada"), "eve"));
  ASSERT_TRUE(people.remove(id(people, "eve")));
  EXPECT_EQ(people.companion(), nullptr);
}

TEST(KnownPeople, APictureThatOneNetworkAloneKnowsLeavesTheCompanionBehind) {
  KnownPeople people = two_people();
  ASSERT_TRUE(people.add("ada", std::vector<float>{0, 2}));
  EXPECT_FALSE(people.companion()->find("ada"));
  EXPECT_FALSE(agree(people.gallery(), *people.companion()));
  ASSERT_TRUE(people.remove(id(people, "ada")));  // and enrolled again they are in both
  EXPECT_TRUE(agree(people.gallery(), *people.companion()));
}

TEST(KnownPeople, AgreeInPeopleNamesPicturesAndRejectedOnes) {
  const auto differs = [](const auto& change) {
    KnownPeople people = two_people();
    const PersonId ada = id(people, "ada");
    change(people.settings(), ada);  // as a program that knows of no companion
    EXPECT_FALSE(agree(people.gallery(), *people.companion()));
    EXPECT_TRUE(people.reconcile());
    EXPECT_FALSE(people.companion()->find(ada));
    return people.companion()->people().size();
  };
  EXPECT_EQ(differs([](Gallery& gallery, PersonId ada) { ASSERT_TRUE(gallery.remove(ada)); }), 1U);
  EXPECT_EQ(differs([](Gallery& gallery, PersonId ada) { ASSERT_TRUE(gallery.add(ada, std::vector<float>{3, 3})); }),
            1U);
  EXPECT_EQ(differs([](Gallery& gallery, PersonId ada) { ASSERT_TRUE(gallery.reject(ada, std::vector<float>{3, 3})); }),
            1U);
}

TEST(KnownPeople, WhoHasAnotherNameAloneIsGivenTheGallerys) {
  KnownPeople people = two_people();
  ASSERT_TRUE(people.settings().rename(id(people, "ada"), "eve"));
  EXPECT_FALSE(agree(people.gallery(), *people.companion()));
  EXPECT_TRUE(people.reconcile());
  EXPECT_TRUE(people.companion()->find("eve"));
  EXPECT_TRUE(agree(people.gallery(), *people.companion()));
}

TEST(KnownPeople, TheirOrderNeedNotBeTheSame) {
  KnownPeople people = two_people();
  const PersonId ada = id(people, "ada");
  ASSERT_TRUE(people.add(ada, std::vector<float>{0, 2}));  // who leaves the companion
  ASSERT_THAT(people.unaccompanied(), SizeIs(1));
  EXPECT_EQ(people.unaccompanied()[0].name, "ada");
  EXPECT_THAT(missing_in(people.gallery(), *people.companion()), SizeIs(1));
  const std::vector<std::vector<float>> three = {{0, 0, 0}, {0, 0, 1}, {0, 0, 2}};
  ASSERT_TRUE(people.accompany(ada, three));
  EXPECT_EQ(people.companion()->people()[0].name, "bob");
  EXPECT_TRUE(agree(people.gallery(), *people.companion()));
  EXPECT_THAT(missing_in(people.gallery(), *people.companion()), IsEmpty());
  EXPECT_THAT(people.unaccompanied(), IsEmpty());
  ASSERT_TRUE(people.settings().rename(ada, "eve"));
  ASSERT_TRUE(people.settings().remove(id(people, "bob")));
  EXPECT_THAT(missing_in(people.gallery(), *people.companion()), SizeIs(1));
  EXPECT_TRUE(people.reconcile());
  EXPECT_TRUE(agree(people.gallery(), *people.companion()));
}

TEST(KnownPeople, PicturesKeepOneOrderInBoth) {
  KnownPeople people = two_people();
  const PersonId ada = id(people, "ada");
  ASSERT_TRUE(people.add(ada, std::vector<float>{0, 2}, std::vector<float>{0, 0, 2}));
  EXPECT_EQ(people.cut_embedding(3), (std::vector<float>{0, 0, 2}));
  ASSERT_TRUE(people.remove_embedding(ada, 1));
  EXPECT_EQ(people.cut_embedding(0), (std::vector<float>{0, 0, 0}));
  EXPECT_EQ(people.cut_embedding(2), (std::vector<float>{0, 0, 2}));
  ASSERT_TRUE(people.reject(ada, std::vector<float>{7, 7}, std::vector<float>{7, 7, 7}));
  ASSERT_TRUE(people.reject(ada, std::vector<float>{8, 8}, std::vector<float>{8, 8, 8}));
  ASSERT_TRUE(people.unreject(ada, 0));
  EXPECT_EQ(people.cut_rejected(ada, 0), (std::vector<float>{8, 8, 8}));
  EXPECT_TRUE(agree(people.gallery(), *people.companion()));
}

TEST(KnownPeople, WhoeverTheCompanionLacksCanComeBack) {
  KnownPeople people = two_people();
  const PersonId ada = id(people, "ada");
  ASSERT_TRUE(people.add(ada, std::vector<float>{0, 2}));
  const std::vector<std::vector<float>> two = {{0, 0, 0}, {0, 0, 1}};
  ASSERT_TRUE(people.accompany(ada, two));  // of three
  EXPECT_FALSE(people.companion()->find(ada));
  const std::vector<std::vector<float>> three = {{0, 0, 0}, {0, 0, 1}, {0, 0, 2}};
  ASSERT_TRUE(people.accompany(ada, three));
  EXPECT_TRUE(agree(people.gallery(), *people.companion()));
  EXPECT_EQ(people.cut_embedding(3), (std::vector<float>{0, 0, 2}));
}

TEST_F(KnownPeopleFile, AreMappedAsWell) {
  KnownPeople people = two_people();
  ASSERT_TRUE(save_mapped_gallery(*people.companion(), companion_file(file_)));
  ASSERT_TRUE(save_mapped_gallery(people.gallery(), file_));
  KnownPeople changed = load();
  ASSERT_TRUE(changed.remove(id(changed, "ada")));
  ASSERT_TRUE(changed.add("eve", std::vector<float>{9, 9}, std::vector<float>{9, 9, 9}));
  ASSERT_TRUE(save_people(changed, file_, nullptr));
  const KnownPeople now = load();
  EXPECT_TRUE(agree(now.gallery(), *now.companion()));
  EXPECT_EQ(now.cut_embedding(1), (std::vector<float>{9, 9, 9}));
  const Bytes bytes = read_file(companion_file(file_), std::size_t{1} << 20U).value();
  EXPECT_EQ(as_text(bytes).find("ada"), std::string_view::npos);
}

TEST_F(KnownPeopleFile, LieBesideEachOther) {
  ASSERT_TRUE(save_people(two_people(), file_, nullptr));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "gallery.fpg.cut"));
  const KnownPeople people = load();
  ASSERT_NE(people.companion(), nullptr);
  EXPECT_TRUE(agree(people.gallery(), *people.companion()));
  EXPECT_EQ(people.companion()->origin().model_id, "m2");
}

TEST_F(KnownPeopleFile, WhoeverIsGoneFromTheGalleryLeavesTheCompanionWithTheNextChange) {
  KnownPeople people = two_people();
  ASSERT_TRUE(save_people(people, file_, nullptr));
  ASSERT_TRUE(people.settings().remove(id(people, "ada")));
  ASSERT_TRUE(save_gallery(people.gallery(), file_, nullptr));  // killed between the two, or an older program
  ASSERT_TRUE(save_people(load(), file_, nullptr));
  const auto companion = load_gallery(companion_file(file_), nullptr);
  ASSERT_TRUE(companion);
  EXPECT_FALSE(companion->find("ada"));
  EXPECT_TRUE(agree(load().gallery(), *companion));
}

TEST_F(KnownPeopleFile, OneOfAnEarlierGalleryIsRemoved) {
  ASSERT_TRUE(save_people(two_people(), file_, nullptr));
  std::filesystem::remove(file_);
  ASSERT_TRUE(save_people(KnownPeople(empty("m1", 2)), file_, nullptr));
  EXPECT_FALSE(std::filesystem::exists(companion_file(file_)));
  EXPECT_EQ(load().companion(), nullptr);
}

TEST_F(KnownPeopleFile, ADamagedCompanionIsAnErrorThatNamesIt) {
  ASSERT_TRUE(save_people(two_people(), file_, nullptr));
  ASSERT_TRUE(write_file_atomically(companion_file(file_), as_bytes("GIF89a")));
  const auto people = load_people(file_, nullptr);
  ASSERT_FALSE(people);
  EXPECT_THAT(people.error().message, HasSubstr("gallery.fpg.cut"));
}

}  // namespace
}  // namespace facepipe::gallery
