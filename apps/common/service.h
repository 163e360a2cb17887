// What the long-running subcommands share.
#pragma once

#include <chrono>

#include "base/log.h"
#include "base/log_writer.h"
#include "base/result.h"

namespace facepipe::app {

// How long the end waits for a log that nobody reads.
inline constexpr std::chrono::milliseconds kLastWords{500};

// report() as the last thing that a service does: after its log, and with SIGTERM and SIGINT free to end the process
// where stderr takes nothing.
int report_last(LogWriter& log, const Error& error);

// For StopWhileStarting: says so in the log and ends the process, with success.
[[noreturn]] void stop_while_starting(Logger& logger, LogWriter& log, int signal);

}  // namespace facepipe::app
