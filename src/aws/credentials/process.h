// Running another program for its output: credential_process.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <vector>

#include "base/process.h"
#include "base/result.h"

namespace facepipe::aws {

// A command line's words, as a POSIX shell would split them but for everything that a shell would replace: blanks
// separate, '...' and "..." hold together, a backslash makes the next character plain (between double quotes only
// before " and itself). kInvalidData for a quote without an end, or no word at all.
[[nodiscard]] Result<std::vector<std::string>> split_command(std::string_view command);

struct ProcessLimits {
  std::chrono::milliseconds time{60'000};  // a program may ask a person, or a slow service
  std::size_t output_bytes = std::size_t{64} << 10U;
};

// What the program writes to standard output. words[0] is looked for in this program's PATH; no shell is involved. The
// child gets `environment`, no input, a process group of its own, and its standard error goes nowhere, for it may hold
// secrets. kNotFound or kPermission where it cannot be started, kUnavailable for another exit status than 0, kTimeout
// and kTooLarge past a limit: then the whole group is killed. Messages name words[0] alone.
[[nodiscard]] Result<std::string> run_program(std::span<const std::string> words, const Environment& environment,
                                              const ProcessLimits& limits);

}  // namespace facepipe::aws
