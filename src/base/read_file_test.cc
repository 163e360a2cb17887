#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string>
#include <thread>

#include "base/file.h"
#include "base/temporary_folder.h"

namespace facepipe {
namespace {

// What both ways of reading say of a path: the same, and at once (a blocking open would hang the test).
std::string read_refusal(const std::filesystem::path& path) {
  const auto read = read_file(path, 10);
  const auto mapped = MappedFile::open(path);
  EXPECT_FALSE(read);
  EXPECT_FALSE(mapped);
  if (read || mapped) {
    return "";
  }
  EXPECT_EQ(read.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(read.error().message, mapped.error().message);
  EXPECT_EQ(check_is_file(path).error().message, read.error().message);
  return read.error().message;
}

TEST(ReadFile, WhatIsNoFileIsRefusedAtOnceByItsKind) {
  const TemporaryFolder folder;
  const std::filesystem::path pipe = folder / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(read_refusal(pipe), "expected a file, found a named pipe: " + pipe.string());
  EXPECT_EQ(read_refusal(folder.path()), "expected a file, found a directory: " + folder.path().string());
  EXPECT_EQ(read_refusal("/dev/zero"), "expected a file, found a character device: /dev/zero");
  const std::filesystem::path link = folder / "link";
  std::filesystem::create_symlink(pipe, link);
  EXPECT_EQ(read_refusal(link), "expected a file, found a named pipe: " + link.string());

  const std::filesystem::path socket = folder / "s";
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  ASSERT_LT(socket.native().size(), sizeof(address.sun_path));
  std::memcpy(static_cast<char*>(address.sun_path), socket.c_str(), socket.native().size());
  ASSERT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  EXPECT_EQ(read_refusal(socket), "expected a file, found a socket: " + socket.string());
  ::close(fd);
}

// A pipe of this process as the shell gives one: its name under /dev/fd.
class Pipe {
 public:
  Pipe() { EXPECT_EQ(::pipe2(ends_.data(), O_CLOEXEC), 0); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_writer();
    ::close(ends_[0]);
  }
  [[nodiscard]] std::string name(const std::string& folder) const { return folder + std::to_string(ends_[0]); }
  [[nodiscard]] int reader() const { return ends_[0]; }
  void write(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t count = ::write(ends_[1], text.data(), text.size());
      ASSERT_GT(count, 0);
      text.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  void close_writer() {
    if (ends_[1] >= 0) {
      ::close(ends_[1]);
      ends_[1] = -1;
    }
  }

 private:
  std::array<int, 2> ends_ = {-1, -1};
};

TEST(ReadInput, AGivenPipeIsReadToItsEnd) {
  for (const char* folder : {"/dev/fd/", "/proc/self/fd/"}) {
    Pipe pipe;
    ASSERT_EQ(::fcntl(pipe.reader(), F_SETFL, O_NONBLOCK), 0);  // as some parents leave it
    const std::string sent(300'000, 'x');
    std::thread writer([&] {
      pipe.write(sent);
      pipe.close_writer();
    });
    const auto read = read_input(pipe.name(folder), 300'000);
    writer.join();
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(as_text(*read), sent);
    EXPECT_TRUE(is_given_stream(pipe.name(folder)));
  }
}

TEST(ReadInput, IsBoundedAndTheErrorNamesTheLimit) {
  Pipe pipe;
  pipe.write("123456");  // and no end
  const auto read = read_input(pipe.name("/dev/fd/"), 5);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(read.error().message, pipe.name("/dev/fd/") + " has more than 5 bytes; the limit is 5");
}

TEST(ReadInput, ADescriptorThatIsNotOpenIsNamed) {
  const auto read = read_input("/dev/fd/98765", 5);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message, "cannot read /dev/fd/98765: Bad file descriptor");
}

TEST(ReadInput, OtherPathsAreFiles) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_file_atomically(folder / "a", as_bytes("x")));
  EXPECT_EQ(as_text(*read_input(folder / "a", 5)), "x");
  const std::filesystem::path pipe = folder / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(read_input(pipe, 5).error().message, "expected a file, found a named pipe: " + pipe.string());
  for (const char* path : {"/dev/fd/", "/dev/fd/x", "/dev/fd/1x", "/dev/fd/-1", "./-", "/dev/stdin2"}) {
    EXPECT_FALSE(is_given_stream(path)) << path;
  }
  for (const char* path : {"-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/7"}) {
    EXPECT_TRUE(is_given_stream(path)) << path;
  }
}

TEST(FileVersion, DiffersByWhateverChanges) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder / "a";
  const FileVersion none = version_of(file);
  EXPECT_EQ(none.error, ENOENT);
  EXPECT_TRUE(none.known());
  ASSERT_TRUE(write_file_atomically(file, as_bytes("x")));
  const FileVersion made = version_of(file);
  EXPECT_EQ(made, version_of(file));
  EXPECT_EQ(made, read_file_and_version(file, 1)->version);
  EXPECT_NE(made, none);
  ASSERT_EQ(::chmod(file.c_str(), 0400), 0);
  EXPECT_NE(version_of(file), made);
  EXPECT_FALSE(version_of(file / "under").known()) << "ENOTDIR tells nothing of the file";
}

}  // namespace
}  // namespace facepipe
