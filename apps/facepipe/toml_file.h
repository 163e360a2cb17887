// TOML files, by toml++: included here alone, since its settings have to be the same wherever it is.
#pragma once

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>

#include <filesystem>

#include "base/file.h"

namespace facepipe::app {

// Up to 1 MiB. read_file's errors; kInvalidArgument names file and line where it is no TOML.
[[nodiscard]] inline Result<toml::table> read_toml(const std::filesystem::path& file) {
  constexpr std::size_t kMaxBytes = std::size_t{1} << 20U;
  FACEPIPE_ASSIGN(const Bytes content, read_file(file, kMaxBytes));
  toml::parse_result parsed = toml::parse(as_text(content), file.string());
  if (!parsed) {
    return Error{ErrorCode::kInvalidArgument, file.string() + ": line " +
                                                  std::to_string(parsed.error().source().begin.line) +
                                                  ": not TOML: " + std::string(parsed.error().description())};
  }
  return std::move(parsed).table();
}

}  // namespace facepipe::app
