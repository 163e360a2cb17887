// Tested by people_table_test.cc.
#include "gallery/people_table.h"

#include <algorithm>
#include <utility>

namespace facepipe::gallery {

PeopleTable::PeopleTable(BasePeople base) : base_(std::move(base)) {
  for (std::size_t slot = 0; slot < base_.ids.size(); ++slot) {
    slots_.add();
  }
}

PersonId PeopleTable::id(std::size_t slot) const {
  const std::size_t base = base_.ids.size();
  return slot < base ? PersonId{base_.ids[slot]} : added_[slot - base].id;
}

std::string_view PeopleTable::name(std::size_t slot) const {
  const std::size_t base = base_.ids.size();
  if (slot >= base) {
    return added_[slot - base].name;
  }
  const auto renamed = new_names_.find(slot);
  return renamed == new_names_.end() ? base_.name(slot) : renamed->second;
}

std::optional<std::size_t> PeopleTable::find(PersonId id) const {
  if (const auto found = by_id_.find(id); found != by_id_.end()) {
    return found->second;
  }
  const auto ids = base_.ids;
  for (auto at = ids.begin(); (at = std::find(at, ids.end(), static_cast<std::uint64_t>(id))) != ids.end(); ++at) {
    if (const auto slot = static_cast<std::size_t>(at - ids.begin()); slots_.has(slot)) {
      return slot;
    }
  }
  return std::nullopt;
}

std::optional<std::size_t> PeopleTable::find(std::string_view name) const {
  if (const auto found = by_name_.find(std::string(name)); found != by_name_.end()) {
    return found->second;
  }
  for (std::size_t slot = 0; slot < base_.ids.size(); ++slot) {
    if (base_.name(slot) == name && slots_.has(slot) && !new_names_.contains(slot)) {
      return slot;
    }
  }
  return std::nullopt;
}

void PeopleTable::reserve(std::size_t people) {
  people -= std::min(people, base_.ids.size());
  added_.reserve(people);
  by_id_.reserve(people);
  by_name_.reserve(people);
}

void PeopleTable::add(PersonId id, std::string name) {
  by_id_.emplace(id, slots_.end());
  by_name_.emplace(name, slots_.end());
  added_.push_back({id, std::move(name)});
  slots_.add();
}

void PeopleTable::skip_to(std::size_t end) {
  slots_.skip_to(end);
  added_.resize(slots_.end() - base_.ids.size());
}

// The slot's name is nobody's any more, unless it is another's by now: the changes of a file are made one after another
// to names that may be of before (KnownTables).
void PeopleTable::release_name(std::size_t slot) {
  const auto found = by_name_.find(std::string(name(slot)));
  if (found != by_name_.end() && found->second == slot) {
    by_name_.erase(found);
  }
}

void PeopleTable::rename(std::size_t slot, std::string name) {
  release_name(slot);
  by_name_.insert_or_assign(name, slot);
  if (slot < base_.ids.size()) {
    new_names_[slot] = std::move(name);
  } else {
    added_[slot - base_.ids.size()].name = std::move(name);
  }
}

void PeopleTable::remove(std::size_t slot) {
  release_name(slot);
  slots_.remove(slot);
  if (slot < base_.ids.size()) {
    new_names_.erase(slot);
    return;
  }
  Added& gone = added_[slot - base_.ids.size()];
  by_id_.erase(gone.id);
  gone = {};
}

}  // namespace facepipe::gallery
