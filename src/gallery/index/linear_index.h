// The index that looks at every row: at its code first, and at its values if it may be among the nearest.
#pragma once

#include <cstddef>
#include <memory>

#include "gallery/index/index.h"

namespace facepipe::gallery {

// Empty, for embeddings of `embedding_size` >= 1 values. Exact: the answer is that of comparing every value. A search
// takes O(size() * embedding_size), a removal one pass over the rows; memory is 5 bytes a value.
[[nodiscard]] std::unique_ptr<Index> make_linear_index(std::size_t embedding_size);

}  // namespace facepipe::gallery
