// Options on either side of a subcommand.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace facepipe::app {

// `arguments` (without the program's name) with the options that stand before a subcommand and belong to it moved
// behind its name: "people --largest import DIR" is "people import --largest DIR". An option takes as many arguments
// along as it has values; one that no subcommand on the way has stays where it is, and parsing tells.
[[nodiscard]] std::vector<std::string> options_behind_subcommand(const CLI::App& app,
                                                                 std::vector<std::string> arguments);

}  // namespace facepipe::app
