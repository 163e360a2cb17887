// facepipe backup: faces.db into a new file, while a server runs or not.
#include <memory>

#include "command.h"
#include "faces/store/maintenance.h"
#include "faces/store/sqlite_face_store.h"
#include "output.h"

namespace facepipe::app {
namespace {

struct BackupCommand {
  std::filesystem::path data;
  std::filesystem::path file;
};

Status backup(const BackupCommand& command) {
  FACEPIPE_TRY(faces::backup_face_store(command.data / faces::kFaceStoreFile, command.file));
  print_line(command.file.string() + " written");
  return {};
}

}  // namespace

void add_backup_command(CLI::App& app, const Environment& environment, int& status) {
  const auto options = std::make_shared<BackupCommand>();
  CLI::App* command = app.add_subcommand(
      "backup",
      "Copy the faces, visits and enrolled pictures of a data folder into a new file, while a server runs too");
  options->data = environment.data;
  add_setting(*command, "--data", options->data, "Folder of the server (FACEPIPE_DATA)");
  command->add_option("file", options->file, "The new file")->required();
  command->callback([options, &status] {
    const Status done = backup(*options);
    status = done ? kExitSuccess : report(done.error());
  });
}

}  // namespace facepipe::app
