// The space that a store keeps so that it can be emptied when the disk, or its own limit, is full: docs/formats/
// queue-store.md, "A full disk". The file grows before the commit that needs it (Database::commit), so the log can
// always be taken into it and begin anew; the log has blocks of its own from the opening on (sqlite/log_room.h); and
// spare pages in the file serve what takes messages out.
#pragma once

#include "base/result.h"
#include "sqlite/sqlite.h"

namespace facepipe::queue {

// Within a transaction. The spare pages are the payload of a message that cannot be, -1. Sets them aside if they are
// not there; nothing that stores is accepted without them.
[[nodiscard]] Status keep_spare_pages(sqlite::Database& database);
// Gives them to the transaction, and to those after it. From then on deletions write no more than they must: freed
// pages keep their old bytes.
[[nodiscard]] Status give_up_spare_pages(sqlite::Database& database);
// At the opening: the message of a trial write (below) is given up.
[[nodiscard]] Status drop_cut_off_trial(sqlite::Database& database);

// The next two outside a transaction.
// Sets the spare pages aside and ends the saving: the store is as it should be. An error otherwise.
[[nodiscard]] Status set_spare_pages_aside(sqlite::Database& database);
// Stores a message of the largest size and removes it, so that the pages do reach the disk; then as the last.
[[nodiscard]] Status trial_write(sqlite::Database& database);

}  // namespace facepipe::queue
