// Tested by environment_test.cc.
#include "aws/credentials/environment.h"

#include "base/text.h"

namespace facepipe::aws {

Environment read_environment(const char* const* environ_block) {
  Environment environment;
  for (; environ_block != nullptr && *environ_block != nullptr; ++environ_block) {
    const std::string_view entry(*environ_block);
    if (const std::size_t equals = entry.find('='); equals != std::string_view::npos) {
      environment.emplace(entry.substr(0, equals), entry.substr(equals + 1));
    }
  }
  return environment;
}

std::string_view value_of(const Environment& environment, std::string_view name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string_view() : std::string_view(found->second);
}

bool is_true(const Environment& environment, std::string_view name) {
  return lower(value_of(environment, name)) == "true";
}

}  // namespace facepipe::aws
