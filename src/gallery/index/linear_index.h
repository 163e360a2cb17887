// The index that looks at every row: at half of its code first, at the whole if that leaves it in doubt, and at its
// values if it may be among the nearest.
#pragma once

#include <cstddef>
#include <memory>

#include "gallery/index/coded_rows.h"
#include "gallery/index/index.h"

namespace facepipe::gallery {

// Empty, for embeddings of `embedding_size` >= 1 values. Exact: the answer is that of comparing every value, ties
// included (codes.h has the bound). A search takes O(end() * embedding_size) and reads half a byte a value; memory is
// 5 bytes a value.
[[nodiscard]] std::unique_ptr<Index> make_linear_index(std::size_t embedding_size);
// The same that starts with `base`, whose rows stay where they are.
[[nodiscard]] std::unique_ptr<Index> make_linear_index(BaseRows base);

}  // namespace facepipe::gallery
