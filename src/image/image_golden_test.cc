// Every photograph of tests/data/golden/golden.json, decoded, against the digest of Pillow's pixels.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <filesystem>
#include <set>
#include <span>
#include <string>

#include "base/file.h"
#include "base/hash.h"
#include "image/decode.h"

namespace facepipe::image {
namespace {

namespace fs = std::filesystem;

const fs::path kSource = FACEPIPE_SOURCE_DIR;
const fs::path kPhotos = kSource / ".cache/photos";  // tools/setup/models.sh
constexpr std::size_t kMaxFileBytes = std::size_t{32} << 20U;

// The golden row `photo` against the file that it names.
void check_photo(const simdjson::dom::element& photo, const std::string& name) {
  SCOPED_TRACE(name);
  const auto file = read_file(kPhotos / name, kMaxFileBytes);
  ASSERT_TRUE(file) << file.error().message;
  ASSERT_EQ(sha256_hex(*file), std::string_view(photo["sha256"])) << "another file than the golden values are for";
  const auto picture = decode_image(*file, {.apply_exif_orientation = false, .limits = {}});
  ASSERT_TRUE(picture) << picture.error().message;
  EXPECT_EQ(picture->width(), std::int64_t{photo["width"]});
  EXPECT_EQ(picture->height(), std::int64_t{photo["height"]});
  EXPECT_EQ(sha256_hex(std::as_bytes(std::span(picture->pixels()))), std::string_view(photo["pixels_sha256"]));
}

TEST(ImageGolden, PixelsOfEveryPhotographAsPillow) {
  simdjson::dom::parser parser;
  simdjson::dom::element golden;
  ASSERT_EQ(parser.load((kSource / "tests/data/golden/golden.json").string()).get(golden), simdjson::SUCCESS);
  std::set<std::string> names;
  for (const simdjson::dom::element photo : golden["photos"].get_array()) {
    const std::string name{std::string_view(photo["file"])};
    names.insert(name);
    check_photo(photo, name);
  }
  EXPECT_EQ(names.size(), 118U);
  for (const char* part : {"train", "val"}) {
    for (const auto& entry : fs::recursive_directory_iterator(kPhotos / part)) {
      if (entry.is_regular_file() && entry.path().extension() == ".jpg") {
        EXPECT_TRUE(names.contains(fs::relative(entry.path(), kPhotos).string())) << entry.path();
      }
    }
  }
}

}  // namespace
}  // namespace facepipe::image
