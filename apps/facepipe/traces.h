// The search of a data folder for a person's name, after the person was erased.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/seal.h"

namespace facepipe::app {

struct Trace {
  std::filesystem::path file;
  std::string what;  // how often it is there, or why the file could not be read
};

struct Traces {
  std::size_t files = 0;      // that were read whole
  std::vector<Trace> found;   // the name is there
  std::vector<Trace> unread;  // nobody knows
};

// Every file below `folder`: byte by byte for the name as JSON (in quotes, so that a name that is part of another one
// is not found in that) and as pickle (with its length) have it; encrypted galleries and the stores of repairs and
// back-ups are opened with `key` besides. `searched`: a store whose messages were looked at already. Folders and files
// that cannot be read, links to folders and compressed files are in `unread`.
[[nodiscard]] Traces find_traces(const std::filesystem::path& folder, const std::string& name,
                                 const std::optional<SealingKey>& key, const std::filesystem::path& searched);

// The body of an answer that names the person, as the result or as the runner-up.
[[nodiscard]] bool is_answer_about(std::string_view body, const std::string& name);

}  // namespace facepipe::app
