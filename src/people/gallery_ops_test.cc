#include "people/gallery_ops.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace facepipe::people {
namespace {

using faces::PersonId;
using ::testing::ElementsAre;
using Kind = GalleryOp::Kind;
using Ref = EmbeddingRef::Kind;

struct GalleryOps : ::testing::Test {
  GalleryOps() {
    known.begin_companion({"cut", model::known_mode("whitened").value(), 2});
    EXPECT_TRUE(known.restore(ann, "Ann", Vector{1}, cut_of(1)));
    EXPECT_TRUE(known.add(ann, Vector{2}, cut_of(2)));
    EXPECT_TRUE(known.restore(bob, "Bob", Vector{10}, cut_of(10)));
  }
  using Vector = std::vector<float>;
  static GalleryOp op(Kind kind, PersonId person, EmbeddingRef ref, std::string name = {}) {
    return {.kind = kind, .person = person, .name = std::move(name), .embedding = ref};
  }
  static EmbeddingRef row(float value) { return {Ref::kRow, print_of(Vector{value})}; }
  std::size_t applied(const std::vector<GalleryOp>& ops, Apply how = Apply::kOnce) {
    const auto done = apply(ops, known, find, find_cut, how);
    EXPECT_TRUE(done) << done.error().message;
    expect_alike();
    return done ? *done : 999;
  }
  [[nodiscard]] Vector of(PersonId person) const {
    Vector values;
    auto rows = rows_of(gallery, {&person, 1});
    for (const std::size_t row : rows[person]) {
      values.push_back(gallery.embedding(row)[0]);
    }
    return values;
  }

  // What the other network makes of the same picture.
  static Vector cut_of(float value) { return {value, -value}; }
  // The companion has the same pictures of the same people in the same order.
  void expect_alike() const {
    const gallery::Gallery& cut = *known.companion();
    EXPECT_TRUE(gallery::agree(gallery, cut));
    for (const gallery::Person& person : gallery.people()) {
      const auto rows = gallery.rows_of(person.id);
      const auto cut_rows = cut.rows_of(person.id);
      ASSERT_EQ(rows.size(), cut_rows.size());
      for (std::size_t i = 0; i < rows.size(); ++i) {
        EXPECT_EQ(cut.embedding(cut_rows[i])[0], gallery.embedding(rows[i])[0]);
      }
      for (std::size_t i = 0; i < gallery.rejected(person.id).size(); ++i) {
        EXPECT_EQ(cut.rejected(person.id)[i][0], gallery.rejected(person.id)[i][0]);
      }
    }
  }

