// What a killed writer leaves, and who takes it away.
#include "base/temporary_file.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <set>
#include <string>

#include "base/file.h"
#include "base/temporary_folder.h"

namespace facepipe {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

class TemporaryFileTest : public testing::Test {
 protected:
  void put(const std::string& name) { std::ofstream(folder_.path() / name) << "somebody"; }
  [[nodiscard]] std::set<std::string> names() const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      names.insert(entry.path().filename().string());
    }
    return names;
  }
  // A writer that is killed when it has written.
  void write_and_die() const {
    const pid_t child = ::fork();
    if (child == 0) {
      auto file = TemporaryFile::create(target_);
      ::_exit(file && file->write(as_bytes("half of it")) ? 0 : 1);
    }
    int status = 1;
    ::waitpid(child, &status, 0);
    ASSERT_EQ(status, 0);
  }

  TemporaryFolder folder_;
  std::filesystem::path target_ = folder_.path() / "gallery.fpg";
};

TEST_F(TemporaryFileTest, WhatADeadWriterLeftGoesWithTheNextWrite) {
  write_and_die();
  write_and_die();  // which takes the first one's away
  ASSERT_THAT(names(), SizeIs(1));
  ASSERT_TRUE(write_file_atomically(target_, as_bytes("whole"), true));
  EXPECT_THAT(names(), ElementsAre("gallery.fpg"));
  write_and_die();
  EXPECT_EQ(remove_dead_temporaries(target_), 1U);
  EXPECT_THAT(names(), ElementsAre("gallery.fpg"));
}

TEST_F(TemporaryFileTest, ALivingWritersStays) {
  auto living = TemporaryFile::create(target_);
  ASSERT_TRUE(living) << living.error().message;
  ASSERT_TRUE(living->write(as_bytes("first")));
  ASSERT_TRUE(write_file_atomically(target_, as_bytes("second")));
  EXPECT_EQ(remove_dead_temporaries(target_), 0U);
  ASSERT_TRUE(living->commit(0600, TemporaryFile::Existing::kReplace));
  EXPECT_EQ(as_text(*read_file(target_, 100)), "first");
  EXPECT_THAT(names(), ElementsAre("gallery.fpg"));
}

TEST_F(TemporaryFileTest, OnesOfEarlierReleasesGoAndWhatMerelyLooksAlikeStays) {
  put("gallery.fpg.Ab3xYz");
  put("gallery.fpg.q7W0aB");
  const std::set<std::string> kept = {"gallery.fpg.backup",    "gallery.fpg.Backup",  "gallery.fpg.202611",
                                      "gallery.fpg.sha256",    "gallery.fpg.lock",    "gallery.fpg.fptmp-backup1",
                                      "other.fpg.Ab3xYz",      "gallery.fpg.Ab3x-z",  "gallery.fpg.Ab3xY",
                                      "my gallery.fpg.Ab3xYz", "gallery.fpgx.Ab3xYz", "gallery.fpg.Ab3xYz.txt"};
  for (const std::string& name : kept) {
    put(name);
  }
  EXPECT_EQ(remove_dead_temporaries(target_), 2U);
  EXPECT_EQ(names(), kept);
}

TEST_F(TemporaryFileTest, OneOfAnEarlierReleaseThatIsOpenStays) {
  const std::ofstream writer(folder_.path() / "gallery.fpg.Ab3xYz");
  EXPECT_EQ(remove_dead_temporaries(target_), 0U);
  EXPECT_THAT(names(), ElementsAre("gallery.fpg.Ab3xYz"));
}

TEST_F(TemporaryFileTest, LinksAndFoldersOfThatNameStay) {
  put("precious");
  std::filesystem::create_symlink(folder_.path() / "precious", folder_.path() / "gallery.fpg.fptmp-Ab3xYz");
  std::filesystem::create_hard_link(folder_.path() / "precious", folder_.path() / "gallery.fpg.fptmp-Ab3xY1");
  std::filesystem::create_directory(folder_.path() / "gallery.fpg.fptmp-Ab3xY2");
  EXPECT_EQ(remove_dead_temporaries(target_), 0U);
  EXPECT_THAT(names(), SizeIs(4));
}

TEST_F(TemporaryFileTest, ATargetThatIsToBeKeptIsKept) {
  put("gallery.fpg");
  {
    auto file = TemporaryFile::create(target_);
    ASSERT_TRUE(file && file->write(as_bytes("new")));
    EXPECT_EQ(file->commit(0600, TemporaryFile::Existing::kKeep).error().code, ErrorCode::kAlreadyExists);
  }
  EXPECT_EQ(as_text(*read_file(target_, 100)), "somebody");
  EXPECT_THAT(names(), ElementsAre("gallery.fpg"));
}

TEST_F(TemporaryFileTest, NothingTakesThePlaceOfWhatIsNoFile) {
  const auto pipe = folder_.path() / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::filesystem::create_symlink(pipe, folder_.path() / "link");
  std::filesystem::create_directory(folder_.path() / "folder");
  for (const char* const name : {"pipe", "link", "folder"}) {
    const Status written = write_file_atomically(folder_.path() / name, as_bytes("x"));
    ASSERT_FALSE(written) << name;
    EXPECT_EQ(written.error().code, ErrorCode::kInvalidArgument) << written.error().message;
  }
  EXPECT_TRUE(std::filesystem::is_fifo(pipe));
  EXPECT_TRUE(std::filesystem::is_symlink(folder_.path() / "link"));
  EXPECT_THAT(names(), ElementsAre("folder", "link", "pipe"));
  std::filesystem::create_symlink("nothing", folder_.path() / "broken");
  EXPECT_TRUE(write_file_atomically(folder_.path() / "broken", as_bytes("x")));
}

TEST_F(TemporaryFileTest, ALongNameIsWritten) {
  const auto path = folder_.path() / std::string(255, 'n');
  ASSERT_TRUE(write_file_atomically(path, as_bytes("x")));
  EXPECT_EQ(as_text(*read_file(path, 1)), "x");
}

}  // namespace
}  // namespace facepipe
