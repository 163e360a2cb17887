#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <random>
#include <string>

#include "base/file.h"
#include "base/hash.h"
#include "base/temporary_folder.h"
#include "gallery/gallery.h"
#include "gallery/person_id.h"

namespace facepipe::gallery {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t kDigestAt = 12;
constexpr std::size_t kHeaderSizeAt = kDigestAt + 64;
constexpr std::size_t kHeaderAt = kHeaderSizeAt + 4;

constexpr PersonId kZoe{0x0123456789abcdef};
constexpr PersonId kBob{0xB};

Gallery small_gallery() {
  Gallery gallery({"m1", model::known_mode("whitened").value(), 3});
  gallery.set_distance_threshold(1.1F);
  EXPECT_TRUE(gallery.restore(kZoe, "Zo\xC3\xAB", std::vector<float>{1, 2, 3}));
  EXPECT_TRUE(gallery.restore(kBob, "bob \"b\"", std::vector<float>{-0.0F, 1e-40F, 3.4e38F}));
  EXPECT_TRUE(gallery.add(kZoe, std::vector<float>{0.1F, 0.2F, 0.3F}));
  return gallery;
}

// Nothing of its preprocessing is as in the modes of before there were optional fields.
Gallery aligned_gallery() {
  Gallery gallery({"m2",
                   {.mode = "mine",
                    .input_px = 112,
                    .normalisation = {.mean = {104.1F, 117, 123.5F}, .deviation = {1, 57.375F, 0.1F}},
                    .alignment = "landmarks",
                    .points = {{{38.2946F, 51.6963F}, {73.5318F, 51.5F}, {56, 71.75F}, {41.5F, 92.25F}, {70.75F, -1}}},
                    .colour_order = model::ColourOrder::kBgr,
                    .mirrored = true},
                   2});
  EXPECT_TRUE(gallery.restore(kZoe, "zo", std::vector<float>{0.6F, 0.8F}));
  return gallery;
}

void expect_equal(const Gallery& a, const Gallery& b) {
  EXPECT_EQ(a.origin().model_id, b.origin().model_id);
  EXPECT_EQ(a.origin().preprocessing, b.origin().preprocessing);
  EXPECT_EQ(a.origin().embedding_size, b.origin().embedding_size);
  EXPECT_EQ(a.distance_threshold(), b.distance_threshold());
  EXPECT_EQ(a.strangers(), b.strangers());
  EXPECT_EQ(a.min_quality(), b.min_quality());
  ASSERT_EQ(a.people().size(), b.people().size());
  for (std::size_t i = 0; i < a.people().size(); ++i) {
    EXPECT_EQ(a.people()[i].id, b.people()[i].id);
    EXPECT_EQ(a.people()[i].name, b.people()[i].name);
    const auto ours = a.rejected(a.people()[i].id);
    const auto theirs = b.rejected(b.people()[i].id);
    EXPECT_TRUE(std::ranges::equal(ours, theirs));
  }
  ASSERT_EQ(a.embedding_count(), b.embedding_count());
  for (std::size_t i = 0; i < a.embedding_count(); ++i) {
    EXPECT_EQ(a.owner(i), b.owner(i));
    EXPECT_EQ(std::memcmp(a.embedding(i).data(), b.embedding(i).data(), a.embedding(i).size_bytes()), 0);
  }
}

// Makes the digest fit the content again, so that what lies behind it is reached.
Bytes with_digest(Bytes bytes) {
  const std::string digest = sha256_hex(ByteView(bytes).subspan(kHeaderSizeAt));
  std::memcpy(bytes.data() + kDigestAt, digest.data(), digest.size());
  return bytes;
}

Bytes with_header_text(std::string_view from, std::string_view to, const Gallery& gallery = small_gallery()) {
  const Bytes bytes = gallery_to_bytes(gallery);
  std::string text(as_text(bytes));
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  text.replace(at, from.size(), to);
  std::uint32_t size = 0;
  std::memcpy(&size, bytes.data() + kHeaderSizeAt, sizeof size);
  size = static_cast<std::uint32_t>(size + to.size() - from.size());
  std::memcpy(text.data() + kHeaderSizeAt, &size, sizeof size);
  return with_digest(to_bytes(as_bytes(text)));
}

std::string error_of(const Bytes& bytes) {
  const auto gallery = gallery_from_bytes(bytes);
  return gallery ? "no error" : gallery.error().message;
}

TEST(GalleryFile, KeepsTheShareOfStrangersAndWhatIsRejected) {
  Gallery gallery = small_gallery();
  const Bytes before = gallery_to_bytes(gallery);
  EXPECT_EQ(as_text(before).find("strangers"), std::string_view::npos);  // files of galleries without stay as they were
  EXPECT_EQ(as_text(before).find("rejected"), std::string_view::npos);
  ASSERT_TRUE(gallery.set_strangers(0.02));
  const std::vector<float> row(gallery.embedding(0).begin(), gallery.embedding(0).end());
  ASSERT_TRUE(gallery.reject(gallery.people()[0].id, row));
  const auto read = gallery_from_bytes(gallery_to_bytes(gallery));
  ASSERT_TRUE(read) << read.error().message;
  expect_equal(gallery, *read);
  EXPECT_EQ(read->rejected(gallery.people()[0].id).size(), 1U);
}

TEST(GalleryFile, RefusesABadShareAndBadRejectedPictures) {
  Gallery gallery = small_gallery();
  ASSERT_TRUE(gallery.set_strangers(0.02));
  const std::vector<float> row(gallery.embedding(0).begin(), gallery.embedding(0).end());
  ASSERT_TRUE(gallery.reject(gallery.people()[0].id, row));
  EXPECT_THAT(error_of(with_header_text("\"strangers\":0.02", "\"strangers\":1", gallery)),
              HasSubstr("field 'strangers' must be null or a number above 0 and below 1"));
  EXPECT_THAT(error_of(with_header_text("\"embedding\":\"", "\"embedding\":\"AAAA", gallery)),
              HasSubstr("float32 values"));
  const std::string id = to_string(gallery.people()[0].id);
  EXPECT_THAT(error_of(with_header_text("\"person\":\"" + id, "\"person\":\"00000000000000ff", gallery)),
              HasSubstr("a rejected picture: no person with the id"));
}

TEST(GalleryFile, RoundTripsExactly) {
  const Gallery gallery = small_gallery();
  const Bytes bytes = gallery_to_bytes(gallery);
  EXPECT_EQ(bytes, gallery_to_bytes(gallery));
  const auto read = gallery_from_bytes(bytes);
  ASSERT_TRUE(read) << read.error().message;
  expect_equal(*read, gallery);
  EXPECT_EQ(gallery_to_bytes(*read), bytes);
}

TEST(GalleryFile, APreprocessingOfOnesOwnRoundTrips) {
  const Gallery gallery = aligned_gallery();
  const auto read = gallery_from_bytes(gallery_to_bytes(gallery));
  ASSERT_TRUE(read) << read.error().message;
  expect_equal(*read, gallery);
}

TEST(GalleryFile, WithoutTheFieldsThatCameLaterItIsOfBoxAndRgb) {
  for (const char* field : {R"("alignment":"box",)", R"("colour_order":"rgb",)"}) {
    const auto read = gallery_from_bytes(with_header_text(field, ""));
    ASSERT_TRUE(read) << read.error().message;
    expect_equal(*read, small_gallery());
  }
}

TEST(GalleryFile, OptionalFieldsAreChecked) {
  const std::tuple<const char*, const char*, const char*> cases[] = {
      {"\"alignment\":\"landmarks\"", "\"alignment\":7", "header: field 'preprocessing.alignment' must be a text"},
      {"\"points\":[[", "\"no\":[[",
       "header: field 'preprocessing.points' must be present where the alignment is landmarks"},
      {"\"points\":[[", "\"points\":[[1],[", "header: field 'preprocessing.points' must be an array of 5 points"},
      {"[56,71.75]", "[56,7e8]", "header: field 'preprocessing.points[2]' must be 2 numbers"},
      {"[56,71.75]", "[56,\"7\"]", "header: field 'preprocessing.points[2]' must be 2 numbers"},
      {"[56,71.75]", "[56]", "header: field 'preprocessing.points[2]' must be 2 numbers"},
      {"\"bgr\"", "\"grb\"", "header: field 'preprocessing.colour_order' must be rgb or bgr"},
      {"\"mirrored\":true", "\"mirrored\":1", "header: field 'preprocessing.mirrored' must be true or false"},
      {"\"deviation\":[1,", "\"deviation\":[0,",
       "header: field 'preprocessing.normalisation.deviation' must be 3 numbers above 0"},
  };
  for (const auto& [from, to, expected] : cases) {
    const std::string message = error_of(with_header_text(from, to, aligned_gallery()));
    EXPECT_NE(message.find(expected), std::string::npos) << to << ": " << message;
  }
}

TEST(GalleryFile, EmptyGalleryAndNoThreshold) {
  const Gallery gallery({"", model::known_mode("classic").value(), 128});
  const auto read = gallery_from_bytes(gallery_to_bytes(gallery));
  ASSERT_TRUE(read) << read.error().message;
  expect_equal(*read, gallery);
  EXPECT_EQ(read->distance_threshold(), std::nullopt);
}

TEST(GalleryFile, SavesPrivatelyAndLoads) {
  const TemporaryFolder folder;
  const auto file = folder / "people.gallery";
  ASSERT_TRUE(save_gallery(small_gallery(), file, nullptr));
  struct stat info{};
  ASSERT_EQ(::stat(file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  const auto loaded = load_gallery(file, nullptr);
  ASSERT_TRUE(loaded) << loaded.error().message;
  expect_equal(*loaded, small_gallery());
}

TEST(GalleryFile, NothingOfARemovedPersonStays) {
  const TemporaryFolder folder;
  const auto file = folder / "people.gallery";
  Gallery gallery = small_gallery();
  ASSERT_TRUE(save_gallery(gallery, file, nullptr));
  ASSERT_TRUE(gallery.remove(kBob));
  ASSERT_TRUE(save_gallery(gallery, file, nullptr));
  const auto bytes = read_file(file, 1 << 20);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(as_text(*bytes).find("bob"), std::string_view::npos);
  const float value = 3.4e38F;
  const std::string_view pattern(reinterpret_cast<const char*>(&value), sizeof value);
  EXPECT_EQ(as_text(*bytes).find(pattern), std::string_view::npos);
}

TEST(GalleryFile, WithAKeyTheFileShowsNoNameAndOpensWithThatKeyOnly) {
  const TemporaryFolder folder;
  ASSERT_TRUE(SealingKey::make_file(folder / "key"));
  ASSERT_TRUE(SealingKey::make_file(folder / "other"));
  const SealingKey key = *SealingKey::from_file(folder / "key");
  const SealingKey other = *SealingKey::from_file(folder / "other");
  const Gallery gallery = small_gallery();
  const auto file = folder / "sealed";
  ASSERT_TRUE(save_gallery(gallery, file, &key));
  const Bytes bytes = *read_file(file, 1 << 20);
  for (const Person& person : gallery.people()) {
    EXPECT_EQ(as_text(bytes).find(person.name), std::string_view::npos);
  }
  const auto loaded = load_gallery(file, &key);
  ASSERT_TRUE(loaded) << loaded.error().message;
  expect_equal(*loaded, gallery);
  const auto without = load_gallery(file, nullptr);
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().code, ErrorCode::kPermission);
  const auto wrong = load_gallery(file, &other);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::kMismatch);
  EXPECT_NE(wrong.error().message.find("sealed"), std::string::npos);  // the file's name
  // One that is not encrypted is read with a key, too.
  ASSERT_TRUE(save_gallery(gallery, file, nullptr));
  EXPECT_TRUE(load_gallery(file, &key));
}

TEST(GalleryFile, LoadErrorsNameTheFile) {
  const TemporaryFolder folder;
  const auto missing = load_gallery(folder / "none", nullptr);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(write_file_atomically(folder / "text", as_bytes("hello, this is no gallery")));
  const auto text = load_gallery(folder / "text", nullptr);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, ErrorCode::kInvalidData);
  EXPECT_EQ(text.error().message,
            "gallery " + (folder / "text").string() + ": not a facepipe gallery: other first bytes");
}

