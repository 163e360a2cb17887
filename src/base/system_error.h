// What the system says of a file, as an Error.
#pragma once

#include <cerrno>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "base/result.h"

namespace facepipe {

// "cannot ACTION PATH: ..." of an errno. The sanitizer looks at an object's type through a pipe, which is not to be had
// where the error is that descriptors have run out.
[[nodiscard]] __attribute__((no_sanitize("vptr"))) inline Error file_error(const std::filesystem::path& path,
                                                                           std::string_view action, int error_number) {
  ErrorCode code = ErrorCode::kUnavailable;
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      code = ErrorCode::kNotFound;
      break;
    case EACCES:
    case EPERM:
    case EROFS:
      code = ErrorCode::kPermission;
      break;
    case ENOSPC:
    case EDQUOT:
      code = ErrorCode::kExhausted;
      break;
    case EEXIST:
      code = ErrorCode::kAlreadyExists;
      break;
    default:
      break;
  }
  return Error{code, "cannot " + std::string(action) + " " + path.string() + ": " +
                         std::generic_category().message(error_number)};
}

}  // namespace facepipe
