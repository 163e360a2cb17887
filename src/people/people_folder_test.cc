#include "people/people_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "base/temporary_folder.h"

namespace facepipe::people {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> told(const std::vector<EnrolFailure>& failures) {
  std::vector<std::string> lines;
  for (const EnrolFailure& failure : failures) {
    lines.push_back(failure.file + ": " + failure.reason);
  }
  return lines;
}

TEST(PeopleFolder, GivesPicturesByNameAndTellsTheRest) {
  const TemporaryFolder folder;
  const auto write = [&](const std::filesystem::path& name, std::string_view content) {
    std::filesystem::create_directories((folder / name).parent_path());
    ASSERT_TRUE(write_file_atomically(folder / name, as_bytes(content)));
  };
  constexpr std::string_view kPng = "\x89PNG\r\n\x1A\n";
  write("ada/2.png", kPng);
  write("ada/1.png", kPng);
  write("ada/.hidden", "x");
  write("ada/deeper/3.png", kPng);
  write("ada/Thumbs.db", "\xD0\xCF\x11\xE0");
  write("bob/one.png", kPng);
  write("readme.txt", "x");
  write("stray.png", kPng);
  std::filesystem::create_directory(folder / "empty");
  EnrolSummary summary;
  std::vector<std::string> taken;
  const Status walked = walk_people_folder(
      folder.path(), summary,
      [&](const std::string& person, const std::string& label, const std::filesystem::path& file) -> Status {
        EXPECT_EQ(file, folder / label);
        taken.push_back(person + " " + label);
        return {};
      });
  ASSERT_TRUE(walked) << walked.error().message;
  EXPECT_THAT(taken, ElementsAre("ada ada/1.png", "ada ada/2.png", "bob bob/one.png"));
  EXPECT_THAT(told(summary.failed),
              ElementsAre("ada/deeper: a folder inside a person's folder", "stray.png: not in a person's folder"));
  EXPECT_THAT(told(summary.skipped),
              ElementsAre("ada/Thumbs.db: not a picture", "empty: a person's folder without a picture",
                          "readme.txt: not a picture"));
}

TEST(PeopleFolder, EndsWithTheFirstErrorAndWantsAFolder) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "ada");
  ASSERT_TRUE(write_file_atomically(folder / "ada/1.png", as_bytes("\x89PNG\r\n\x1A\n")));
  EnrolSummary summary;
  const auto fail = [](const auto&, const auto&, const auto&) -> Status {
    return Error{ErrorCode::kExhausted, "full"};
  };
  EXPECT_EQ(walk_people_folder(folder.path(), summary, fail).error().message, "full");
  EXPECT_EQ(walk_people_folder(folder / "nowhere", summary, fail).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace facepipe::people
