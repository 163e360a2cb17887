// Tested by process_test.cc.
#include "aws/credentials/process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <thread>

namespace facepipe::aws {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kWaitStep{5};  // between looks at a child that has closed its output but not ended

Error system_error(std::string_view what, int number) {
  const ErrorCode code = number == ENOENT || number == ENOTDIR ? ErrorCode::kNotFound
                         : number == EACCES || number == EPERM ? ErrorCode::kPermission
                                                               : ErrorCode::kUnavailable;
  return Error{code, std::string(what) + ": " + std::generic_category().message(number)};
}

// A started program. Destroying it kills what still runs.
class Child {
 public:
  Child() = default;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ > 0) {
      ::kill(-pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    if (output_ >= 0) {
      ::close(output_);
    }
  }

  Status start(std::span<const std::string> words, const Environment& environment);
  // All of the output, until the child closes it.
  Result<std::string> read(steady_clock::time_point deadline, std::size_t most) const;
  // The status that waitpid gives.
  Result<int> wait(steady_clock::time_point deadline);

 private:
  pid_t pid_ = -1;
  int output_ = -1;
};

// The pointers of a list of texts and a null after them, as exec wants them.
std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  list.reserve(texts.size() + 1);
  for (std::string& text : texts) {
    list.push_back(text.data());
  }
  list.push_back(nullptr);
  return list;
}

Status Child::start(std::span<const std::string> words, const Environment& environment) {
  std::vector<std::string> arguments(words.begin(), words.end());
  std::vector<std::string> variables;
  variables.reserve(environment.size());
  for (const auto& [name, value] : environment) {
    variables.push_back(std::string(name).append("=").append(value));
  }
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return system_error("a pipe", errno);
  }
  output_ = ends[0];
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  sigset_t none;
  sigset_t usual;
  sigemptyset(&none);
  sigemptyset(&usual);
  for (const int signal : {SIGPIPE, SIGTERM, SIGINT, SIGHUP, SIGCHLD}) {
    sigaddset(&usual, signal);
  }
  ::posix_spawnattr_init(&attributes);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &usual);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t pid = -1;
  const int failed = ::posix_spawnp(&pid, arguments[0].c_str(), &actions, &attributes, pointers(arguments).data(),
                                    pointers(variables).data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  if (failed != 0) {
    return system_error("cannot be started", failed);
  }
  pid_ = pid;
  return {};
}

Result<std::string> Child::read(steady_clock::time_point deadline, std::size_t most) const {
  std::string output;
  std::array<char, 4096> buffer{};
  while (true) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
    pollfd waiting{output_, POLLIN, 0};
    const int ready = left.count() <= 0 ? 0 : ::poll(&waiting, 1, static_cast<int>(left.count()));
    if (ready == 0) {
      return Error{ErrorCode::kTimeout, "has not ended in time"};
    }
    const ssize_t count = ready < 0 ? -1 : ::read(output_, buffer.data(), buffer.size());
    if (count == 0) {
      return output;
    }
    if (count < 0) {
      if (errno == EINTR) {
        continue;
      }
      return system_error("its output cannot be read", errno);
    }
    output.append(buffer.data(), static_cast<std::size_t>(count));
    if (output.size() > most) {
      return Error{ErrorCode::kTooLarge, "expected at most " + std::to_string(most) + " bytes of output, got more"};
    }
  }
}

Result<int> Child::wait(steady_clock::time_point deadline) {
  while (true) {
    int status = 0;
    const pid_t ended = ::waitpid(pid_, &status, WNOHANG);
    if (ended == pid_) {
      pid_ = -1;
      return status;
    }
    if (ended < 0 && errno != EINTR) {
      const int number = errno;
      pid_ = -1;
      return system_error("its exit status cannot be had", number);
    }
    if (steady_clock::now() >= deadline) {
      return Error{ErrorCode::kTimeout, "has not ended in time"};
    }
    std::this_thread::sleep_for(kWaitStep);
  }
}

}  // namespace

Result<std::vector<std::string>> split_command(std::string_view command) {
  std::vector<std::string> words;
  bool in_word = false;
  char quote = 0;  // the quotation mark that is open
  const auto add = [&](char c) {
    if (!std::exchange(in_word, true)) {
      words.emplace_back();
    }
    words.back().push_back(c);
  };
  for (std::size_t i = 0; i < command.size(); ++i) {
    const char c = command[i];
    const char next = i + 1 < command.size() ? command[i + 1] : '\0';
    if (quote == '\'' ? c == '\'' : quote == '"' && c == '"') {
      quote = 0;
    } else if (c == '\\' && next != '\0' && (quote == 0 || (quote == '"' && (next == '"' || next == '\\')))) {
      add(next);
      ++i;
    } else if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
      if (!std::exchange(in_word, true)) {
        words.emplace_back();
      }
    } else if (quote == 0 && (c == ' ' || c == '\t' || c == '\n' || c == '\r')) {
      in_word = false;
    } else {
      add(c);
    }
  }
  if (quote != 0 || words.empty()) {
    return Error{ErrorCode::kInvalidData, quote != 0 ? "expected a command line, got a quotation mark without its end"
                                                     : "expected a command line, got nothing"};
  }
  return words;
}

Result<std::string> run_program(std::span<const std::string> words, const Environment& environment,
                                const ProcessLimits& limits) {
  const auto deadline = steady_clock::now() + limits.time;
  Child child;
  const auto run = [&]() -> Result<std::string> {
    FACEPIPE_TRY(child.start(words, environment));
    FACEPIPE_ASSIGN(std::string output, child.read(deadline, limits.output_bytes));
    FACEPIPE_ASSIGN(const int status, child.wait(deadline));
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
      return output;
    }
    return Error{ErrorCode::kUnavailable,
                 WIFEXITED(status) ? "expected exit status 0, got " + std::to_string(WEXITSTATUS(status))
                                   : "expected exit status 0, got signal " + std::to_string(WTERMSIG(status))};
  };
  return run().with_context(words[0]);
}

}  // namespace facepipe::aws
