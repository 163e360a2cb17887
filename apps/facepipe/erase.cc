// facepipe erase: a person, everywhere in the data folder, and the proof.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/file.h"
#include "base/file_lock.h"
#include "base/json_writer.h"
#include "command.h"
#include "output.h"
#include "pipeline/messages.h"
#include "queue/maintenance.h"

namespace facepipe::app {
namespace {

namespace fs = std::filesystem;

struct EraseCommand {
  GalleryOption gallery;
  std::string name;
};

// True if the person was there.
Result<bool> erase_from_gallery(const EraseCommand& command) {
  const fs::path file = command.gallery.path();
  std::error_code ignored;
  if (!fs::exists(file, ignored)) {
    return false;
  }
  FACEPIPE_ASSIGN(const FileLock lock, FileLock::acquire(file));
  FACEPIPE_ASSIGN(gallery::Gallery gallery, command.gallery.load());
  const Status removed = gallery.remove(command.name);
  if (!removed) {
    return removed.error().code == ErrorCode::kNotFound ? Result<bool>(false) : removed.error();
  }
  FACEPIPE_TRY(command.gallery.save(gallery));
  return true;
}

// Answers that name the person, as the result or as the runner-up.
Result<std::int64_t> erase_from_queues(const EraseCommand& command) {
  const fs::path file = command.gallery.data / "queues.db";
  FACEPIPE_ASSIGN(const std::optional<SealingKey> key, command.gallery.key.load());
  auto erased = queue::erase_messages(file, key, [&command](std::string_view body) {
    const auto answer = pipeline::parse_answer(body);
    return answer && (answer->result == command.name || answer->second == command.name);
  });
  if (!erased && erased.error().code == ErrorCode::kNotFound) {
    return std::int64_t{0};
  }
  return erased;
}

std::size_t count(std::string_view content, std::string_view text) {
  std::size_t found = 0;
  for (std::size_t at = content.find(text); at != std::string_view::npos; at = content.find(text, at + 1)) {
    ++found;
  }
  return found;
}

struct Trace {
  fs::path file;
  std::size_t places = 0;
};

// Every file of the data folder, byte by byte, for the name as JSON has it in galleries and answers: in quotes, so that
// a name that is part of another one is not found in that.
Result<std::vector<Trace>> find_traces(const fs::path& folder, const std::string& name, std::size_t& files) {
  const std::string quoted = json_quote(name);
  std::vector<Trace> traces;
  std::error_code error;
  for (auto entry = fs::recursive_directory_iterator(folder, error); !error && entry != fs::end(entry);
       entry.increment(error)) {
    if (!entry->is_regular_file(error) || fs::file_size(entry->path(), error) == 0) {
      continue;
    }
    FACEPIPE_ASSIGN(const MappedFile file, MappedFile::open(entry->path()));
    ++files;
    if (const std::size_t places = count(as_text(file.bytes()), quoted); places > 0) {
      traces.push_back({entry->path(), places});
    }
  }
  if (error) {
    return Error{ErrorCode::kPermission, "cannot search " + folder.string() + ": " + error.message()};
  }
  return traces;
}

Result<int> erase(const EraseCommand& command) {
  // The queues first: while a server runs they are refused, and nothing is half done.
  auto answers = erase_from_queues(command);
  if (!answers) {
    return answers.error().code == ErrorCode::kUnavailable
               ? answers.error().with_context("stop facepipe serve first, so that its queues can be searched")
               : answers.error();
  }
  FACEPIPE_ASSIGN(const bool known, erase_from_gallery(command));
  std::size_t files = 0;
  FACEPIPE_ASSIGN(const std::vector<Trace> traces, find_traces(command.gallery.data, command.name, files));
  print_line(std::string("gallery: ") + (known ? "removed, with every embedding" : "no such person"));
  print_line("queues: " + std::to_string(*answers) + " answers erased");
  print_line("searched: " + std::to_string(files) + " files of " + command.gallery.data.string() + " byte by byte");
  for (const Trace& trace : traces) {
    print_line("found: " + trace.file.string() + ", " + std::to_string(trace.places) + " places");
  }
  if (traces.empty()) {
    print_line("the name is in none of them");
  }
  return traces.empty() ? kExitSuccess : kExitFailure;
}

}  // namespace

void add_erase_command(CLI::App& app, const Environment& environment, int& status) {
  const auto options = std::make_shared<EraseCommand>();
  CLI::App* command = app.add_subcommand(
      "erase",
      "Erase a person from the gallery and from the queued answers of a stopped server, and search for traces");
  options->gallery.add_to(*command, environment);
  command->add_option("name", options->name, "The person's name")->required();
  command->callback([options, &status] {
    const Result<int> done = erase(*options);
    status = done ? *done : report(done.error());
  });
}

}  // namespace facepipe::app
