// facepipe key new
#include <cstdio>
#include <memory>

#include "base/seal.h"
#include "command.h"

namespace facepipe::app {

void add_key_command(CLI::App& app, int& status) {
  CLI::App* key = app.add_subcommand("key", "Keys that encrypt what is stored");
  key->require_subcommand(1);
  CLI::App* make = key->add_subcommand("new", "Make a key; whoever loses it loses what it encrypted");
  const auto file = std::make_shared<std::filesystem::path>();
  make->add_option("file", *file, "The file to write it to; must not exist")->required();
  make->callback([file, &status] {
    const Status made = SealingKey::make_file(*file);
    status = made ? kExitSuccess : report(made.error());
  });
}

}  // namespace facepipe::app
