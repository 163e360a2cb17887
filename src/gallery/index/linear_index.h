// The index that looks at every row.
#pragma once

#include <cstddef>
#include <memory>

#include "gallery/index/index.h"

namespace facepipe::gallery {

// Empty, for embeddings of `embedding_size` >= 1 values. Exact; a search takes O(size() * embedding_size), a removal
// one pass over the rows.
[[nodiscard]] std::unique_ptr<Index> make_linear_index(std::size_t embedding_size);

}  // namespace facepipe::gallery
