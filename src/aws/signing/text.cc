// Tested by text_test.cc.
#include "aws/signing/text.h"

#include <algorithm>

namespace facepipe::aws {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::size_t kMostShown = 200;

}  // namespace

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  return begin == std::string_view::npos ? std::string_view()
                                         : text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

std::string first_line(std::string_view text) {
  text = trimmed(text);
  std::string line(text.substr(0, std::min(text.find('\n'), kMostShown)));
  std::replace_if(line.begin(), line.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' ');
  return std::string(trimmed(line));
}

}  // namespace facepipe::aws
