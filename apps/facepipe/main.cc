// The command `facepipe`: each subcommand in a file of its own.
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "base/descriptors.h"
#include "command.h"
#include "environment.h"

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
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);  // prints help, version or the complaint
    return code == 0 ? kExitSuccess : kExitUsage;
  }
  return status;
}
