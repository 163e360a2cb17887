// What every command-line program of ours does around its commands.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "environment.h"

namespace facepipe::app {

// Gives `app` its options or subcommands; their work runs in callbacks, which set `status`.
using AddCommands = void (*)(CLI::App& app, const Environment& environment, int& status);

// The whole of a main(): standard descriptors, the environment, the command that the arguments name, output taken to
// its end. Returns the exit status.
[[nodiscard]] int run_program(const std::string& name, const std::string& description, AddCommands add, int argc,
                              char** argv);

}  // namespace facepipe::app
