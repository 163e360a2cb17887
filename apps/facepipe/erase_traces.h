// The search that ends `facepipe erase`: what is left of a person in a folder.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
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

// The body of an answer that names the person, as the result or as the runner-up.
[[nodiscard]] bool is_answer_about(std::string_view body, const std::string& name);

// Every file below `folder`: byte by byte for the name as JSON (in quotes, so that a name that is part of another one
// is not found in that) and as pickle (with its length) have it, and for `embeddings`, as a gallery's file has those of
// rejected pictures; encrypted galleries and the stores of repairs and back-ups are opened with `key` besides.
// `searched`: stores whose content was looked at already. Folders and files that cannot be read, links to folders
// and compressed files are in `unread`.
[[nodiscard]] Traces find_traces(const std::filesystem::path& folder, const std::string& name,
                                 const std::vector<std::string>& embeddings, const std::optional<SealingKey>& key,
                                 std::vector<std::filesystem::path> searched);

}  // namespace facepipe::app
