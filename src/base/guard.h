// Stops stray exceptions at the edge of one frame or face, so that the work of others goes on.
#pragma once

#include <exception>
#include <new>
#include <utility>

#include "base/result.h"

namespace facepipe {

// What `work` returns (a Result); kInternal if it throws. Our own code does not throw: this is memory that ran out, or
// a library.
template <typename Work>
[[nodiscard]] auto guarded(Work&& work) -> decltype(std::forward<Work>(work)()) {
  try {
    return std::forward<Work>(work)();
  } catch (const std::bad_alloc&) {
    return Error{ErrorCode::kInternal, "out of memory"};
  } catch (const std::exception& error) {
    return Error{ErrorCode::kInternal, std::string("unexpected exception: ") + error.what()};
  } catch (...) {
    return Error{ErrorCode::kInternal, "unexpected exception"};
  }
}

}  // namespace facepipe
