// The program facepipe-worker: `facepipe worker` without everything else, for images that only recognise.
#include "program.h"
#include "worker_command.h"

int main(int argc, char** argv) {
  return facepipe::app::run_program("facepipe-worker", facepipe::app::kWorkerDescription,
                                    facepipe::app::make_worker_command, argc, argv);
}
