// The command `facepipe`: each subcommand in a file of its own.
#include "command.h"
#include "program.h"
#include "worker_command.h"

namespace facepipe::app {
namespace {

void add_commands(CLI::App& app, const Environment& environment, int& status) {
  app.require_subcommand(1);
  add_serve_command(app, environment, status);
  add_token_command(app, environment, status);
  make_worker_command(*app.add_subcommand("worker", kWorkerDescription), environment, status);
  add_send_command(app, environment, status);
  add_people_command(app, environment, status);
  add_key_command(app, status);
  add_oneshot_commands(app, environment, status);
  add_model_command(app, environment, status);
  add_evaluate_command(app, environment, status);
  add_kept_commands(app, environment, status);
  add_queue_command(app, environment, status);
  add_doctor_command(app, environment, status);
  add_backup_command(app, environment, status);
  add_erase_command(app, environment, status);
}

}  // namespace
}  // namespace facepipe::app

int main(int argc, char** argv) {
  return facepipe::app::run_program("facepipe", "Camera frames to names: detection, a durable queue, recognition.",
                                    facepipe::app::add_commands, argc, argv);
}
