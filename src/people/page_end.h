// Where a page of a list ended that may change before the next one is asked for: internal to the module.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "faces/pages.h"

namespace facepipe::people {

// The place behind the page and the last records that it showed, by which the next one is found though some of those
// before it have gone meanwhile. As a cursor "at:50:0123456789abcdef:...", where "at:" says of which list it is; older
// releases wrote the place alone.
struct PageEnd {
  static constexpr std::size_t kShown = 8;

  std::size_t place = 0;
  std::vector<std::uint64_t> shown;  // ids, the last at the end

  // kInvalidArgument of a limit outside 1 to faces::kMaxPage, and of a cursor that is not of the list.
  [[nodiscard]] static Result<PageEnd> read(const faces::PageRequest& page, std::string_view list);
  // With the last kShown of `shown`.
  [[nodiscard]] faces::Cursor text(std::string_view list) const;

  // Where the next page begins. `place_of(id)`: where the record is now, if it is there. Those that come in come behind
  // all others, so one that is behind the place is not where it was. Of none of them nothing is known: rather some
  // twice than one never.
  template <typename PlaceOf>
  [[nodiscard]] std::size_t next(const PlaceOf& place_of) const {
    for (auto id = shown.rbegin(); id != shown.rend(); ++id) {
      if (const std::optional<std::size_t> now = place_of(*id); now && *now < place) {
        return *now + 1;
      }
    }
    return place - std::min(place, shown.size());
  }
};

}  // namespace facepipe::people
