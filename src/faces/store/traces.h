// What must not be found in the file any more, and the search for it.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "sqlite/sqlite.h"

namespace facepipe::faces {

// Of one erasure.
class Traces {
 public:
  // A name that somebody had: looked for as JSON has it.
  void add_name(const std::string& name);
  // An id, as text.
  void add_id(const std::string& id) { ids_.insert(id); }
  // Bytes that were stored, by their end; too few to be told from others are not looked for.
  void add_content(ByteView stored);
  void add(const Traces& other);

  [[nodiscard]] const std::set<std::string>& names() const { return names_; }
  // The text, which is JSON, holds a name (as a whole string, also within a string that is JSON itself) or an id.
  [[nodiscard]] bool are_in(std::string_view json) const;

  // True if the database's file holds a name or a content.
  [[nodiscard]] Result<bool> are_in_file(const sqlite::Database& database) const;

 private:
  static constexpr std::size_t kHead = 8;
  std::set<std::string> names_;
  std::set<std::string> ids_;
  std::vector<std::string> forms_;                                  // of the names
  std::unordered_map<std::uint64_t, std::vector<Bytes>> contents_;  // by their first bytes
  std::bitset<65'536> starts_;                                      // by their first two
};

}  // namespace facepipe::faces
