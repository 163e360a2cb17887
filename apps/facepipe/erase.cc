// facepipe erase: a person, everywhere in the data folder, and the proof.
#include <filesystem>
#include <memory>
#include <system_error>

#include "base/clock.h"
#include "base/seal.h"
#include "base/temporary_file.h"
#include "command.h"
#include "erase_traces.h"
#include "faces/store/maintenance.h"
#include "faces/store/sqlite_face_store.h"
#include "gallery/known_people.h"
#include "output.h"
#include "people/erasure.h"
#include "people/gallery_file.h"
#include "people/visit_desk.h"
#include "queue/store/maintenance.h"
#include "queue/store/queue_store.h"

namespace facepipe::app {
namespace {

namespace fs = std::filesystem;

struct EraseCommand {
  GalleryOption gallery;
  std::string name;
};

// Nothing where nobody is called so.
Result<std::optional<gallery::PersonId>> find_person(const EraseCommand& command) {
  std::error_code ignored;
  if (!fs::exists(command.gallery.path(), ignored)) {
    return std::optional<gallery::PersonId>();
  }
  FACEPIPE_ASSIGN(const gallery::Gallery gallery, command.gallery.load());
  const auto found = gallery.id_of(command.name);
  return found ? std::optional(*found) : std::nullopt;
}

// As the log has the person: with whom they were merged from.
Result<std::int64_t> erase_person(const fs::path& file, const std::optional<SealingKey>& key,
                                  gallery::PersonId person) {
  faces::SqliteFaceStore::Options options;
  options.key = key;
  options.retention = faces::keep_everything();  // nothing else goes
  FACEPIPE_ASSIGN(const auto store, faces::SqliteFaceStore::open(file, options));
  people::KeptVisits visits(*store, system_clock());
  return people::erase_kept(*store, visits, person);
}

// With every mention of the name. A server that runs has it.
Result<std::int64_t> erase_from_faces(const EraseCommand& command, const std::optional<SealingKey>& key,
                                      std::optional<gallery::PersonId> person) {
  const fs::path file = command.gallery.data / faces::kFaceStoreFile;
  std::error_code ignored;
  if (!fs::exists(file, ignored)) {
    return std::int64_t{0};
  }
  std::int64_t records = 0;
  if (person) {
    FACEPIPE_ASSIGN(records, erase_person(file, key, *person));
  }
  FACEPIPE_ASSIGN(const std::int64_t mentions, faces::erase_from_face_store(file, key, person, command.name));
  return records + mentions;
}

// Pictures rejected for anybody.
std::size_t rejected_count(const gallery::Gallery& gallery) {
  std::size_t count = 0;
  for (const gallery::Person& person : gallery.people()) {
    count += gallery.rejected(person.id).size();
  }
  return count;
}

// What the gallery had of the person.
struct Removed {
  bool known = false;               // the person was there
  people::ErasedRejected rejected;  // of others
  std::size_t untold = 0;           // rejected pictures of which nobody can say whether they show this person
};

// From the companion, too, also where it alone has the person still.
Result<Removed> erase_from_gallery(const EraseCommand& command, const std::optional<SealingKey>& key) {
  Removed removed;
  std::error_code ignored;
  if (!fs::exists(command.gallery.path(), ignored)) {
    return removed;
  }
  bool changed = true;
  const Status edited =
      people::GalleryFile(command.gallery.path(), key).edit([&](gallery::KnownPeople& known) -> Status {
        const auto person = known.gallery().id_of(command.name);
        removed.known = person.has_value();
        if (!removed.known) {
          removed.untold = rejected_count(known.gallery());
          changed = known.reconciled();
          return changed ? Status() : Status(person.error());
        }
        FACEPIPE_ASSIGN(removed.rejected,
                        people::erase_rejected_of(known, *person, known.gallery().distance_threshold()));
        return known.remove(*person);
      });
  return changed && !edited ? Result<Removed>(edited.error()) : Result<Removed>(std::move(removed));
}

// Answers that name the person. `unreadable`: messages that stay, because nobody can tell.
Result<std::int64_t> erase_from_queues(const EraseCommand& command, const std::optional<SealingKey>& key,
                                       std::int64_t& unreadable) {
  auto erased = queue::erase_messages(
      command.gallery.data / queue::kQueueFile, key,
      [&command](std::string_view body) { return is_answer_about(body, command.name); }, &unreadable);
  if (!erased && erased.error().code == ErrorCode::kNotFound) {
    return std::int64_t{0};
  }
  return erased;
}

// What could be seen, and what could not.
int conclude(const EraseCommand& command, const Traces& traces, std::int64_t unreadable) {
  const std::string folder = command.gallery.data.string();
  print_line("searched: " + std::to_string(traces.files) + " files of " + folder);
  for (const Trace& trace : traces.found) {
    print_line("found: " + trace.file.string() + ", " + trace.what);
  }
  if (unreadable > 0) {
    print_line("not read: " + (command.gallery.data / queue::kQueueFile).string() + ", " + std::to_string(unreadable) +
               " messages whose content cannot be read");
  }
  for (const Trace& trace : traces.unread) {
    print_line("not read: " + trace.file.string() + ", " + trace.what);
  }
  const bool all_read = traces.unread.empty() && unreadable == 0;
  if (traces.found.empty()) {
    print_line(all_read ? "the name is in none of them"
                        : "the name is in none of those that were read; whether it is in the others is not known");
  }
  return traces.found.empty() && all_read ? kExitSuccess : kExitFailure;
}

Result<int> erase(const EraseCommand& command) {
  FACEPIPE_ASSIGN(const std::optional<SealingKey> key, command.gallery.key.load());
  // The queues first: while a server runs they are refused, and nothing is half done.
  std::int64_t unreadable = 0;
  auto answers = erase_from_queues(command, key, unreadable);
  if (!answers) {
    return answers.error().code == ErrorCode::kUnavailable
               ? answers.error().with_context("stop facepipe serve first, so that its queues can be searched")
               : answers.error();
  }
  // The id before the gallery forgets it; the gallery before the faces, so that no new ones are told to be theirs.
  FACEPIPE_ASSIGN(const auto person, find_person(command));
  FACEPIPE_ASSIGN(const Removed removed, erase_from_gallery(command, key));
  FACEPIPE_ASSIGN(const std::int64_t kept, erase_from_faces(command, key, person));
  // Whole galleries that writers who were killed left.
  const std::size_t left = remove_dead_temporaries(command.gallery.path()) +
                           remove_dead_temporaries(gallery::companion_file(command.gallery.path()));
  print_line(std::string("gallery: ") + (removed.known ? "removed, with every embedding" : "no such person"));
  if (removed.rejected.pictures > 0) {
    print_line("rejected pictures: " + std::to_string(removed.rejected.pictures) +
               " that show this person erased from others");
  }
  if (removed.untold > 0) {
    print_line("rejected pictures: " + std::to_string(removed.untold) +
               ", whether one shows this person cannot be told without their embeddings (people reject NAME --forget)");
  }
  print_line("queues: " + std::to_string(*answers) + " answers erased");
  print_line("faces: " + std::to_string(kept) + " records erased: faces, pictures, visits, events");
  if (left > 0) {
    print_line("removed: " + std::to_string(left) + " files that interrupted writes left");
  }
  const std::filesystem::path& folder = command.gallery.data;
  return conclude(command,
                  find_traces(folder, command.name, removed.rejected.embeddings, key,
                              {folder / queue::kQueueFile, folder / faces::kFaceStoreFile}),
                  unreadable);
}

}  // namespace

void add_erase_command(CLI::App& app, const Environment& environment, int& status) {
  const auto options = std::make_shared<EraseCommand>();
  CLI::App* command = app.add_subcommand("erase",
                                         "Erase a person from the gallery, from the faces that are kept and from the "
                                         "queued answers of a stopped server, and search for traces");
  options->gallery.add_to(*command, environment);
  command->add_option("name", options->name, "The person's name")->required();
  command->callback([options, &status] {
    const Result<int> done = erase(*options);
    status = done ? *done : report(done.error());
  });
}

}  // namespace facepipe::app
