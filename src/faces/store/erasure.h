// An erasure from its first step to the last byte.
#pragma once

#include <cstdint>
#include <functional>

#include "base/result.h"
#include "faces/store/erase.h"
#include "faces/store/store_engine.h"

namespace facepipe::faces {

// Calls `step` until there is nothing left; then takes out where others name it, if it is a person; then sees to it
// that the file does not hold it. How many records.
[[nodiscard]] Result<std::int64_t> erase_by(StoreEngine& engine,
                                            const std::function<Result<Erased>(const Tables&)>& step, Traces traces,
                                            std::optional<PersonId> person);
// Where records mention what the traces name, alone.
[[nodiscard]] Result<std::int64_t> erase_mentions_of(StoreEngine& engine, const Traces& traces,
                                                     std::optional<PersonId> person);

}  // namespace facepipe::faces
