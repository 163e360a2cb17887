#include "faces/store/rows.h"

namespace facepipe::faces {

Result<StoreCounts> count_rows(const Tables& tables) {
  StoreCounts counts;
  const auto count = [&](std::string_view sql, std::int64_t& into) -> Status {
    FACEPIPE_ASSIGN(into, tables.database.query_integer(std::string(sql)));
    return {};
  };
  FACEPIPE_TRY(count("SELECT count(*) FROM face", counts.faces));
  // By the index alone: the table is a hundred times its size.
  FACEPIPE_TRY(count("SELECT count(*) FROM face INDEXED BY face_content WHERE content <> 0", counts.crops));
  FACEPIPE_TRY(count("SELECT count(*) FROM visit", counts.visits));
  FACEPIPE_TRY(count("SELECT count(*) FROM unknown", counts.unknowns));
  FACEPIPE_TRY(count("SELECT count(*) FROM picture", counts.pictures));
  FACEPIPE_TRY(count("SELECT count(*) FROM frame", counts.frames));
  FACEPIPE_TRY(count("SELECT count(*) FROM event", counts.events));
  FACEPIPE_TRY(count("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size", counts.bytes));
  return counts;
}

}  // namespace facepipe::faces
