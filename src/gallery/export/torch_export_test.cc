#include "gallery/export/torch_export.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/hash.h"
#include "base/temporary_folder.h"
#include "gallery/gallery.h"
#include "weights/readers.h"

namespace facepipe::gallery {
namespace {

class TorchGalleryFile : public ::testing::Test {
 protected:
  void write(const weights::TorchGallery& torch) {
    ASSERT_TRUE(write_file_atomically(file_, write_torch_gallery(torch)));
  }

  const TemporaryFolder folder_;
  const std::filesystem::path file_ = folder_ / "resnetV1_video_weights.pt";
};

TEST_F(TorchGalleryFile, ImportsAsClassicWithoutThresholdOrModel) {
  write({{{1, 2}, {3, 4}, {5, 6}}, {"ada", "bob", "ada"}});
  const auto gallery = import_torch_gallery(file_);
  ASSERT_TRUE(gallery) << gallery.error().message;
  EXPECT_EQ(gallery->origin().model_id, "");
  EXPECT_EQ(gallery->origin().preprocessing, model::known_mode("classic").value());
  EXPECT_EQ(gallery->origin().embedding_size, 2);
  EXPECT_EQ(gallery->distance_threshold(), std::nullopt);
  ASSERT_EQ(gallery->people().size(), 2U);
  EXPECT_EQ(gallery->people()[0].name, "ada");
  EXPECT_EQ(gallery->people()[0].embedding_count, 2U);
  EXPECT_EQ(gallery->embedding(1)[1], 4.0F);
  EXPECT_EQ(gallery->owner(1), 1U);
  const auto again = import_torch_gallery(file_);  // the file has no ids: every reading gives the same ones
  ASSERT_TRUE(again);
  EXPECT_EQ(again->id_of("ada").value(), gallery->id_of("ada").value());
  EXPECT_NE(again->id_of("ada").value(), again->id_of("bob").value());
}

TEST_F(TorchGalleryFile, ExportImportsAgain) {
  Gallery gallery({"m1", model::known_mode("classic").value(), 3});
  ASSERT_TRUE(gallery.add("Zo\xC3\xAB", std::vector<float>{1, 2, 3}));
  ASSERT_TRUE(gallery.add("bob", std::vector<float>{4, 5, 6}));
  ASSERT_TRUE(gallery.add("Zo\xC3\xAB", std::vector<float>{7, 8, 9}));
  ASSERT_TRUE(export_torch_gallery(gallery, file_));
  const auto again = import_torch_gallery(file_);
  ASSERT_TRUE(again) << again.error().message;
  ASSERT_EQ(again->embedding_count(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(again->people()[again->owner(i)].name, gallery.people()[gallery.owner(i)].name);
    EXPECT_TRUE(std::equal(again->embedding(i).begin(), again->embedding(i).end(), gallery.embedding(i).begin()));
  }
}

TEST_F(TorchGalleryFile, OnlyAClassicGalleryIsExported) {
  const Gallery gallery({"m1", model::known_mode("whitened").value(), 3});
  const auto status = export_torch_gallery(gallery, file_);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kMismatch);
  EXPECT_EQ(status.error().message.rfind("the Python pipeline cannot use this gallery: ", 0), 0U);
  EXPECT_FALSE(std::filesystem::exists(file_));
}

TEST_F(TorchGalleryFile, ErrorsNameTheFileAndTheEntry) {
  write({{{1}, {2}}, {"ada", "a\nb"}});
  const auto bad_name = import_torch_gallery(file_);
  ASSERT_FALSE(bad_name);
  EXPECT_EQ(bad_name.error().code, ErrorCode::kInvalidData);
  EXPECT_EQ(bad_name.error().message,
            "gallery " + file_.string() + ": entry 1: a name has no control characters; this one has");
  ASSERT_TRUE(write_file_atomically(file_, as_bytes("no torch file at all")));
  const auto text = import_torch_gallery(file_);
  ASSERT_FALSE(text);
  EXPECT_NE(text.error().message.find(file_.string()), std::string::npos);
  EXPECT_EQ(import_torch_gallery(folder_ / "none.pt").error().code, ErrorCode::kNotFound);
}

std::string error_of(const weights::TorchGallery& gallery) {
  const auto read = weights::read_torch_gallery(write_torch_gallery(gallery));
  return read ? "no error" : read.error().message;
}

TEST(TorchExport, ReadsWhatItWrites) {
  const weights::TorchGallery gallery{{{1.0F, -0.5F}, {0.25F, 3.0F}, {0.0F, -0.0F}}, {"a", "a", "J\xC3\xBCrgen"}};
  const auto read = weights::read_torch_gallery(write_torch_gallery(gallery));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->embeddings, gallery.embeddings);
  EXPECT_EQ(read->names, gallery.names);
}

// This very file was read by torch.load of PyTorch 2, with weights_only=True, without it, and with mmap=True.
TEST(TorchExport, WritesTheSameBytesAlways) {
  const weights::TorchGallery gallery{{{1.0F, -0.5F}, {0.25F, 3.0F}}, {"Ada", "Zo\xC3\xAB"}};
  const Bytes file = write_torch_gallery(gallery);
  EXPECT_EQ(sha256_hex(file), "1646eae52c44bee0c7bc3d885f0410f4aa5883d63567c950fae6ab713a177b77");
}

TEST(TorchExport, AnEmptyGalleryIsAGallery) {
  const auto read = weights::read_torch_gallery(write_torch_gallery({}));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(read->embeddings.empty());
  EXPECT_TRUE(read->names.empty());
}

TEST(TorchExport, RefusesValuesThatAreNotFinite) {
  EXPECT_EQ(error_of({{{1.0F}, {std::numeric_limits<float>::quiet_NaN()}}, {"a", "b"}}),
            "embedding 1 holds a value that is not finite");
  EXPECT_EQ(error_of({{{std::numeric_limits<float>::infinity()}}, {"a"}}),
            "embedding 0 holds a value that is not finite");
}

// Ten values an embedding, so that 150,000 of them are more than the million that any file may have.
TEST(TorchExport, ReadsMoreThanAMillionValues) {
  constexpr std::size_t kPeople = 150'000;
  weights::TorchGallery gallery;
  gallery.embeddings.assign(kPeople, std::vector<float>(16, 0.25F));
  gallery.names.assign(kPeople, "somebody");
  const auto read = weights::read_torch_gallery(write_torch_gallery(gallery));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->embeddings, gallery.embeddings);
  EXPECT_EQ(read->names, gallery.names);
}

}  // namespace
}  // namespace facepipe::gallery
