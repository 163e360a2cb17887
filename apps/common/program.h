// What every command-line program of ours does around its commands.
#pragma once

#include <CLI/CLI.hpp>
#include <chrono>

#include "base/log.h"
#include "base/result.h"
#include "environment.h"

namespace facepipe::app {

// Gives `app` its options or subcommands; their work runs in callbacks, which set `status`.
using AddCommands = void (*)(CLI::App& app, const Environment& environment, int& status);

// The whole of a main(): standard descriptors, the environment, the command that the arguments name, output taken to
// its end. Returns the exit status.
[[nodiscard]] int run_program(const std::string& name, const std::string& description, AddCommands add, int argc,
                              char** argv);

// --- What the long-running subcommands share.
// How long the end waits for a log that nobody reads.
inline constexpr std::chrono::milliseconds kLastWords{500};

// report() as the last thing that a service does: after its log, and with SIGTERM and SIGINT free to end the process
// where stderr takes nothing.
int report_last(LogWriter& log, const Error& error);

// For StopWhileStarting: says so in the log and ends the process, with success.
[[noreturn]] void stop_while_starting(Logger& logger, LogWriter& log, int signal);

}  // namespace facepipe::app
