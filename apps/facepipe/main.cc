// The command `facepipe`: each subcommand in a file of its own.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "arguments.h"
#include "base/descriptors.h"
#include "command.h"
#include "environment.h"
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
}  // namespace facepipe::app

int main(int argc, char** argv) {
  using namespace facepipe::app;  // NOLINT(google-build-using-namespace): the program's own namespace
  facepipe::open_standard_descriptors();
  const auto environment = read_environment(environ);
  if (!environment) {
    return report(environment.error());
  }
  CLI::App app("Camera frames to names: detection, a durable queue, recognition.", "facepipe");
  app.set_version_flag("--version", FACEPIPE_VERSION);
  app.require_subcommand(1);
  int status = kExitSuccess;
  add_serve_command(app, *environment, status);
  add_token_command(app, *environment, status);
  add_worker_command(app, *environment, status);
  add_send_command(app, *environment, status);
  add_people_command(app, *environment, status);
  add_key_command(app, status);
  add_oneshot_commands(app, *environment, status);
  add_model_command(app, *environment, status);
  add_evaluate_command(app, *environment, status);
  add_queue_command(app, *environment, status);
  add_doctor_command(app, *environment, status);
  add_erase_command(app, *environment, status);
  return finish_output(run(app, {argv + std::min(argc, 1), argv + argc}, status));
}
