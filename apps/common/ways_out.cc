// Tested by tests/e2e/test_output.py.
#include "ways_out.h"

#include <array>
#include <string_view>

namespace facepipe::app {
namespace {

struct WayOut {
  std::string_view begin;  // the message holds this ...
  std::string_view end;    // ... and ends with that
  std::string_view text;
};

constexpr std::array<WayOut, 10> kWaysOut = {{
    {"expected one face, found ", "", "--largest takes the largest"},
    {"a face that cannot be told: ", "", "--force enrols it"},
    {"no face found", "", "--min-face and --thresholds find smaller and fainter ones"},
    {": the limit is ", " px a side", "--max-side raises it"},
    {": the limit is ", " pixels", "--max-pixels raises it"},
    {"no key was given", "", "--key-file FILE or FACEPIPE_KEY_FILE"},
    {"no such model pack", "", "--pack DIR or FACEPIPE_PACK names it; facepipe model build makes one"},
    {"gallery.fpg", "No such file or directory", "facepipe people add makes it; --data and --gallery name it"},
    {"cannot lock ", "No such file or directory", "--data and --gallery name what exists"},
    {"there is none with the id '", "", "`list` shows the ids"},
}};

}  // namespace

std::string with_way_out(const std::string& message) {
  for (const WayOut& way : kWaysOut) {
    if (message.find(way.begin) != std::string::npos && message.ends_with(way.end)) {
      return message + " (" + std::string(way.text) + ")";
    }
  }
  return message;
}

std::string with_way_out(const Error& error) {
  return with_way_out(error.message);
}

}  // namespace facepipe::app
