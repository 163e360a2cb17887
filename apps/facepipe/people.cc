// facepipe people add | import | import-pt | export | list | rename | remove | reject | check | rebuild | compact |
// encrypt | decrypt
#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/json_writer.h"
#include "base/table.h"
#include "client/frame_source.h"
#include "command.h"
#include "companion_check.h"
#include "output.h"
#include "people_check.h"
#include "people_enrol.h"
#include "people_file.h"
#include "people_place.h"
#include "people_rebuild.h"
#include "recognize/naming.h"

namespace facepipe::app {
namespace {

struct PeopleOptions {
  Environment environment;
  GalleryOption gallery;
  PackOption pack;
  StrangersOption strangers;
  DetectorOption detector;
  std::string mode;
  std::string keep = "faces";
  bool largest = false;
  bool force = false;
  bool forget = false;
  bool trial = false;
  bool json = false;
  image::DecodeLimits decode;
  std::string name;
  std::string new_name;
  std::vector<std::filesystem::path> files;
  std::filesystem::path path;
  std::vector<const CLI::Option*> of_servers;  // enrolment's, of which a running server has its own
};

std::vector<std::string> named(const std::vector<const CLI::Option*>& options) {
  std::vector<std::string> names;
  for (const CLI::Option* option : options) {
    if (option->count() > 0) {
      names.push_back("--" + option->get_lnames().front());
    }
  }
  return names;
}

int finish(const Status& status) {
  return status ? kExitSuccess : report(status.error());
}

// Of a folder somebody's pictures are refused without more ado; a picture that was named was wanted.
enum class OfPoorFaces { kGoesOn, kFails };

// What became of every file. What was no picture is told and is no failure, unless there was nothing else.
int tell(const people::EnrolSummary& summary, const gallery::Gallery* gallery, OfPoorFaces poor) {
  for (const people::EnrolFailure& skipped : summary.skipped) {
    complain(skipped.file + ": skipped: " + skipped.reason);
  }
  for (const people::EnrolFailure& flagged : summary.flagged) {
    complain(flagged.file + ": taken, though " + flagged.reason);
  }
  for (const people::EnrolFailure& failure : summary.failed) {
    complain(failure.file + ": " + with_way_out(failure.reason));
  }
  const auto number = [](std::size_t value) { return std::to_string(value); };
  print_line(number(summary.added) + " pictures added, " + number(summary.failed.size()) + " refused" +
             (summary.skipped.empty() ? "" : ", " + number(summary.skipped.size()) + " skipped") +
             (gallery == nullptr ? std::string()
                                 : "; the gallery holds " + number(gallery->people().size()) + " people, " +
                                       number(gallery->embedding_count()) + " embeddings (" +
                                       gallery->origin().preprocessing.mode + " mode)"));
  if (summary.added == 0 && summary.failed.empty()) {
    complain("expected pictures (JPEG, PNG, WebP), found none");
    return kExitFailure;
  }
  const bool failed = std::ranges::any_of(summary.failed, [&](const people::EnrolFailure& failure) {
    return poor == OfPoorFaces::kFails || !failure.cannot_be_told;
  });
  return failed || summary.added == 0 ? kExitFailure : kExitSuccess;
}

// Enrols what `feed` hands over, prints the summary. Pictures that gave nothing are named on stderr.
Result<int> enrol(const PeopleOptions& options, OfPoorFaces poor, const std::function<Status(PeopleEnrolment&)>& feed) {
  FACEPIPE_ASSIGN(const auto enrolment, PeopleEnrolment::open({.gallery = options.gallery,
                                                               .pack = options.pack,
                                                               .strangers = options.strangers,
                                                               .detector = options.detector.get(),
                                                               .mode = options.mode,
                                                               .largest = options.largest,
                                                               .force = options.force,
                                                               .keep = options.keep != "none",
                                                               .decode = options.decode,
                                                               .named = named(options.of_servers)}));
  FACEPIPE_TRY(feed(*enrolment));
  FACEPIPE_TRY(enrolment->finish());
  const auto gallery = options.gallery.load();
  if (!gallery && gallery.error().code != ErrorCode::kNotFound) {
    return gallery.error();
  }
  return tell(enrolment->summary(), gallery ? &*gallery : nullptr, poor);
}

int finish(const Result<int>& status) {
  return status ? *status : report(status.error());
}

// "threshold 0.91 (1 % of strangers named)", "threshold 0.97", "no threshold: always the nearest".
std::string describe_threshold(const PeopleOptions& options, const gallery::Gallery& gallery) {
  const auto pack = gallery.strangers() ? model::ModelPack::open(options.pack.folder_for(options.gallery))
                                        : Result<model::ModelPack>(Error{});
  const auto rule = pack ? recognize::naming_rule(gallery, pack->manifest()) : std::nullopt;
  std::ostringstream text;
  if (rule) {
    text << "threshold " << rule->threshold << ": " << rule->strangers * 100 << " % of strangers named";
  } else if (gallery.distance_threshold()) {
    text << "threshold " << *gallery.distance_threshold();
  } else {
    text << "no threshold: always the nearest";
  }
  return std::move(text).str();
}

Result<int> list(const PeopleOptions& options) {
  FACEPIPE_ASSIGN(const gallery::Gallery gallery, options.gallery.load());
  std::vector<std::vector<std::string>> rows;
  for (const gallery::Person& person : gallery.people()) {
    if (options.json) {
      JsonWriter json;
      json.begin_object().key("name").string(person.name).key("embeddings");
      json.integer(static_cast<std::int64_t>(person.embedding_count)).end_object();
      print_line(std::move(json).text());
    } else {
      rows.push_back({std::to_string(person.embedding_count), person.name});
    }
  }
  if (!options.json) {
    constexpr std::array<Column, 2> kColumns = {Column::kNumber, Column::kLeft};
    print_text(format_table(kColumns, rows, output_columns()));
    const gallery::GalleryOrigin& origin = gallery.origin();
    print_line(counts(gallery) + ", " + origin.preprocessing.mode + " mode, model " +
               (origin.model_id.empty() ? "not recorded" : origin.model_id));
    if (const CompanionCheck companion = check_companion(options.gallery, gallery); !companion.text.empty()) {
      print_line("cut faces: " + companion.text);
    }
    print_line(describe_threshold(options, gallery));
  }
  if (const std::string names = gallery::reserved_names(gallery); !names.empty()) {
    complain("answers cannot tell " + names + " from a result without a name: facepipe people rename");
  }
  return kExitSuccess;
}

// A subcommand of `people` whose work is `run`; the caller adds its arguments.
CLI::App* add(CLI::App& people, const std::shared_ptr<PeopleOptions>& options, int& status, const char* name,
              const char* description, std::function<int(const PeopleOptions&)> run) {
  CLI::App* command = people.add_subcommand(name, description);
  options->gallery.add_to(*command, options->environment);
  command->callback([options, &status, run = std::move(run)] { status = run(*options); });
  return command;
}

// What decides how a picture is looked at: pack, detector, limits.
void add_looking_options(CLI::App& command, PeopleOptions& options, const Environment& environment) {
  options.pack.add_to(command, environment);
  options.detector.add_to(command);
  add_decode_limits(command, options.decode);
  for (const char* name : {"--pack", "--min-face", "--thresholds", "--factor", "--max-pixels", "--max-side"}) {
    options.of_servers.push_back(command.get_option(name));
  }
}

void add_enrolment_options(CLI::App& command, PeopleOptions& options, const Environment& environment) {
  add_looking_options(command, options, environment);
  options.strangers.add_to(command, environment);
  options.of_servers.push_back(command.get_option("--strangers"));
  command.add_option("--mode", options.mode,
                     "Preprocessing of a new gallery: classic, standard or whitened (default: the pack's)");
  command.add_flag("--largest", options.largest, "Of several faces in a picture take the largest");
  command.add_flag("--force", options.force, "Enrol faces that cannot be told, too");
  add_setting(command, "--keep", options.keep, "Whether the pictures are kept with the embeddings: faces, none")
      ->check(CLI::IsMember({"faces", "none"}));
}

void add_enrolment_commands(CLI::App& people, const std::shared_ptr<PeopleOptions>& options, int& status,
                            const Environment& environment) {
  CLI::App* add_command =
      add(people, options, status, "add", "Enrol pictures of one person", [](const PeopleOptions& o) {
        return finish(enrol(o, OfPoorFaces::kFails, [&o](PeopleEnrolment& enrolment) -> Status {
          FACEPIPE_ASSIGN(const std::vector<client::FrameFile> files, pictures_of(o.files));
          for (const client::FrameFile& file : files) {
            FACEPIPE_TRY(enrolment.add(o.name, file.path.string(), file.path));
          }
          return {};
        }));
      });
  add_command->add_option("name", options->name, "The person's name")->required();
  add_command->add_option("files", options->files, "Pictures, or folders of pictures")->required();
  add_enrolment_options(*add_command, *options, environment);

  CLI::App* import_command =
      add(people, options, status, "import", "Enrol a folder that holds a folder a person", [](const PeopleOptions& o) {
        return finish(enrol(o, OfPoorFaces::kGoesOn, [&o](PeopleEnrolment& enrolment) {
          return people::walk_people_folder(
              o.path, enrolment.summary(),
              [&](const std::string& person, const std::string& label, const std::filesystem::path& file) {
                return enrolment.add(person, label, file);
              });
        }));
      });
  import_command->add_option("folder", options->path, "Folder of folders of pictures")->required();
  add_enrolment_options(*import_command, *options, environment);
}

// The files' faces are not this person's: nothing is added, no picture is kept.
Result<int> reject(const PeopleOptions& options) {
  if (options.forget) {
    FACEPIPE_TRY(forget_rejected(options.gallery, options.name));
    return kExitSuccess;
  }
  if (options.files.empty()) {
    return Error{ErrorCode::kInvalidArgument, "expected pictures that are not of this person, or --forget"};
  }
  FACEPIPE_ASSIGN(const std::vector<client::FrameFile> files, pictures_of(options.files));
  FACEPIPE_ASSIGN(const auto rejection, PeopleEnrolment::open({.gallery = options.gallery,
                                                               .pack = options.pack,
                                                               .strangers = options.strangers,
                                                               .detector = options.detector.get(),
                                                               .mode = {},
                                                               .largest = options.largest,
                                                               .decode = options.decode,
                                                               .faces = FacesAre::kNotTheirs,
                                                               .named = named(options.of_servers)}));
  for (const client::FrameFile& file : files) {
    FACEPIPE_TRY(rejection->add(options.name, file.path.string(), file.path));
  }
  FACEPIPE_TRY(rejection->finish());
  const people::EnrolSummary& summary = rejection->summary();
  for (const people::EnrolFailure& failure : summary.failed) {
    complain(failure.file + ": " + with_way_out(failure.reason));
  }
  print_line(std::to_string(summary.added) + " of " + std::to_string(files.size()) + " pictures are not " +
             options.name);
  return summary.failed.empty() ? kExitSuccess : kExitFailure;
}

// Prints what may be wrong with the enrolled pictures; exit status 1 if anything is.
Result<int> check(const PeopleOptions& options) {
  FACEPIPE_ASSIGN(const gallery::Gallery gallery, options.gallery.load());
  FACEPIPE_ASSIGN(const model::ModelPack pack, model::ModelPack::open(options.pack.folder_for(options.gallery)));
  FACEPIPE_ASSIGN(const int status,
                  print_doubts(gallery, recognize::naming_rule(gallery, pack.manifest()), options.json));
  const CompanionCheck companion = check_companion(options.gallery, gallery);
  if (companion.state == CompanionState::kNone || companion.state == CompanionState::kServes) {
    return status;
  }
  complain(companion.text);
  return kExitFailure;
}

void add_judging_commands(CLI::App& people, const std::shared_ptr<PeopleOptions>& options, int& status,
                          const Environment& environment) {
  CLI::App* reject_command =
      add(people, options, status, "reject", "Say that pictures are not of a person who is named for them",
          [](const PeopleOptions& o) { return finish(reject(o)); });
  reject_command->add_option("name", options->name, "The person's name")->required();
  CLI::Option* files = reject_command->add_option("files", options->files, "Pictures, or folders of pictures");
  reject_command->add_flag("--forget", options->forget, "Forget all that was rejected for this person")
      ->excludes(files);
  reject_command->add_flag("--largest", options->largest, "Of several faces in a picture take the largest");
  add_looking_options(*reject_command, *options, environment);

  CLI::App* check_command =
      add(people, options, status, "check", "Find enrolled pictures that are likely somebody else's, or there twice",
          [](const PeopleOptions& o) { return finish(check(o)); });
  check_command->add_flag("--json", options->json, "A JSON line a picture");
  options->pack.add_to(*check_command, environment);
}

void add_editing_commands(CLI::App& people, const std::shared_ptr<PeopleOptions>& options, int& status,
                          const Environment& environment) {
  CLI::App* rename = add(people, options, status, "rename", "Give a person another name",
                         [](const PeopleOptions& o) { return finish(rename_person(o.gallery, o.name, o.new_name)); });
  rename->add_option("name", options->name, "The name now")->required();
  rename->add_option("new-name", options->new_name, "The name to be")->required();

  CLI::App* remove = add(people, options, status, "remove", "Forget a person",
                         [](const PeopleOptions& o) { return finish(erase_person(o.gallery, o.name)); });
  remove->add_option("name", options->name, "The person's name")->required();

  CLI::App* rebuild =
      add(people, options, status, "rebuild", "Make the gallery anew by another pack, from the pictures that are kept",
          [](const PeopleOptions& o) {
            return finish(rebuild_people({.gallery = o.gallery,
                                          .pack = o.pack,
                                          .strangers = o.strangers,
                                          .mode = o.mode,
                                          .force = o.force,
                                          .trial = o.trial}));
          });
  options->pack.add_to(*rebuild, environment);
  options->strangers.add_to(*rebuild, environment);
  rebuild->add_option("--mode", options->mode, "Preprocessing of the gallery (default: the pack's)");
  rebuild->add_flag("--force", options->force, "Go on without people and pictures that cannot be made anew");
  rebuild->add_flag("--dry-run", options->trial, "Say what would become of it, and change nothing");

  add(people, options, status, "compact", "Write a large gallery anew, so that it loads without being read whole",
      [](const PeopleOptions& o) { return finish(compact_people(o.gallery)); });
  add(people, options, status, "encrypt", "Write the gallery with the key",
      [](const PeopleOptions& o) { return finish(rewrite_people(o.gallery, Rewrite::kEncrypt)); });
  add(people, options, status, "decrypt", "Write the gallery without the key",
      [](const PeopleOptions& o) { return finish(rewrite_people(o.gallery, Rewrite::kDecrypt)); });
}

}  // namespace

void add_people_command(CLI::App& app, const Environment& environment, int& status) {
  CLI::App* people = app.add_subcommand("people", "The gallery of known people");
  people->require_subcommand(1);
  const auto options = std::make_shared<PeopleOptions>();
  options->environment = environment;
  options->gallery.add_to(*people, environment);
  add_enrolment_commands(*people, options, status, environment);
  add_editing_commands(*people, options, status, environment);
  add_judging_commands(*people, options, status, environment);
  add(*people, options, status, "import-pt", "Make a gallery of the Python pipeline's .pt file",
      [](const PeopleOptions& o) { return finish(import_pt(o.gallery, o.path)); })
      ->add_option("file", options->path, "The .pt file")
      ->required();
  add(*people, options, status, "export", "Write the gallery as a .pt file for the Python pipeline",
      [](const PeopleOptions& o) { return finish(export_pt(o.gallery, o.path)); })
      ->add_option("file", options->path, "The .pt file")
      ->required();
  CLI::App* list_command = add(*people, options, status, "list", "Known people and how many embeddings each has",
                               [](const PeopleOptions& o) { return finish(list(o)); });
  list_command->add_flag("--json", options->json, "A JSON line a person");
  options->pack.add_to(*list_command, environment);
}

}  // namespace facepipe::app
