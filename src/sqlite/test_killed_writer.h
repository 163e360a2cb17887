// For tests: a process that is killed in the middle of writing.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstddef>
#include <functional>
#include <set>
#include <type_traits>

namespace facepipe::sqlite {

// Writes what it was told is stored into the pipe. One write of less than PIPE_BUF is whole or absent.
template <typename Said>
void say(int pipe, const Said& said) {
  if (::write(pipe, &said, sizeof(said)) != sizeof(said)) {
    ::_exit(3);
  }
}

// Runs `child` with the pipe in a process of its own, which is killed when it has said so much; what it said until
// then.
template <typename Said>
[[nodiscard]] std::set<Said> said_until_killed(std::size_t kill_after, const std::function<void(int pipe)>& child) {
  static_assert(std::is_trivially_copyable_v<Said>);
  std::array<int, 2> pipe{};
  EXPECT_EQ(::pipe(pipe.data()), 0);
  const pid_t process = ::fork();
  EXPECT_GE(process, 0);
  if (process == 0) {
    ::close(pipe[0]);
    child(pipe[1]);
    ::_exit(4);
  }
  ::close(pipe[1]);
  std::set<Said> all;
  Said said{};
  bool killed = false;
  while (::read(pipe[0], &said, sizeof(said)) == sizeof(said)) {
    all.insert(said);
    if (!killed && all.size() >= kill_after) {
      killed = ::kill(process, SIGKILL) == 0;
    }
  }
  ::close(pipe[0]);
  int status = 0;
  EXPECT_EQ(::waitpid(process, &status, 0), process);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "the child ended by itself: " << status;
  return all;
}

}  // namespace facepipe::sqlite
