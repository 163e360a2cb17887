// Looks for pictures of a gallery that are likely another person's, or there twice. `facepipe people check`, and what
// the API says of a person's pictures.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
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

// "double", "resembles", "disagrees"
[[nodiscard]] std::string_view to_string(Doubt doubt);

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

// A picture among the others of its person.
struct CheckedPicture {
  std::size_t row = 0;            // of the gallery
  std::optional<float> likeness;  // -1..1, the mean cosine to the person's other pictures; absent of an only one
  std::optional<DoubtfulPicture> doubt;
};

// In the order of enrolment. Two people are told apart up to the rule's threshold, or the gallery's own without a rule
// (none: any distance); a picture disagrees past the distance that one stranger in a thousand keeps to one person, by
// the rule's table alone. Who has one picture can only be a double. Takes a search for every picture.
[[nodiscard]] Result<std::vector<DoubtfulPicture>> check_gallery(const gallery::Gallery& gallery,
                                                                 const std::optional<NamingRule>& rule);

// Of one person (an index into Gallery::people()) with these rows, in the order of enrolment: every picture, by the
// same rules. Takes a search for every picture and the distance of every pair of them.
[[nodiscard]] Result<std::vector<CheckedPicture>> check_person(const gallery::Gallery& gallery,
                                                               const std::optional<NamingRule>& rule,
                                                               std::size_t person, std::span<const std::size_t> rows);
// Of the same, CheckedPicture::likeness alone: two passes over the pictures.
[[nodiscard]] std::vector<CheckedPicture> likenesses(const gallery::Gallery& gallery,
                                                     std::span<const std::size_t> rows);

}  // namespace facepipe::recognize