  const PersonId ann{1};
  const PersonId bob{2};
  gallery::KnownPeople known{gallery::Gallery({"m", model::known_mode("standard").value(), 1})};
  const gallery::Gallery& gallery = known.gallery();
  std::map<std::uint64_t, Vector> kept = {{7, {3}}};
  const FindEmbedding find = [this](const EmbeddingRef& ref) -> Result<Vector> {
    const auto found = kept.find(ref.id);
    return found == kept.end() ? Result<Vector>(Error{ErrorCode::kNotFound, "gone"}) : found->second;
  };
  const FindCutEmbedding find_cut = [this](const EmbeddingRef& ref) {
    const auto found = kept.find(ref.id);
    return found == kept.end() ? Vector() : cut_of(found->second[0]);
  };
};

TEST_F(GalleryOps, AddsAndTakes) {
  EXPECT_EQ(applied({op(Kind::kAdd, ann, {Ref::kPicture, 7})}), 1U);
  EXPECT_THAT(of(ann), ElementsAre(1, 2, 3));
  EXPECT_EQ(applied({op(Kind::kTake, ann, row(1)), op(Kind::kTake, ann, row(99))}), 1U);
  EXPECT_THAT(of(ann), ElementsAre(2, 3));
  EXPECT_EQ(applied({op(Kind::kTake, bob, row(10))}), 1U);  // the last one
  EXPECT_FALSE(gallery.find(bob));
  EXPECT_EQ(applied({op(Kind::kAdd, bob, {Ref::kPicture, 7}, "Bob")}), 1U);
  EXPECT_EQ(gallery.id_of("Bob").value(), bob);
  EXPECT_EQ(applied({op(Kind::kAdd, ann, {Ref::kPicture, 8})}), 0U);  // is kept no more
}

TEST_F(GalleryOps, RowsMoveFromOneToAnotherAndBack) {
  std::vector<GalleryOp> there = {op(Kind::kTake, ann, row(1)), op(Kind::kTake, ann, row(2)),
                                  op(Kind::kAdd, bob, row(1)), op(Kind::kAdd, bob, row(2))};
  EXPECT_EQ(applied(there), 4U);
  EXPECT_FALSE(gallery.find(ann));
  EXPECT_THAT(of(bob), ElementsAre(10, 1, 2));
  const std::vector<GalleryOp> back = {op(Kind::kTake, bob, row(1)), op(Kind::kTake, bob, row(2)),
                                       op(Kind::kAdd, ann, row(1), "Ann"), op(Kind::kAdd, ann, row(2), "Ann")};
  EXPECT_TRUE(can_apply(back, known, find));
  EXPECT_EQ(applied(back), 4U);
  EXPECT_THAT(of(ann), ElementsAre(1, 2));
  EXPECT_THAT(of(bob), ElementsAre(10));
}

TEST_F(GalleryOps, WhatIsRejectedMovesWithItsPerson) {
  EXPECT_EQ(applied({op(Kind::kReject, ann, {Ref::kFace, 7})}), 1U);
  EXPECT_EQ(applied({op(Kind::kTake, ann, row(1)), op(Kind::kTake, ann, row(2)), op(Kind::kAdd, bob, row(2)),
                     op(Kind::kAdd, bob, row(1)), op(Kind::kReject, bob, row(3))}),
            5U);
  EXPECT_THAT(of(bob), ElementsAre(10, 2, 1));
  EXPECT_EQ(known.companion()->rejected(bob).size(), 1U);
}

TEST_F(GalleryOps, APictureOfOneNetworkAloneLeavesTheCompanionBehind) {
  const std::vector<GalleryOp> ops = {op(Kind::kAdd, ann, {Ref::kPicture, 7})};
  ASSERT_TRUE(apply(ops, known, find, nullptr));
  EXPECT_THAT(of(ann), ElementsAre(1, 2, 3));
  EXPECT_FALSE(known.companion()->find(ann));
  EXPECT_TRUE(known.companion()->find(bob));
}

TEST_F(GalleryOps, SomebodyGoesWhole) {
  EXPECT_EQ(applied({op(Kind::kTake, ann, row(1)), op(Kind::kTake, ann, row(2))}), 2U);
  EXPECT_FALSE(gallery.find(ann));
}

TEST_F(GalleryOps, RejectsAndTakesItBack) {
  EXPECT_EQ(applied({op(Kind::kReject, ann, {Ref::kFace, 7}), op(Kind::kReject, ann, {Ref::kFace, 7})}), 1U);
  EXPECT_EQ(gallery.rejected(ann).size(), 1U);
  EXPECT_EQ(applied({op(Kind::kReject, ann, row(10))}), 1U);
  EXPECT_EQ(applied({op(Kind::kUnreject, ann, row(3))}), 1U);
  ASSERT_EQ(gallery.rejected(ann).size(), 1U);
  EXPECT_THAT(gallery.rejected(ann)[0], ElementsAre(10));
}

TEST_F(GalleryOps, AgainDoesNothingTwice) {
  const std::vector<GalleryOp> ops = {op(Kind::kAdd, ann, {Ref::kPicture, 7}), op(Kind::kRename, ann, {}, "Anna")};
  EXPECT_EQ(applied(ops), 2U);
  EXPECT_EQ(applied(ops, Apply::kAgain), 1U);
  EXPECT_THAT(of(ann), ElementsAre(1, 2, 3));
  EXPECT_EQ(applied(ops), 2U);  // twice the same picture is two, where it is meant
  EXPECT_THAT(of(ann), ElementsAre(1, 2, 3, 3));
}

TEST_F(GalleryOps, ATakenNameIsAnError) {
  const std::vector<GalleryOp> ops = {op(Kind::kRename, ann, {}, "Bob")};
  EXPECT_EQ(apply(ops, known, find, find_cut).error().code, ErrorCode::kAlreadyExists);
}

TEST_F(GalleryOps, TellsWhetherAllIsThere) {
  const std::vector<GalleryOp> ops = {op(Kind::kAdd, ann, {Ref::kPicture, 7}), op(Kind::kTake, ann, row(1))};
  EXPECT_TRUE(can_apply(ops, known, find));
  kept.clear();
  EXPECT_FALSE(can_apply(ops, known, find));
}

}  // namespace
}  // namespace facepipe::people