TEST(GalleryFile, EveryTruncationIsRefused) {
  const Bytes bytes = gallery_to_bytes(small_gallery());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    ASSERT_FALSE(gallery_from_bytes(cut)) << size;
    if (size >= kHeaderAt) {
      EXPECT_FALSE(gallery_from_bytes(with_digest(cut))) << size;
    }
  }
  Bytes longer = bytes;
  longer.push_back(std::byte{0});
  EXPECT_FALSE(gallery_from_bytes(longer));
  EXPECT_FALSE(gallery_from_bytes(with_digest(longer)));
}

TEST(GalleryFile, EveryFlippedByteIsNoticed) {
  const Bytes bytes = gallery_to_bytes(small_gallery());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    Bytes damaged = bytes;
    damaged[i] ^= std::byte{0x20};
    EXPECT_FALSE(gallery_from_bytes(damaged)) << i;
  }
}

TEST(GalleryFile, DamageBehindARightDigestIsSurvived) {
  const Bytes bytes = gallery_to_bytes(small_gallery());
  std::mt19937 random(5);  // NOLINT: a fixed seed, so that a failure repeats
  for (int round = 0; round < 3000; ++round) {
    Bytes damaged = bytes;
    for (int k = 0; k < 3; ++k) {
      damaged[kHeaderSizeAt + random() % (bytes.size() - kHeaderSizeAt)] = static_cast<std::byte>(random() & 0xFFU);
    }
    const auto gallery = gallery_from_bytes(with_digest(damaged));
    EXPECT_TRUE(gallery || !gallery.error().message.empty());
  }
}

