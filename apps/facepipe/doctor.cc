// facepipe doctor: what is wrong with a data folder and a pack, and the repair of a damaged store.
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <memory>
#include <system_error>

#include "base/json_writer.h"
#include "command.h"
#include "companion_check.h"
#include "doctor_faces.h"
#include "embed/layer_embedder.h"
#include "embed/prepacked.h"
#include "faces/store/sqlite_face_store.h"
#include "gallery/gallery.h"
#include "gallery/known_people.h"
#include "output.h"
#include "queue/store/maintenance.h"
#include "queue/store/queue_store.h"
#include "recognize/recognizer.h"

namespace facepipe::app {
namespace {

namespace fs = std::filesystem;

// A few hundred frames, and what a checkpoint of the write-ahead log needs.
constexpr std::uint64_t kWantedFreeBytes = std::uint64_t{256} << 20U;

struct DoctorCommand {
  PackOption pack;
  GalleryOption gallery;
  bool repair = false;
  bool json = false;
};

enum class Verdict { kOk, kNote, kTrouble };

struct Finding {
  std::string check;
  Verdict verdict = Verdict::kOk;
  std::string text;
};

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::kOk:
      return "ok";
    case Verdict::kNote:
      return "note";
    case Verdict::kTrouble:
      break;
  }
  return "trouble";
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

Finding trouble(std::string check, const Error& error) {
  return {std::move(check), Verdict::kTrouble, error.message};
}

Finding check_folder(const fs::path& data) {
  struct stat info{};
  if (::stat(data.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
    return {"data-folder", Verdict::kTrouble, data.string() + ": no such folder (--data names it)"};
  }
  constexpr mode_t kOthers = S_IRWXG | S_IRWXO;
  std::error_code ignored;
  const fs::path queues = data / queue::kQueueFile;
  const fs::path faces = data / faces::kFaceStoreFile;
  const fs::path people = data / gallery::kGalleryFile;
  const auto log_of = [](fs::path store) { return store += "-wal"; };
  for (const fs::path& path :
       {data, queues, log_of(queues), faces, log_of(faces), people, gallery::companion_file(people)}) {
    if (::stat(path.c_str(), &info) == 0 && path != data && (info.st_mode & kOthers) != 0) {
      return {"data-folder", Verdict::kTrouble,
              path.string() + ": others than its owner may read or write it: chmod go= " + path.string()};
    }
  }
  if (::stat(data.c_str(), &info) == 0 && (info.st_mode & kOthers) != 0) {
    return {"data-folder", Verdict::kNote,
            data.string() + ": others may list it (its files are their owner's alone): chmod go= " + data.string()};
  }
  return {"data-folder", Verdict::kOk, data.string() + " is its owner's alone"};
}

Finding check_space(const fs::path& data) {
  struct statvfs info{};
  if (::statvfs(data.c_str(), &info) != 0) {
    return {"free-space", Verdict::kTrouble, data.string() + ": cannot ask the file system"};
  }
  const std::uint64_t free = std::uint64_t{info.f_bavail} * info.f_frsize;
  const std::string text = std::to_string(free >> 20U) + " MiB free for " + data.string();
  if (free < kWantedFreeBytes) {
    return {"free-space", Verdict::kTrouble, text + ", expected at least " + std::to_string(kWantedFreeBytes >> 20U)};
  }
  return {"free-space", Verdict::kOk, text};
}

void check_pack(const fs::path& folder, std::vector<Finding>& findings, std::optional<model::ModelPack>& opened) {
  auto pack = model::ModelPack::open(folder);
  if (!pack) {
    findings.push_back(trouble("pack", pack.error()));
    return;
  }
  opened = *std::move(pack);
  if (const Status sound = opened->verify(); !sound) {
    findings.push_back(trouble("pack", sound.error()));
  } else {
    findings.push_back({"pack", Verdict::kOk, opened->manifest().name + ", every file's SHA-256 is right"});
  }
  if (opened->manifest().files.contains(std::string(embed::kLayersRole))) {
    findings.push_back({"prepacked", Verdict::kOk, "own kernels, which need no layout for a kind of machine"});
    return;
  }
  const std::string target = embed::prepack_target();
  if (opened->manifest().files.contains(embed::prepacked_role(target))) {
    findings.push_back({"prepacked", Verdict::kOk, "laid out for this machine (" + target + ")"});
  } else {
    findings.push_back(
        {"prepacked", Verdict::kNote, "not laid out for this machine (" + target + "): it works and starts slower"});
  }
}

Finding check_gallery(const GalleryOption& option, const std::optional<model::ModelPack>& pack) {
  const auto gallery = option.load();
  if (!gallery && gallery.error().code == ErrorCode::kNotFound) {
    return {"gallery", Verdict::kNote, "no gallery yet: everybody is unknown (facepipe people add)"};
  }
  if (!gallery) {
    return trouble("gallery", gallery.error());
  }
  if (const Status fits = pack ? recognize::check_model(*gallery, pack->manifest()) : Status(); !fits) {
    return trouble("gallery", fits.error().with_context(option.path().string()));
  }
  if (const Status sound = gallery::verify_gallery(*gallery); !sound) {
    return trouble("gallery", sound.error().with_context(option.path().string()));
  }
  if (const std::string names = gallery::reserved_names(*gallery); !names.empty()) {
    return {"gallery", Verdict::kTrouble,
            option.path().string() + ": answers cannot tell " + names +
                " from a result without a name: facepipe people rename"};
  }
  return {"gallery", Verdict::kOk,
          std::to_string(gallery->people().size()) + " people, " + std::to_string(gallery->embedding_count()) +
              " embeddings"};
}

// Of a gallery that opens.
std::optional<Finding> check_cut_faces(const GalleryOption& option) {
  const auto gallery = option.load();
  const CompanionCheck check = gallery ? check_companion(option, *gallery) : CompanionCheck{};
  switch (check.state) {
    case CompanionState::kNone:
      break;
    case CompanionState::kServes:
      return Finding{"cut-faces", Verdict::kOk, check.text};
    case CompanionState::kBehind:
      return Finding{"cut-faces", Verdict::kNote, check.text};
    case CompanionState::kBroken:
      return Finding{"cut-faces", Verdict::kTrouble, check.text};
  }
  return std::nullopt;
}

Finding repair_store(const fs::path& file) {
  const auto salvage = queue::salvage_store(file, system_clock());
  if (!salvage) {
    return trouble("queue-store", salvage.error());
  }
  std::string text = "repaired: " + std::to_string(salvage->recovered) + " messages recovered, " +
                     (salvage->lost ? std::to_string(*salvage->lost) : std::string("an unknown number")) +
                     " lost; the damaged file is " + salvage->damaged.string();
  for (const std::string& name : salvage->made_queues) {
    text += "; messages of a queue whose row is lost are on " + name;
  }
  // Lost messages are trouble however well the rest went: nobody may overlook them.
  return {"queue-store", salvage->lost == 0 ? Verdict::kNote : Verdict::kTrouble, std::move(text)};
}

// A sound file's messages: how many, and which of them nobody can read.
Finding describe_messages(const queue::StoreCheck& check) {
  std::string text =
      std::to_string(check.messages) + " messages, format version " + std::to_string(check.format_version) + ", sound";
  if (check.unchecked > 0) {
    text += "; " + std::to_string(check.unchecked) + " encrypted messages not checked (--key-file opens them)";
  }
  if (check.unreadable == 0) {
    return {"queue-store", Verdict::kOk, std::move(text)};
  }
  text += "; " + std::to_string(check.unreadable) + " messages cannot be read, put aside at their first receipt:";
  for (const std::string& id : check.unreadable_ids) {
    text += " " + json_quote(id);
  }
  return {"queue-store", Verdict::kTrouble, std::move(text)};
}

// What repairs put aside, which is kept until somebody deletes it.
std::optional<Finding> check_kept(const fs::path& file) {
  const queue::RepairFiles found = queue::find_repair_files(file);
  if (!found.store || found.damaged.empty()) {
    return std::nullopt;
  }
  std::string text = "a repair put aside what it was made from; delete it when nothing is missing:";
  for (const fs::path& damaged : found.damaged) {
    text += " " + damaged.string();
  }
  return Finding{"put-aside", Verdict::kNote, std::move(text)};
}

Finding check_queues(const fs::path& file, const KeyOption& key_option, bool repair) {
  const auto key = key_option.load();
  if (!key) {
    return trouble("queue-store", key.error());
  }
  const auto check = queue::check_store(file, *key);
  const queue::RepairFiles found = queue::find_repair_files(file);
  if (repair && !check && !found.store && !found.damaged.empty()) {
    return repair_store(file);  // an earlier one was cut off
  }
  if (!check && check.error().code == ErrorCode::kNotFound) {
    return {"queue-store", Verdict::kNote, "no queue store yet (facepipe serve makes it)"};
  }
  if (!check && check.error().code == ErrorCode::kUnavailable) {
    return {"queue-store", repair ? Verdict::kTrouble : Verdict::kNote,
            file.string() + ": in use by a running server: not checked"};
  }
  if (!check) {
    return trouble("queue-store", check.error());
  }
  if (check->problems.empty()) {
    return describe_messages(*check);
  }
  if (repair) {
    return repair_store(file);
  }
  return {"queue-store", Verdict::kTrouble,
          file.string() + ": damaged (" + check->problems.front() + "): facepipe doctor --repair"};
}

void check_faces(const DoctorCommand& command, std::vector<Finding>& findings) {
  const auto key = command.gallery.key.load();
  if (!key) {
    findings.push_back(trouble("face-store", key.error()));
    return;
  }
  auto loaded = command.gallery.load();
  const std::optional<gallery::Gallery> gallery = loaded ? std::optional(*std::move(loaded)) : std::nullopt;
  for (FacesFinding& finding :
       examine_faces(command.gallery.data / faces::kFaceStoreFile, *key, gallery, command.repair)) {
    const Verdict verdict = finding.note ? Verdict::kNote : Verdict::kOk;
    findings.push_back({"face-store", finding.trouble ? Verdict::kTrouble : verdict, std::move(finding.text)});
  }
}

int examine(const DoctorCommand& command) {
  std::vector<Finding> findings;
  std::optional<model::ModelPack> pack;
  findings.push_back(check_folder(command.gallery.data));
  findings.push_back(check_space(command.gallery.data));
  check_pack(command.pack.folder_for(command.gallery), findings, pack);
  findings.push_back(check_gallery(command.gallery, pack));
  if (auto cut_faces = check_cut_faces(command.gallery)) {
    findings.push_back(*std::move(cut_faces));
  }
  const fs::path store = command.gallery.data / queue::kQueueFile;
  findings.push_back(check_queues(store, command.gallery.key, command.repair));
  if (auto kept = check_kept(store)) {
    findings.push_back(*std::move(kept));
  }
  check_faces(command, findings);
  int status = kExitSuccess;
  for (const Finding& finding : findings) {
    if (finding.verdict == Verdict::kTrouble) {
      status = kExitFailure;
    }
    const std::string verdict(to_string(finding.verdict));
    if (command.json) {
      JsonWriter line;
      line.begin_object().key("check").string(finding.check).key("verdict").string(verdict);
      line.key("text").string(finding.text).end_object();
      print_line(std::move(line).text());
    } else {
      print_line(padded(finding.check, 12) + " " + padded(verdict, 8) + " " + finding.text);
    }
  }
  return status;
}

}  // namespace

void add_doctor_command(CLI::App& app, const Environment& environment, int& status) {
  const auto options = std::make_shared<DoctorCommand>();
  CLI::App* command =
      app.add_subcommand("doctor", "Check the data folder, the pack, the gallery, the queue store and the faces");
  options->pack.add_to(*command, environment);
  options->gallery.add_to(*command, environment);
  command->add_flag(
      "--repair", options->repair,
      "Make a new store of what a damaged one still gives (of faces.db: the enrolled pictures); the damaged file "
      "is kept");
  command->add_flag("--json", options->json, "A JSON line a check");
  command->callback([options, &status] { status = examine(*options); });
}

}  // namespace facepipe::app
