// What `facepipe serve` keeps of the faces that it saw, and how long.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <optional>
#include <string>

#include "base/result.h"
#include "faces/retention.h"

namespace facepipe::app {

// --keep, --keep-known, --keep-unknown, --keep-frames, --keep-visits, --keep-events, --keep-changes, --keep-bytes
struct KeepOptions {
  void add_to(CLI::App& command);
  // Absent: --keep none. kInvalidArgument for a time that is none, which parsing the options has told before.
  [[nodiscard]] Result<std::optional<faces::Retention>> get() const;
  // Classes that neither the command line nor the settings file names.
  [[nodiscard]] faces::ClassNames left_alone() const;

  std::string keep = "faces";
  std::string known = "7d";
  std::string unknown = "48h";
  std::string frames = "0";
  std::string visits = "30d";
  std::string events = "7d";
  std::string changes = "365d";
  std::int64_t bytes = faces::Retention{}.max_bytes;

 private:
  std::map<std::string, CLI::Option*> options_;  // by class
};

}  // namespace facepipe::app
