// The recognition worker: `facepipe worker` and, alone, the program facepipe-worker. docs/worker.md
#pragma once

#include <CLI/CLI.hpp>

#include "environment.h"

namespace facepipe::app {

inline constexpr const char* kWorkerDescription =
    "Recognise the faces of a request queue and send the names to a response queue";

// The worker's options on `command`; its work runs in the command's callback, which sets `status`.
void make_worker_command(CLI::App& command, const Environment& environment, int& status);

}  // namespace facepipe::app
