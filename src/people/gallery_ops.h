// The operations of an edit on a gallery: internal to the module.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <vector>

#include "base/result.h"
#include "gallery/known_people.h"
#include "people/edit.h"

namespace facepipe::people {

// The first 64 bits of the SHA-256 of an embedding's bytes: tells two of a gallery apart.
[[nodiscard]] std::uint64_t print_of(std::span<const float> embedding);

// Rows of these people, each in the order of their enrolment. One pass over all rows.
[[nodiscard]] std::map<gallery::PersonId, std::vector<std::size_t>> rows_of(const gallery::Gallery& gallery,
                                                                            std::span<const gallery::PersonId> people);

// The embedding of a picture or a face, or of a row that the gallery does not have. kNotFound: it is not to be had.
using FindEmbedding = std::function<Result<std::vector<float>>(const EmbeddingRef& ref)>;
// The same by the network of the gallery's companion; empty: it is not to be had. Asked for what comes from outside of
// the gallery alone. An empty function: none is to be had.
using FindCutEmbedding = std::function<std::vector<float>(const EmbeddingRef& ref)>;

// kAgain: some of it may be done already, and is not done twice.
enum class Apply { kOnce, kAgain };
// How many had an effect: what is to be taken and is not there, and what has no embedding any more, has none; nor has
// what one operation adds that another before it was to take from somebody who did not have it.
// kAlreadyExists for a name that is another's, kTooLarge of rejected ones (Gallery::reject); `people` are of no use
// after an error.
[[nodiscard]] Result<std::size_t> apply(std::span<const GalleryOp> ops, gallery::KnownPeople& people,
                                        const FindEmbedding& find, const FindCutEmbedding& find_cut,
                                        Apply how = Apply::kOnce);
// Whether every embedding that the operations need is to be had.
[[nodiscard]] bool can_apply(std::span<const GalleryOp> ops, const gallery::KnownPeople& people,
                             const FindEmbedding& find);

}  // namespace facepipe::people
