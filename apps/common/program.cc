// Tested by tests/e2e/test_output.py.
#include "program.h"

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <set>
#include <sstream>

#include "base/process.h"
#include "base/stop_signals.h"
#include "output.h"

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

// `arguments` (without the program's name) with the options that stand before a subcommand and belong to it moved
// behind its name: "people --largest import DIR" is "people import --largest DIR". An option takes as many arguments
// along as it has values; one that no subcommand on the way has stays where it is, and parsing tells.
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

// Runs the command that `arguments` name. CLI11's own texts echo what was typed, so they go the way of all output.
int run(CLI::App& app, std::vector<std::string> arguments, const int& status) {
  try {
    arguments = options_behind_subcommand(app, std::move(arguments));
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants it
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    std::ostringstream text;
    std::ostringstream complaint;
    if (app.exit(error, text, complaint) == 0) {
      print_text(text.str());  // help or version
      return kExitSuccess;
    }
    complain(error.what());
    complain("--help, also behind a command, tells what is expected");
    return kExitUsage;
  }
  return status;
}

}  // namespace

int run_program(const std::string& name, const std::string& description, AddCommands add, int argc, char** argv) {
  open_standard_descriptors();
  const auto environment = read_environment(environ);
  if (!environment) {
    return report(environment.error());
  }
  CLI::App app(description, name);
  app.set_version_flag("--version", FACEPIPE_VERSION);
  int status = kExitSuccess;
  add(app, *environment, status);
  return finish_output(run(app, {argv + std::min(argc, 1), argv + argc}, status));
}

int report_last(LogWriter& log, const Error& error) {
  log.close(kLastWords);
  release_stop_signals();
  return report(error);
}

void stop_while_starting(Logger& logger, LogWriter& log, int signal) {
  logger.info("stopped", {{"signal", static_cast<std::int64_t>(signal)}, {"starting", true}});
  log.close(kLastWords);
  std::_Exit(kExitSuccess);
}

}  // namespace facepipe::app
