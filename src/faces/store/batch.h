// All that FaceStore::write writes.
#pragma once

#include "base/result.h"
#include "faces/store/retention.h"
#include "faces/store/rows.h"

namespace facepipe::faces {

// In the transaction that is open. Errors of the rows' writers.
[[nodiscard]] Result<Written> write_batch(const Tables& tables, const Retention& retention, const Batch& batch);

}  // namespace facepipe::faces
