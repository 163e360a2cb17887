// What the long-running subcommands share.
#pragma once

#include <chrono>

#include "base/log_writer.h"
#include "base/result.h"

namespace facepipe::app {

// How long the end waits for a log that nobody reads.
inline constexpr std::chrono::milliseconds kLastWords{500};

// report() as the last thing that a service does: after its log, and with SIGTERM and SIGINT free to end the process
// where stderr takes nothing.
int report_last(LogWriter& log, const Error& error);

}  // namespace facepipe::app
