// A copy of a database.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "sqlite/sqlite.h"

namespace facepipe::sqlite {

// Writes what the connection sees, as of one moment, to `target` (mode 0600): under another name until it is whole and
// flushed, with its folder flushed behind it. kAlreadyExists if there is one. A reader's connection will do, while
// others write.
[[nodiscard]] Status back_up(Database& database, const std::filesystem::path& target);

}  // namespace facepipe::sqlite
