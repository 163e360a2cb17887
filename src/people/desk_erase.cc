// A person erased: the log's entry, the gallery, the store. Tested by desk_erase_test.cc.
#include "people/desk_work.h"
#include "people/erasure.h"
#include "recognize/naming.h"

namespace facepipe::people {

Result<std::int64_t> PeopleDesk::erase(PersonId person, std::string_view who) {
  return work_->erase(person, who);
}

Result<std::int64_t> PeopleDesk::Work::erase(PersonId person, std::string_view who) {
  FACEPIPE_ASSIGN(const FileLock lock, this->lock());
  if (unfinished_) {
    FACEPIPE_TRY(complete_last());
  }
  if (parts_.store != nullptr) {  // so that a crash is made good
    Decided decided;
    decided.action = faces::kPersonEraseAction;
    decided.event = faces::kPersonErasedEvent;
    decided.note.person = person;
    decided.note.final = true;
    FACEPIPE_TRY(write(decided, who));
  }
  auto erased = erase_everywhere(person);
  unfinished_ = !erased && parts_.store != nullptr;
  return erased;
}

Result<std::int64_t> PeopleDesk::Work::erase_everywhere(PersonId person) {
  FACEPIPE_TRY(remove_from_gallery(person));
  return parts_.store != nullptr ? erase_kept(*parts_.store, *visits_, person) : Result<std::int64_t>(0);
}

// From the companion, too, also where it alone has them still; and their pictures from what others have rejected.
Status PeopleDesk::Work::remove_from_gallery(PersonId person) {
  auto people = parts_.gallery.load_to_edit();
  if (!people) {
    return people.error().code == ErrorCode::kNotFound ? Status() : Status(people.error());
  }
  const bool known = people->gallery().find(person).has_value();
  if (known) {
    const auto rule = parts_.manifest ? recognize::naming_rule(people->gallery(), *parts_.manifest) : std::nullopt;
    FACEPIPE_TRY(erase_rejected_of(*people, person,
                                   rule ? std::optional(rule->threshold) : people->gallery().distance_threshold()));
    FACEPIPE_TRY(people->remove(person));
  }
  return known || people->reconciled() ? parts_.gallery.save(*people) : Status();
}

}  // namespace facepipe::people
