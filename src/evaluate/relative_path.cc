// Tested by pairs_file_test.cc.
#include "evaluate/relative_path.h"

#include "base/text.h"

namespace facepipe::evaluate {

bool stays_inside(std::string_view path) {
  if (path.empty() || path.front() == '/' || path.find('\0') != std::string_view::npos) {
    return false;
  }
  for (const std::string_view part : split(path, '/')) {
    if (part == "..") {
      return false;
    }
  }
  return true;
}

}  // namespace facepipe::evaluate
