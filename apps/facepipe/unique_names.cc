// Tested by tests/e2e/test_output.py.
#include "unique_names.h"

#include <system_error>

#include "base/text.h"

namespace facepipe::app {
namespace {

// One spelling of a file, also of one that does not exist yet.
std::string one_spelling(const std::filesystem::path& file) {
  std::error_code error;
  const std::filesystem::path whole = std::filesystem::weakly_canonical(file, error);
  return lower((error ? file.lexically_normal() : whole).string());
}

}  // namespace

void UniqueNames::reserve(const std::filesystem::path& file) {
  taken_.insert(one_spelling(file));
}

std::filesystem::path UniqueNames::take(const std::filesystem::path& stem, std::string_view suffix) {
  for (int number = 1;; ++number) {
    std::filesystem::path name = stem;
    name += (number == 1 ? "" : "-" + std::to_string(number)) + std::string(suffix);
    if (taken_.insert(one_spelling(name)).second) {
      return name;
    }
  }
}

}  // namespace facepipe::app
