// Looks for pictures of a gallery that are likely another person's, or there twice. `facepipe people check`.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gallery/gallery.h"
#include "recognize/naming.h"

namespace facepipe::recognize {

enum class Doubt {
  kDouble,     // as good as the same picture as an earlier one
  kResembles,  // nearer to somebody else than to the person's other pictures
  kDisagrees,  // far from all of the person's other pictures
};

struct DoubtfulPicture {
  Doubt doubt{};
  std::size_t person = 0;                        // index into Gallery::people()
  std::size_t number = 0;                        // of the person's pictures, from 1, in the order of enrolment
  float own_distance = 0;                        // to the nearest of the person's other pictures
  std::optional<std::size_t> other_person = {};  // whom it resembles, or whose earlier picture it is
  float other_distance = 0;                      // with other_person: to the nearest of theirs
};

// Distance up to which two pictures are as good as one: copies in another size or quality.
inline constexpr float kDoubleDistance = 0.2F;

// In the order of enrolment. Two people are told apart up to the rule's threshold, or the gallery's own without a rule
// (none: any distance); a picture disagrees past the distance that one stranger in a thousand keeps to one person, by
// the rule's table alone. Who has one picture can only be a double. Takes a search for every picture.
[[nodiscard]] Result<std::vector<DoubtfulPicture>> check_gallery(const gallery::Gallery& gallery,
                                                                 const std::optional<NamingRule>& rule);

}  // namespace facepipe::recognize
