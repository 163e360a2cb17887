// Who the people of a gallery are: ids and names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gallery/numbering.h"
#include "gallery/person_id.h"

namespace facepipe::gallery {

// People of a file, in memory that `keep_alive` holds.
struct BasePeople {
  std::span<const std::uint64_t> ids;
  std::span<const std::uint32_t> name_ends;  // within `names`, ascending and at most its size
  std::string_view names;                    // one behind the other
  std::shared_ptr<const void> keep_alive;

  [[nodiscard]] std::string_view name(std::size_t at) const {
    const std::size_t begin = at == 0 ? 0 : name_ends[at - 1];
    return names.substr(begin, name_ends[at] - begin);
  }
};

// Each person has a slot, a number that stays; removed ones leave gaps. Those of a file stay where they are: to find
// one of them takes a pass over all, some milliseconds for a million. Const calls are thread-safe.
class PeopleTable {
 public:
  PeopleTable() = default;
  explicit PeopleTable(BasePeople base);

  // Slots 0..end()-1, and the places of those that are taken.
  [[nodiscard]] const Numbering& slots() const { return slots_; }
  // Of a slot that is taken. The name lives until the next change.
  [[nodiscard]] PersonId id(std::size_t slot) const;
  [[nodiscard]] std::string_view name(std::size_t slot) const;
  [[nodiscard]] std::optional<std::size_t> find(PersonId id) const;
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;

  void reserve(std::size_t people);
  // At the new slot end() - 1.
  void add(PersonId id, std::string name);
  void skip_to(std::size_t end);
  // Of a slot that is taken.
  void rename(std::size_t slot, std::string name);
  void remove(std::size_t slot);

 private:
  struct Added {
    PersonId id{};
    std::string name;
  };
  void release_name(std::size_t slot);

  BasePeople base_;
  Numbering slots_;
  std::vector<Added> added_;                                // the slots behind the base's
  std::unordered_map<std::size_t, std::string> new_names_;  // of the base's slots
  std::unordered_map<PersonId, std::size_t> by_id_;         // slots behind the base's
  std::unordered_map<std::string, std::size_t> by_name_;    // the same, and new_names_
};

}  // namespace facepipe::gallery
