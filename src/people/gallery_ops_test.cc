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
    EXPECT_TRUE(gallery.restore(ann, "Ann", Vector{1}));
    EXPECT_TRUE(gallery.add(ann, Vector{2}));
    EXPECT_TRUE(gallery.restore(bob, "Bob", Vector{10}));
  }
  using Vector = std::vector<float>;
  static GalleryOp op(Kind kind, PersonId person, EmbeddingRef ref, std::string name = {}) {
    return {.kind = kind, .person = person, .name = std::move(name), .embedding = ref, .number = {}};
  }
  static EmbeddingRef row(float value) { return {Ref::kRow, print_of(Vector{value})}; }
  std::size_t applied(const std::vector<GalleryOp>& ops, Apply how = Apply::kOnce) {
    const auto done = apply(ops, gallery, find, how);
    EXPECT_TRUE(done) << done.error().message;
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

  const PersonId ann{1};
  const PersonId bob{2};
  gallery::Gallery gallery{{"m", model::known_mode("standard").value(), 1}};
  std::map<std::uint64_t, Vector> kept = {{7, {3}}};
  const FindEmbedding find = [this](const EmbeddingRef& ref) -> Result<Vector> {
    const auto found = kept.find(ref.id);
    return found == kept.end() ? Result<Vector>(Error{ErrorCode::kNotFound, "gone"}) : found->second;
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
  EXPECT_TRUE(can_apply(back, gallery, find));
  EXPECT_EQ(applied(back), 4U);
  EXPECT_THAT(of(ann), ElementsAre(1, 2));
  EXPECT_THAT(of(bob), ElementsAre(10));
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
  EXPECT_EQ(apply(ops, gallery, find).error().code, ErrorCode::kAlreadyExists);
}

TEST_F(GalleryOps, TellsWhetherAllIsThere) {
  const std::vector<GalleryOp> ops = {op(Kind::kAdd, ann, {Ref::kPicture, 7}), op(Kind::kTake, ann, row(1))};
  EXPECT_TRUE(can_apply(ops, gallery, find));
  kept.clear();
  EXPECT_FALSE(can_apply(ops, gallery, find));
}

}  // namespace
}  // namespace facepipe::people
