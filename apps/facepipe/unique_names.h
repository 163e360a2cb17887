// File names for what a command writes, none of which is another's.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>

namespace facepipe::app {

// Names are one if they are so for a file system that does not tell upper from lower case (ASCII).
class UniqueNames {
 public:
  // Never given out: a file that must not be written over.
  void reserve(const std::filesystem::path& file);
  // `stem` + `suffix`, or `stem` + "-2" + `suffix` and so on where that is taken.
  [[nodiscard]] std::filesystem::path take(const std::filesystem::path& stem, std::string_view suffix);

 private:
  std::set<std::string> taken_;
};

}  // namespace facepipe::app
