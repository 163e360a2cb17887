// Settings of a command from a file: TOML, each key an option's name without its dashes.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <set>

#include "base/result.h"

namespace facepipe::app {

// Sets the options of a parsed command that the command line left alone and that `from_environment` does not name
// (names without dashes): the command line counts before the environment, that before the file, that before the
// defaults. A value is what the command line takes, as a TOML string, number, boolean (of a flag) or, for an option
// that repeats or takes several, an array of them. Not thread-safe.
// Errors name the file, and the line or the key: those of read_file, kInvalidArgument for what is no TOML, for a key
// that is no option (the options are named), and for a value that the option does not take.
[[nodiscard]] Status apply_config_file(CLI::App& command, const std::filesystem::path& file,
                                       const std::set<std::string>& from_environment);

}  // namespace facepipe::app
