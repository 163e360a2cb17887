// The same work on many things, on several threads.
#pragma once

#include <cstddef>
#include <functional>

namespace facepipe::evaluate {

// Calls work(i) for every i < count, each once, on `threads` >= 1 threads (no more than there are things); `worker` <
// threads tells them apart. Which thread gets which is open. Returns when all is done.
void for_each_index(std::size_t count, std::size_t threads,
                    const std::function<void(std::size_t index, std::size_t worker)>& work);

}  // namespace facepipe::evaluate
