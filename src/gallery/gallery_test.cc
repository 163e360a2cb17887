#include "gallery/gallery.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>

#include "gallery/index/linear_index.h"
#include "gallery/person_id.h"

namespace facepipe::gallery {
namespace {

GalleryOrigin origin_of(int size, std::string_view mode = "standard", std::string model_id = "m1") {
  return {std::move(model_id), model::known_mode(mode).value(), size};
}

Gallery three_people() {
  Gallery gallery(origin_of(2));
  EXPECT_TRUE(gallery.add("ada", std::vector<float>{0, 0}));
  EXPECT_TRUE(gallery.add("bob", std::vector<float>{3, 4}));
  EXPECT_TRUE(gallery.add("ada", std::vector<float>{10, 0}));
  EXPECT_TRUE(gallery.add("eve", std::vector<float>{0, 20}));
  return gallery;
}

std::optional<Match> search(const Gallery& gallery, const std::vector<float>& probe) {
  const auto match = gallery.search(probe);
  EXPECT_TRUE(match) << match.error().message;
  return *match;
}

TEST(Gallery, AddsPeopleInTheOrderOfTheirFirstEmbedding) {
  const Gallery gallery = three_people();
  ASSERT_EQ(gallery.people().size(), 3U);
  EXPECT_EQ(gallery.people()[0].name, "ada");
  EXPECT_EQ(gallery.people()[0].embedding_count, 2U);
  EXPECT_EQ(gallery.people()[1].name, "bob");
  EXPECT_EQ(gallery.people()[2].name, "eve");
  EXPECT_EQ(gallery.embedding_count(), 4U);
  EXPECT_EQ(gallery.owner(2), 0U);
  EXPECT_EQ(gallery.embedding(2)[0], 10.0F);
  EXPECT_EQ(gallery.find("eve"), 2U);
  EXPECT_EQ(gallery.find("Eve"), std::nullopt);
}

TEST(Gallery, FindsTheNearestPersonAndTheRunnerUp) {
  const Gallery gallery = three_people();
  const auto match = search(gallery, {9, 0});
  ASSERT_TRUE(match);
  EXPECT_EQ(match->person, 0U);  // by its second picture
  EXPECT_FLOAT_EQ(match->distance, 1.0F);
  EXPECT_EQ(match->second_person, 1U);  // not the same person's other picture
  EXPECT_FLOAT_EQ(match->second_distance, std::sqrt(52.0F));
}

TEST(Gallery, OnePersonHasNoRunnerUpAndAnEmptyGalleryNoMatch) {
  Gallery gallery(origin_of(2));
  EXPECT_FALSE(search(gallery, {1, 1}));
  ASSERT_TRUE(gallery.add("ada", std::vector<float>{0, 0}));
  ASSERT_TRUE(gallery.add("ada", std::vector<float>{1, 0}));
  const auto match = search(gallery, {3, 0});
  ASSERT_TRUE(match);
  EXPECT_FLOAT_EQ(match->distance, 2.0F);
  EXPECT_EQ(match->second_person, std::nullopt);
}

TEST(Gallery, TiesGoToTheFirstEnrolled) {
  Gallery gallery(origin_of(1));
  ASSERT_TRUE(gallery.add("zoe", std::vector<float>{2}));
  ASSERT_TRUE(gallery.add("ada", std::vector<float>{0}));
  ASSERT_TRUE(gallery.add("bob", std::vector<float>{0}));
  const auto match = search(gallery, {1});
  ASSERT_TRUE(match);
  EXPECT_EQ(match->person, 0U);
  EXPECT_EQ(match->second_person, 1U);
  // A later picture of the first person wins no tie against an earlier one of another.
  Gallery interleaved(origin_of(1));
  ASSERT_TRUE(interleaved.add("ada", std::vector<float>{50}));
  ASSERT_TRUE(interleaved.add("bob", std::vector<float>{7}));
  ASSERT_TRUE(interleaved.add("ada", std::vector<float>{7}));
  EXPECT_EQ(search(interleaved, {7})->person, 1U);
}

TEST(Gallery, SearchAgreesWithAPlainSearch) {
  constexpr int kSize = 37;  // no multiple of the vector width
  std::mt19937 random(3);    // NOLINT: a fixed seed, so that a failure repeats
  std::normal_distribution<float> normal;
  Gallery gallery(origin_of(kSize));
  const auto draw = [&] {
    std::vector<float> values(kSize);
    for (float& value : values) {
      value = normal(random);
    }
    return values;
  };
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(gallery.add("p" + std::to_string(i % 23), draw()));
  }
  for (int round = 0; round < 50; ++round) {
    const auto probe = draw();
    std::vector<double> nearest(gallery.people().size(), std::numeric_limits<double>::infinity());
    for (std::size_t row = 0; row < gallery.embedding_count(); ++row) {
      double sum = 0;
      for (std::size_t k = 0; k < kSize; ++k) {
        const double difference = static_cast<double>(gallery.embedding(row)[k]) - static_cast<double>(probe[k]);
        sum += difference * difference;
      }
      nearest[gallery.owner(row)] = std::min(nearest[gallery.owner(row)], std::sqrt(sum));
    }
    const auto first = static_cast<std::size_t>(std::min_element(nearest.begin(), nearest.end()) - nearest.begin());
    const auto match = search(gallery, probe);
    ASSERT_TRUE(match);
    EXPECT_EQ(match->person, first);
    EXPECT_NEAR(match->distance, nearest[first], 1e-5);
    nearest[first] = std::numeric_limits<double>::infinity();
    const auto second = static_cast<std::size_t>(std::min_element(nearest.begin(), nearest.end()) - nearest.begin());
    EXPECT_EQ(match->second_person, second);
    EXPECT_NEAR(match->second_distance, nearest[second], 1e-5);
  }
}

TEST(Gallery, ProbesThatCannotBeComparedAreRefused) {
  const Gallery gallery = three_people();
  const auto size = gallery.search(std::vector<float>{1, 2, 3});
  ASSERT_FALSE(size);
  EXPECT_EQ(size.error().code, ErrorCode::kMismatch);
  EXPECT_EQ(size.error().message, "the gallery's embeddings have 2 values; the probe has 3");
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    const auto match = gallery.search(std::vector<float>{0, bad});
    ASSERT_FALSE(match);
    EXPECT_EQ(match.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(Gallery, HugeValuesStillHaveANearest) {
  Gallery gallery(origin_of(1));
  constexpr float kHuge = std::numeric_limits<float>::max();
  ASSERT_TRUE(gallery.add("ada", std::vector<float>{kHuge}));
  ASSERT_TRUE(gallery.add("bob", std::vector<float>{0}));
  const auto match = search(gallery, {-kHuge});
  ASSERT_TRUE(match);
  EXPECT_TRUE(std::isinf(match->distance));
  EXPECT_EQ(match->person, 0U);
}

TEST(Gallery, AddNamesWhatIsWrong) {
  Gallery gallery(origin_of(2));
  const auto size = gallery.add("ada", std::vector<float>{1});
  ASSERT_FALSE(size);
  EXPECT_EQ(size.error().message, "an embedding of this gallery has 2 values; this one has 1");
  const auto value = gallery.add("ada", std::vector<float>{1, std::nanf("")});
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(gallery.people().empty());
}

TEST(Gallery, AddTakesARowOfItsOwn) {
  Gallery gallery(origin_of(2));
  ASSERT_TRUE(gallery.add("ada", std::vector<float>{1, 2}));
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(gallery.add("bob", gallery.embedding(0)));
  }
  EXPECT_EQ(gallery.embedding(100)[1], 2.0F);
}

TEST(Gallery, Names) {
  for (const std::string& good : {std::string("a"), std::string(256, 'a'), std::string("Zo\xC3\xAB"),
                                  std::string(" padded "), std::string("\xE5\x90\x8D")}) {
    EXPECT_TRUE(check_name(good)) << good;
  }
  for (const std::string& bad :
       {std::string(), std::string(257, 'a'), std::string("a\nb"), std::string("a\0b", 3), std::string("\x7F"),
        std::string("\xC2\x85"), std::string("\xC3"), std::string("\xFF"), std::string("\xED\xA0\x80")}) {
    const auto status = check_name(bad);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(Gallery, RemoveTakesEveryEmbeddingAndKeepsTheRest) {
  Gallery gallery = three_people();
  gallery.set_distance_threshold(0.5F);
  const PersonId ada = gallery.id_of("ada").value();
  const PersonId eve = gallery.id_of("eve").value();
  ASSERT_TRUE(gallery.remove(ada));
  ASSERT_EQ(gallery.people().size(), 2U);
  EXPECT_EQ(gallery.people()[0].name, "bob");
  EXPECT_EQ(gallery.embedding_count(), 2U);
  EXPECT_EQ(gallery.find("eve"), 1U);
  EXPECT_EQ(gallery.find(eve), 1U);
  EXPECT_EQ(gallery.find(ada), std::nullopt);
  EXPECT_EQ(gallery.owner(1), 1U);
  EXPECT_EQ(gallery.distance_threshold(), 0.5F);
  EXPECT_EQ(search(gallery, {10, 0})->person, 0U);
  const auto unknown_name = gallery.id_of("ada");
  ASSERT_FALSE(unknown_name);
  EXPECT_EQ(unknown_name.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(unknown_name.error().message, "no person named \"ada\" in the gallery");
  const auto missing = gallery.remove(ada);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(missing.error().message, "no person with the id " + to_string(ada) + " in the gallery");
  EXPECT_EQ(gallery.add(ada, std::vector<float>{1, 2}).error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(gallery.add("ada", std::vector<float>{1, 2}));
  EXPECT_NE(gallery.id_of("ada").value(), ada);  // a new person
}

TEST(Gallery, OneEmbeddingOfAPersonCanBeRemoved) {
  Gallery gallery = three_people();
  const PersonId ada = gallery.id_of("ada").value();
  const PersonId bob = gallery.id_of("bob").value();
  EXPECT_EQ(gallery.remove_embedding(PersonId{~static_cast<std::uint64_t>(ada)}, 0).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(gallery.remove_embedding(ada, 1).error().code, ErrorCode::kNotFound);  // bob's
  EXPECT_EQ(gallery.remove_embedding(ada, 4).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(gallery.remove_embedding(bob, 1).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(gallery.embedding_count(), 4U);
  ASSERT_TRUE(gallery.remove_embedding(ada, 0));
  EXPECT_EQ(gallery.embedding_count(), 3U);
  EXPECT_EQ(gallery.people()[0].embedding_count, 1U);
  EXPECT_EQ(gallery.owner(0), 1U);
  EXPECT_EQ(gallery.owner(1), 0U);
  EXPECT_EQ(gallery.embedding(1)[0], 10.0F);
  EXPECT_EQ(search(gallery, {0, 0})->person, 1U);
  EXPECT_EQ(gallery.remove_embedding(ada, 1).error().code, ErrorCode::kInvalidArgument);
  // A file has people in the order of their first embedding.
  const auto read = gallery_from_bytes(gallery_to_bytes(gallery));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->people()[0].name, "bob");
  EXPECT_EQ(read->people()[1].id, ada);
  EXPECT_EQ(read->embedding(1)[0], 10.0F);
  EXPECT_EQ(read->owner(1), 1U);
  EXPECT_EQ(gallery_to_bytes(*read), gallery_to_bytes(gallery));
}

TEST(Gallery, RenameNeverMerges) {
  Gallery gallery = three_people();
  const PersonId ada = gallery.id_of("ada").value();
  ASSERT_TRUE(gallery.rename(ada, "Ada"));
  EXPECT_EQ(gallery.find("Ada"), 0U);
  EXPECT_EQ(gallery.find("ada"), std::nullopt);
  EXPECT_TRUE(gallery.rename(ada, "Ada"));
  EXPECT_EQ(gallery.rename(ada, "bob").error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(gallery.rename(PersonId{~static_cast<std::uint64_t>(ada)}, "x").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(gallery.rename(ada, "").error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(gallery.people()[0].name, "Ada");
  EXPECT_EQ(gallery.id_of("Ada").value(), ada);
  EXPECT_EQ(gallery.find("bob"), 1U);
}

TEST(Gallery, RestoredPeopleHaveAnIdAndANameOfTheirOwn) {
  Gallery gallery(origin_of(1));
  const std::vector<float> row = {1};
  ASSERT_TRUE(gallery.restore(PersonId{7}, "ada", row));
  EXPECT_EQ(gallery.restore(PersonId{8}, "ada", row).error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(gallery.restore(PersonId{7}, "bob", row).error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(gallery.find("bob"), std::nullopt);
  EXPECT_EQ(gallery.find(PersonId{8}), std::nullopt);
  ASSERT_TRUE(gallery.restore(PersonId{8}, "bob", row));
  EXPECT_EQ(gallery.people()[1].id, PersonId{8});
}

// The gallery keeps its embeddings where it is told to, and names whom that index finds.
TEST(Gallery, SearchesTheIndexThatItIsGiven) {
  class LastRow final : public Index {
   public:
    [[nodiscard]] std::size_t end() const override { return rows_->end(); }
    [[nodiscard]] std::span<const float> embedding(std::size_t row) const override { return rows_->embedding(row); }
    [[nodiscard]] std::size_t owner(std::size_t row) const override { return rows_->owner(row); }
    [[nodiscard]] std::vector<std::size_t> rows_of(std::size_t owner) const override { return rows_->rows_of(owner); }
    [[nodiscard]] std::size_t count_of(std::size_t owner) const override { return rows_->count_of(owner); }
    void reserve(std::size_t rows) override { rows_->reserve(rows); }
    void add(std::size_t owner, std::span<const float> embedding) override { rows_->add(owner, embedding); }
    void skip_to(std::size_t rows) override { rows_->skip_to(rows); }
    void remove(std::size_t row) override { rows_->remove(row); }
    [[nodiscard]] std::vector<Neighbour> search(std::span<const float>, std::size_t) const override {
      return {{owner(end() - 1), end() - 1, 42.0F}};
    }

   private:
    std::unique_ptr<Index> rows_ = make_linear_index(1);
  };
  Gallery gallery(origin_of(1), std::make_unique<LastRow>());
  ASSERT_TRUE(gallery.add("ada", std::vector<float>{1}));
  ASSERT_TRUE(gallery.add("bob", std::vector<float>{2}));
  const auto match = search(gallery, {1});
  ASSERT_TRUE(match);
  EXPECT_EQ(match->person, 1U);
  EXPECT_EQ(match->distance, 42.0F);
  EXPECT_EQ(match->second_person, std::nullopt);
}

TEST(Gallery, AThresholdThatIsNoDistanceKnowsNobody) {
  Gallery gallery(origin_of(2));
  gallery.set_distance_threshold(0.5F);
  EXPECT_EQ(gallery.distance_threshold(), 0.5F);
  gallery.set_distance_threshold(-1.0F);
  EXPECT_EQ(gallery.distance_threshold(), 0.0F);
  gallery.set_distance_threshold(std::nanf(""));
  EXPECT_EQ(gallery.distance_threshold(), 0.0F);
  gallery.set_distance_threshold(std::nullopt);
  EXPECT_EQ(gallery.distance_threshold(), std::nullopt);
}

TEST(Gallery, CompatibleIsEqualPreprocessingSizeAndModel) {
  const Gallery gallery(origin_of(128, "classic", ""));
  EXPECT_TRUE(gallery.check_compatible(origin_of(128, "classic", "m1")));
  const auto mode = gallery.check_compatible(origin_of(128, "whitened", "m1"));
  ASSERT_FALSE(mode);
  EXPECT_EQ(mode.error().code, ErrorCode::kMismatch);
  EXPECT_EQ(mode.error().message,
            "embeddings cannot be compared: gallery: classic 240 px, margin 0 px, stretched, unit; model: whitened "
            "160 px, margin 32 px, whiten");
  const auto size = gallery.check_compatible(origin_of(512, "classic", "m1"));
  ASSERT_FALSE(size);
  EXPECT_EQ(size.error().message, "embeddings cannot be compared: gallery: 128 values an embedding; model: 512");
}

TEST(Gallery, AModesNameDoesNotCount) {
  const Gallery gallery(origin_of(128));
  auto renamed = origin_of(128);
  renamed.preprocessing.mode = "mine";
  EXPECT_TRUE(gallery.check_compatible(renamed));
}

TEST(Gallery, AdoptsTheFirstModelThatIsNamed) {
  Gallery gallery(origin_of(128, "classic", ""));
  gallery.adopt_model_id("m1");
  EXPECT_EQ(gallery.origin().model_id, "m1");
  gallery.adopt_model_id("m2");
  EXPECT_EQ(gallery.origin().model_id, "m1");
  const auto other = gallery.check_compatible(origin_of(128, "classic", "m2"));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().message, "embeddings cannot be compared: gallery: made by m1; model: m2");
}

TEST(ResultWords, AreNobodysNameButAFileThatHasThemOpens) {
  Gallery gallery(origin_of(1));
  const std::vector<float> row = {1};
  ASSERT_TRUE(gallery.add("Ada", row));
  for (const char* word : {"unknown", "UNKNOWN", "No-Face", "no-face", "error", "Error"}) {
    EXPECT_EQ(check_new_name(word).error().code, ErrorCode::kInvalidArgument) << word;
    EXPECT_EQ(gallery.add(word, row).error().code, ErrorCode::kInvalidArgument) << word;
    EXPECT_EQ(gallery.rename(gallery.id_of("Ada").value(), word).error().code, ErrorCode::kInvalidArgument) << word;
  }
  EXPECT_TRUE(check_new_name("Unknown Soldier"));
  EXPECT_EQ(reserved_names(gallery), "");
  ASSERT_TRUE(gallery.restore(PersonId{1}, "Error", row));
  ASSERT_TRUE(gallery.restore(PersonId{2}, "unknown", row));
  const auto read = gallery_from_bytes(gallery_to_bytes(gallery));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(reserved_names(*read), "\"Error\", \"unknown\"");
  ASSERT_TRUE(gallery.remove(gallery.id_of("Ada").value()));  // the others stay
  EXPECT_EQ(gallery.people().size(), 2U);
  EXPECT_TRUE(gallery.rename(PersonId{2}, "Bob"));
}

TEST(Gallery, CandidatesHaveTheDistanceToTheirMeansDirection) {
  Gallery gallery({"m1", model::known_mode("standard").value(), 2});
  ASSERT_TRUE(gallery.add("ada", std::vector<float>{1, 0}));
  ASSERT_TRUE(gallery.add("bob", std::vector<float>{0, -1}));
  ASSERT_TRUE(gallery.add("ada", std::vector<float>{0, 1}));
  const auto found = gallery.candidates(std::vector<float>{1, 0}, 5, Centroids::kMeasured);
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->size(), 2U);
  EXPECT_EQ((*found)[0].person, 0U);
  EXPECT_EQ((*found)[0].nearest, 0.0F);
  EXPECT_NEAR((*found)[0].centroid, 2 * std::sin(3.14159265 / 8), 1e-6);  // 45 degrees
  EXPECT_EQ((*found)[1].nearest, (*found)[1].centroid);
  EXPECT_EQ(gallery.candidates(std::vector<float>{1, 0}, 1, Centroids::kMeasured)->size(), 1U);
  EXPECT_EQ(gallery.candidates(std::vector<float>{1}, 1, Centroids::kMeasured).error().code, ErrorCode::kMismatch);
}

TEST(Gallery, PicturesThatCancelEachOtherOutHaveNoDirection) {
  Gallery gallery({"m1", model::known_mode("standard").value(), 2});
  ASSERT_TRUE(gallery.add("ada", std::vector<float>{1, 0}));
  ASSERT_TRUE(gallery.add("ada", std::vector<float>{-1, 0}));
  const auto found = gallery.candidates(std::vector<float>{0, 1}, 1, Centroids::kMeasured);
  ASSERT_TRUE(found);
  EXPECT_EQ((*found)[0].centroid, (*found)[0].nearest);
}

TEST(Gallery, WeighsPeopleByTheirPictures) {
  Gallery gallery({"m1", model::known_mode("standard").value(), 1});
  EXPECT_EQ(gallery.weighted_people(0.5), 0);
  for (int picture = 0; picture < 4; ++picture) {
    ASSERT_TRUE(gallery.add("ada", std::vector<float>{1}));
  }
  ASSERT_TRUE(gallery.add("bob", std::vector<float>{1}));
  EXPECT_DOUBLE_EQ(gallery.weighted_people(0.5), 3);
  EXPECT_DOUBLE_EQ(gallery.weighted_people(0), 2);
}

TEST(Gallery, TheShareOfStrangersIsAShare) {
  Gallery gallery({"m1", model::known_mode("standard").value(), 1});
  EXPECT_EQ(gallery.strangers(), std::nullopt);
  for (const double bad : {0.0, 1.0, -0.5, std::nan("")}) {
    EXPECT_EQ(gallery.set_strangers(bad).error().code, ErrorCode::kInvalidArgument) << bad;
  }
  EXPECT_TRUE(gallery.set_strangers(0.01));
  EXPECT_EQ(gallery.strangers(), 0.01);
  for (const float bad : {-0.1F, 1.0F, std::numeric_limits<float>::quiet_NaN()}) {
    EXPECT_EQ(gallery.set_min_quality(bad).error().code, ErrorCode::kInvalidArgument) << bad;
  }
  EXPECT_TRUE(gallery.set_min_quality(0.6F));
  EXPECT_EQ(gallery.min_quality(), 0.6F);
}

TEST(Gallery, RejectedPicturesGoWithTheirPerson) {
  Gallery gallery({"m1", model::known_mode("standard").value(), 1});
  ASSERT_TRUE(gallery.add("ada", std::vector<float>{1}));
  ASSERT_TRUE(gallery.add("bob", std::vector<float>{2}));
  const PersonId ada = *gallery.id_of("ada");
  const PersonId bob = *gallery.id_of("bob");
  EXPECT_FALSE(gallery.any_rejected());
  EXPECT_EQ(gallery.reject(ada, std::vector<float>{1, 2}).error().code, ErrorCode::kInvalidArgument);
  ASSERT_TRUE(gallery.reject(ada, std::vector<float>{3}));
  ASSERT_TRUE(gallery.reject(bob, std::vector<float>{4}));
  ASSERT_TRUE(gallery.remove(ada));
  ASSERT_EQ(gallery.rejected(bob).size(), 1U);
  EXPECT_TRUE(gallery.rejected(ada).empty());
  EXPECT_EQ(gallery.reject(ada, std::vector<float>{3}).error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(gallery.forget_rejected(bob));
  EXPECT_FALSE(gallery.any_rejected());
}

TEST(Gallery, APersonHasAtMostSoManyRejectedPictures) {
  Gallery gallery({"m1", model::known_mode("standard").value(), 1});
  ASSERT_TRUE(gallery.add("ada", std::vector<float>{1}));
  const PersonId ada = *gallery.id_of("ada");
  for (std::size_t picture = 0; picture < kMaxRejected; ++picture) {
    ASSERT_TRUE(gallery.reject(ada, std::vector<float>{3}));
  }
  EXPECT_EQ(gallery.reject(ada, std::vector<float>{3}).error().code, ErrorCode::kTooLarge);
}

}  // namespace
}  // namespace facepipe::gallery
