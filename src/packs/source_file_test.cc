#include "packs/source_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/file.h"
#include "base/hash.h"
#include "base/temporary_folder.h"
#include "weights/zip_writer.h"

namespace facepipe::packs {
namespace {

using ::testing::StartsWith;

const std::filesystem::path kFiles = FACEPIPE_SOURCE_DIR "/tests/data/weights";

TEST(SourceFile, ReadsEveryFormatAndSaysWhatItRead) {
  for (const std::string name : {"state_zip.pt", "state_legacy.pt", "script_traced.pt", "keras.h5"}) {
    const auto source = read_source(kFiles / name);
    ASSERT_TRUE(source) << source.error().message;
    EXPECT_FALSE(source->tensors.empty()) << name;
    EXPECT_EQ(source->source.name, name);
    EXPECT_EQ(source->source.sha256, sha256_hex(read_file(kFiles / name, std::size_t{1} << 20U).value()));
  }
}

TEST(SourceFile, SaysWhatAnotherFileLooksLike) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder / "weights";
  const auto error_of = [&path](ByteView content) {
    EXPECT_TRUE(write_file_atomically(path, content));
    return read_source(path).error();
  };
  const Error web_page = error_of(as_bytes("<!DOCTYPE html>"));
  EXPECT_EQ(web_page.code, ErrorCode::kUnsupported);
  EXPECT_EQ(web_page.message,
            path.string() +
                ": not a weights file that is read (torch.save, TorchScript or Keras HDF5): it looks like "
                "text: a web page or a Git LFS pointer");
  EXPECT_EQ(error_of(weights::write_zip({{"a.txt", {}}})).message,
            path.string() + ": a zip archive without FOLDER/data.pkl: not made by torch.save");
}

TEST(SourceFile, ADetectorOfOtherNetworksIsAnErrorWithAllThreeNames) {
  const std::filesystem::path file = kFiles / "state_zip.pt";
  const auto detector = read_detector(file, file, file);
  ASSERT_FALSE(detector);
  EXPECT_THAT(detector.error().message, StartsWith(file.string() + ", " + file.string() + ", " + file.string() + ": "));
  EXPECT_THAT(read_detector(file, kFiles / "none.pt", file).error().message, ::testing::HasSubstr("none.pt"));
}

}  // namespace
}  // namespace facepipe::packs
