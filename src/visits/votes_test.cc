#include "visits/votes.h"

#include <gtest/gtest.h>

#include "visits/test_faces.h"

namespace facepipe::visits {
namespace {

using namespace testing;  // the made-up faces

const MadeFace kAnn = named(face_of(1, 0), 1, 0.8F);
const MadeFace kBob = named(face_of(1, 0), 2, 0.8F);
const MadeFace kNobody = face_of(1, 0);

std::uint64_t told(const Votes& votes) {
  return votes.sure() == nullptr ? 0 : static_cast<std::uint64_t>(votes.sure()->who.person);
}

TEST(Votes, TwoOfTheLastAgree) {
  Votes votes;
  votes.add(kAnn.get());
  EXPECT_EQ(told(votes), 0U);
  votes.add(kNobody.get());
  votes.add(kAnn.get());
  EXPECT_EQ(told(votes), 1U);
  EXPECT_FLOAT_EQ(*votes.probability(), 0.8F);
}

TEST(Votes, AFaceThatIsSureIsEnoughUnlessAnotherSaysOtherwise) {
  Votes votes;
  votes.add(named(face_of(1, 0), 1, 0.99F).get());
  EXPECT_EQ(told(votes), 1U);
  Votes disputed;
  disputed.add(kBob.get());
  disputed.add(named(face_of(1, 0), 1, 0.99F).get());
  EXPECT_EQ(told(disputed), 0U);
}

TEST(Votes, TheHeavierWinsAndTheNameFollows) {
  Votes votes;
  votes.add(kAnn.get());
  votes.add(kAnn.get());
  for (int i = 0; i < 4; ++i) {
    votes.add(kBob.get());
  }
  EXPECT_EQ(told(votes), 2U);
  EXPECT_LT(*votes.probability(), 0.8F);
  EXPECT_EQ(votes.second()->who.person, faces::PersonId{1});
}

TEST(Votes, UnknownFacesTakeNoNameAway) {
  Votes votes;
  votes.add(kAnn.get());
  votes.add(kAnn.get());
  for (int i = 0; i < 20; ++i) {
    votes.add(kNobody.get());
  }
  EXPECT_EQ(told(votes), 1U);
}

TEST(Votes, SmallAndPoorFacesCountLess) {
  MadeFace small = kBob;
  small.sighting.box = image::Box{0, 0, 28, 28};
  Votes votes;
  for (int i = 0; i < 5; ++i) {
    votes.add(small.get());
  }
  votes.add(kAnn.get());
  EXPECT_EQ(votes.first()->who.person, faces::PersonId{1});
}

TEST(Votes, AGalleryWithoutProbabilitiesVotesToo) {
  MadeFace near = kAnn;
  near.sighting.decision.probability.reset();
  Votes votes;
  votes.add(near.get());
  EXPECT_EQ(told(votes), 1U) << "0.6 of a threshold of 1";
  EXPECT_FALSE(votes.probability());
}

TEST(Votes, MergedRenamedAndRemoved) {
  Votes votes;
  votes.add(kAnn.get());
  votes.add(kAnn.get());
  votes.add(kBob.get());
  votes.apply({faces::PersonId{1}, Named{faces::PersonId{2}, "Bob"}});
  EXPECT_EQ(told(votes), 2U);
  EXPECT_EQ(votes.first()->faces, 3);
  EXPECT_EQ(votes.second(), nullptr);
  votes.apply({faces::PersonId{2}, std::nullopt});
  EXPECT_EQ(votes.first(), nullptr);
  EXPECT_EQ(told(votes), 0U);
}

TEST(Votes, RoundTripAndWhatIsNoVotes) {
  Votes votes;
  votes.add(kAnn.get());
  votes.add(kAnn.get());
  votes.add(kBob.get());
  const Votes read = Votes::from_json(votes.to_json());
  EXPECT_EQ(read.to_json(), votes.to_json());
  EXPECT_EQ(told(read), 1U);
  for (const char* bad :
       {"", "[]", "{}", "{\"candidates\":3}", "{\"candidates\":[{}]}", "{\"candidates\":[],\"sure\":\"x\"}",
        "{\"candidates\":[{\"person\":\"0123456789abcdef\",\"weight\":1,\"faces\":-1}]}"}) {
    EXPECT_EQ(Votes::from_json(bad).first(), nullptr) << bad;
  }
}

TEST(Votes, ThereAreNeverManyCandidates) {
  Votes votes;
  for (std::uint64_t person = 1; person < 100; ++person) {
    votes.add(named(face_of(1, 0), person, 0.8F).get());
  }
  EXPECT_EQ(votes.people().size(), Votes::kMaxCandidates);
}

}  // namespace
}  // namespace facepipe::visits
