#include "program.h"

#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <utility>
#include <vector>

#include "arguments.h"
#include "base/descriptors.h"
#include "output.h"

namespace facepipe::app {
namespace {

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

}  // namespace facepipe::app
