// Tested by tests/e2e/test_output.py.
#include "arguments.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string_view>
#include <utility>

namespace facepipe::app {
namespace {

const CLI::App* subcommand_of(const CLI::App& app, const std::string& name) {
  for (const CLI::App* child : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (child->get_name() == name) {
      return child;
    }
  }
  return nullptr;
}

// The values that options of that name take, of the app itself and of subcommands at any depth.
void add_value_counts(const CLI::App& app, const std::string& name, std::set<std::size_t>& counts) {
  if (const CLI::Option* own = app.get_option_no_throw(name); own != nullptr && !own->get_positional()) {
    counts.insert(static_cast<std::size_t>(std::max(own->get_items_expected_min(), 0)));
  }
  for (const CLI::App* child : app.get_subcommands([](const CLI::App*) { return true; })) {
    add_value_counts(*child, name, counts);
  }
}

// How many of the arguments from `at` on belong to the option there, itself included. 0: no option that is known below.
// Where subcommands differ (`send --json FILE`, `people list --json`), a subcommand's name is no value.
std::size_t length_of_option(const CLI::App& app, const std::vector<std::string>& arguments, std::size_t at) {
  const std::string& argument = arguments[at];
  const std::size_t equals = argument.find('=');
  std::set<std::size_t> counts;
  add_value_counts(app, argument.substr(0, equals), counts);
  if (counts.empty()) {
    return 0;
  }
  if (equals != std::string::npos) {
    return 1;
  }
  const bool before_name = at + 1 < arguments.size() && subcommand_of(app, arguments[at + 1]) != nullptr;
  return std::min((before_name ? *counts.begin() : *counts.rbegin()) + 1, arguments.size() - at);
}

}  // namespace

std::vector<std::string> options_behind_subcommand(const CLI::App& app, std::vector<std::string> arguments) {
  std::vector<std::string> names;
  std::vector<std::string> moved;
  const CLI::App* at = &app;
  std::size_t i = 0;
  while (i < arguments.size()) {
    if (const CLI::App* next = subcommand_of(*at, arguments[i]); next != nullptr) {
      names.push_back(arguments[i++]);
      at = next;
      continue;
    }
    const std::size_t length = arguments[i].starts_with("-") ? length_of_option(*at, arguments, i) : 0;
    if (length == 0) {
      break;
    }
    for (const std::size_t end = i + length; i < end; ++i) {
      moved.push_back(std::move(arguments[i]));
    }
  }
  std::vector<std::string> result = std::move(names);
  std::move(moved.begin(), moved.end(), std::back_inserter(result));
  std::move(arguments.begin() + static_cast<std::ptrdiff_t>(i), arguments.end(), std::back_inserter(result));
  return result;
}

}  // namespace facepipe::app