TEST(GalleryFile, NewerVersionIsNamed) {
  Bytes bytes = gallery_to_bytes(small_gallery());
  bytes[8] = std::byte{4};
  const auto gallery = gallery_from_bytes(bytes);
  ASSERT_FALSE(gallery);
  EXPECT_EQ(gallery.error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(gallery.error().message, "gallery format version 4; this program reads versions 1 to 3");
}

TEST(GalleryFile, HeaderFieldsAreChecked) {
  const std::tuple<const char*, const char*, const char*> cases[] = {
      {"\"embedding_size\":3", "\"embedding_size\":0",
       "header: field 'embedding_size' must be an integer from 1 to 65536, got a number"},
      {"\"embedding_size\":3", "\"embedding_size\":4", "expected 3 embeddings of 4 values"},
      {"\"embeddings\":3", "\"embeddings\":18446744073709551615",
       "header: field 'embeddings' must be an integer from 0 to 2147483648, got a number"},
      {"\"embeddings\":3", "\"embeddings\":-3",
       "header: field 'embeddings' must be an integer from 0 to 2147483648, got a number"},
      {"\"input_px\":160", "\"input_px\":0",
       "header: field 'preprocessing.input_px' must be an integer from 1 to 2048, got a number"},
      {"\"margin_px\":32", "\"margin_px\":160",
       "header: field 'preprocessing.margin_px' must be an integer from 0 to 159, got a number"},
      {"\"normalisation\":\"whiten\"", "\"normalisation\":\"none\"",
       "header: field 'preprocessing.normalisation' must be"},
      {"\"distance_threshold\":1.1", "\"distance_threshold\":-1",
       "header: field 'distance_threshold' must be null or a number of at least 0"},
      {"\"distance_threshold\":1.1", "\"distance_threshold\":1e300", "header: field 'distance_threshold' must be"},
      {"\"model_id\"", "\"model\"", "header: field 'model_id' must be a string, got nothing"},
      {"[{\"id\":\"0123456789abcdef\",\"name\":\"Zo\xC3\xAB\"}", "[\"Zo\xC3\xAB\"",
       "header: field 'people[0]' must be an object, got a string"},
      {"[{\"id\":\"0123456789abcdef\",\"name\":\"Zo\xC3\xAB\"},", "[", "belongs to nobody in the header"},
      {"\"id\":\"0123456789abcdef\"", "\"id\":\"0123456789ABCDEF\"",
       "header: field 'people[0].id' must be 16 lower-case hexadecimal characters, got a string"},
      {"\"id\":\"0123456789abcdef\"", "\"no\":\"0123456789abcdef\"",
       "header: field 'people[0].id' must be 16 lower-case hexadecimal characters, got nothing"},
      {"\"id\":\"0123456789abcdef\"", "\"id\":\"000000000000000b\"",
       "embedding 1: a person with the id 000000000000000b is in the gallery already"},
      {"\"Zo\xC3\xAB\"", "\"bob \\\"b\\\"\"", "embedding 1: a person named \"bob \"b\"\" is in the gallery already"},
      {"\"Zo\xC3\xAB\"", "\"a\\nb\"", "embedding 0: a name has no control characters"},
      {"\"Zo\xC3\xAB\"", "7", "header: field 'people[0].name' must be a string, got a number"},
      {"\\\"b\\\"\"}]", "\"},{\"id\":\"000000000000000c\",\"name\":\"eve\"}]",
       "the header names people without an embedding"},
      {"{\"model_id\"", "[\"model_id\"", "header: expected JSON, got"},
  };
  for (const auto& [from, to, expected] : cases) {
    const std::string message = error_of(with_header_text(from, to));
    EXPECT_NE(message.find(expected), std::string::npos) << to << ": " << message;
  }
}

TEST(GalleryFile, NonFiniteValuesAreRefused) {
  Bytes bytes = gallery_to_bytes(small_gallery());
  const float nan = std::nanf("");
  std::memcpy(bytes.data() + bytes.size() - sizeof nan, &nan, sizeof nan);
  EXPECT_NE(error_of(with_digest(bytes)).find("embedding 2: an embedding has finite values only"), std::string::npos);
}

}  // namespace
}  // namespace facepipe::gallery
