// The times in the file as a whole, for when the clock jumps. Functions run inside a transaction.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "queue/store/sqlite.h"

namespace facepipe::queue {

// Adds `ms` to every time that something still depends on: ages, timeouts, windows.
[[nodiscard]] Status shift_times(Database& database, std::int64_t ms);
// The latest time that the store is known to have seen; 0: none.
[[nodiscard]] Result<std::int64_t> last_time_ms(Database& database);
// Notes that it has seen this one.
[[nodiscard]] Status note_time(Database& database, std::int64_t now_ms);

}  // namespace facepipe::queue
