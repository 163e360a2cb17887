// Tested by tests/e2e/test_people.py and test_people_kept.py.
#include "people_enrol.h"

#include "base/file.h"
#include "base/id.h"
#include "base/text.h"
#include "gallery/names.h"
#include "gallery/person_id.h"
#include "people/people_desk.h"
#include "people_place.h"
#include "recognize/cut_faces.h"
#include "server_client.h"

namespace facepipe::app {
namespace {

constexpr std::size_t kAtOnce = 16;
constexpr std::string_view kCannotBeTold = "a face that cannot be told";

class DeskEnrolment final : public PeopleEnrolment {
 public:
  DeskEnrolment(Models models, std::shared_ptr<const embed::Embedder> embedder, std::unique_ptr<faces::FaceStore> store,
                people::DeskParts parts, people::AddOptions options, FacesAre faces)
      : models_(std::move(models)), store_(std::move(store)), options_(options), faces_(faces) {
    parts.manifest = models_.pack.manifest();
    parts.detector = models_.detector.get();
    parts.store = store_.get();
    max_picture_bytes_ = parts.decode.limits.max_bytes;
    const people::GalleryFile file = parts.gallery;
    const model::Preprocessing mode = parts.new_mode.value_or(parts.manifest->preprocessing);
    parts.recognizer = [file, embedder = std::move(embedder), manifest = *parts.manifest,
                        mode]() -> Result<std::shared_ptr<const recognize::FaceRecognizer>> {
      auto loaded = file.load();
      if (!loaded && loaded.error().code != ErrorCode::kNotFound) {
        return std::move(loaded).error();
      }
      FACEPIPE_ASSIGN(recognize::FaceRecognizer recognizer,
                      recognize::FaceRecognizer::create(
                          embedder, manifest, loaded ? *std::move(loaded) : recognize::new_gallery(manifest, mode)));
      return std::make_shared<const recognize::FaceRecognizer>(std::move(recognizer));
    };
    if (const auto network = recognize::CutFaceNetwork::of(models_.pack)) {
      parts.cut_faces = [network] { return network->without_people(); };
    }
    desk_ = std::make_unique<people::PeopleDesk>(std::move(parts));
  }
  [[nodiscard]] Status reconcile() { return desk_->reconcile(); }

 protected:
  Status enrol(const std::string& person, const std::vector<Picture>& pictures) override {
    const Status named = faces_ == FacesAre::kTheirs ? gallery::check_new_name(person) : Status();
    if (!named) {
      for (const Picture& picture : pictures) {
        note_failed(picture.label, named.error().message);
      }
      return {};
    }
    std::vector<people::PictureToAdd> to_add;
    to_add.reserve(pictures.size());
    for (const Picture& picture : pictures) {
      to_add.push_back({picture.label, picture.encoded});
    }
    FACEPIPE_ASSIGN(const people::Added added, take(person, to_add));
    for (const people::PictureOutcome& outcome : added.pictures) {
      if (outcome.refusal != people::Refusal::kNone) {
        note_failed(outcome.label, outcome.message);
        continue;
      }
      summary().added += 1;
      if (!outcome.reasons.empty()) {
        summary().flagged.push_back({.file = outcome.label, .reason = joined(outcome.reasons, ", ")});
      }
    }
    return {};
  }

 private:
  Result<people::Added> take(const std::string& person, const std::vector<people::PictureToAdd>& pictures) {
    if (faces_ == FacesAre::kTheirs) {
      return desk_->add_pictures(person, pictures, options_, kCommandLine);
    }
    FACEPIPE_ASSIGN(const people::PersonId id, desk_->person_id(person));
    return desk_->reject_pictures(id, pictures, options_, kCommandLine);
  }

  Models models_;
  std::unique_ptr<faces::FaceStore> store_;
  const people::AddOptions options_;
  const FacesAre faces_;
  std::unique_ptr<people::PeopleDesk> desk_;
};

// One picture a request: so each is told apart.
class ServerEnrolment final : public PeopleEnrolment {
 public:
  ServerEnrolment(ServerClient server, const EnrolSettings& settings)
      : server_(std::move(server)),
        gallery_(settings.gallery),
        largest_(settings.largest),
        force_(settings.force),
        faces_(settings.faces) {
    max_picture_bytes_ = settings.decode.max_bytes;
  }

 protected:
  Status enrol(const std::string& person, const std::vector<Picture>& pictures) override {
    for (const Picture& picture : pictures) {
      const auto target = target_of(person);
      if (!target) {
        return target.error();
      }
      const auto answer =
          server_.call("POST", *target, form(person, picture), "multipart/form-data; boundary=" + edge_);
      if (!answer && answer.error().code == ErrorCode::kInvalidArgument) {
        constexpr std::string_view kPrefix = "no picture was taken: ";
        const std::string& why = answer.error().message;
        note_failed(picture.label, why.starts_with(kPrefix) ? why.substr(kPrefix.size()) : why);
        continue;
      }
      if (!answer) {
        return answer.error();
      }
      summary().added += 1;
      FACEPIPE_ASSIGN(const JsonDocument json, JsonDocument::parse_object(*answer, {.context = "the server's answer"}));
      FACEPIPE_TRY(json["pictures"].each_item([&](const JsonValue& outcome) {
        std::vector<std::string> reasons;
        Status read = outcome["reasons"].each_item([&](const JsonValue& reason) -> Status {
          reasons.emplace_back(reason.as_string().value_or(""));
          return {};
        });
        if (!reasons.empty()) {
          summary().flagged.push_back({.file = picture.label, .reason = joined(reasons, ", ")});
        }
        return read;
      }));
    }
    return {};
  }

 private:
  // Where pictures of that person are posted.
  Result<std::string> target_of(const std::string& person) {
    const auto id = id_of_person(gallery_, person);
    if (faces_ == FacesAre::kNotTheirs) {
      return id ? Result("/api/people/" + gallery::to_string(*id) + "/reject") : id.error();
    }
    if (id) {
      return "/api/people/" + gallery::to_string(*id) + "/pictures";
    }
    return id.error().code == ErrorCode::kNotFound ? Result<std::string>("/api/people") : id.error();
  }

  std::string form(const std::string& person, const Picture& picture) {
    const auto field = [this](std::string_view name, std::string_view value) {
      return "--" + edge_ + "\r\nContent-Disposition: form-data; name=\"" + std::string(name) + "\"\r\n\r\n" +
             std::string(value) + "\r\n";
    };
    std::string body = field("largest", largest_ ? "true" : "false");
    if (faces_ == FacesAre::kTheirs) {
      body += field("name", person) + field("force", force_ ? "true" : "false");
    }
    body += "--" + edge_ + "\r\nContent-Disposition: form-data; name=\"pictures\"; filename=\"picture\"\r\n\r\n";
    body += as_text(picture.encoded);
    return body + "\r\n--" + edge_ + "--\r\n";
  }

  ServerClient server_;
  const GalleryOption& gallery_;
  const bool largest_;
  const bool force_;
  const FacesAre faces_;
  const std::string edge_ = "facepipe-" + id_text(random_id());
};

Status check_mode(const EnrolSettings& settings) {
  const auto origin = settings.gallery.load_origin();
  if (!origin) {
    return origin.error().code == ErrorCode::kNotFound ? Status() : Status(origin.error());
  }
  if (!settings.mode.empty() && settings.mode != origin->preprocessing.mode) {
    return Error{ErrorCode::kMismatch, settings.gallery.path().string() + " is a gallery in mode \"" +
                                           origin->preprocessing.mode + "\", --mode asks for \"" + settings.mode +
                                           "\": one gallery has one mode"};
  }
  return {};
}

// Whether the server does as the user says: what is kept, and a gallery's mode, are not for it to choose in silence.
Status check_server(ServerClient& server, const EnrolSettings& settings) {
  const std::string who = "the server that has " + settings.gallery.data.string() + " open ";
  if (!settings.named.empty()) {
    complain(joined(settings.named, ", ") + ": not used: " + who + "has its own");
  }
  if (settings.faces == FacesAre::kNotTheirs || (settings.keep && settings.mode.empty())) {
    return {};
  }
  FACEPIPE_ASSIGN(const JsonDocument answer, server.json("GET", "/api/settings"));
  if (!settings.keep && answer["fixed"]["keep"].as_string() != "none") {
    return Error{ErrorCode::kUnavailable,
                 "--keep none: " + who + "keeps enrolled pictures: stop it, or start it with --keep none"};
  }
  const auto mode = answer["mode"].as_string();
  if (!settings.mode.empty() && mode != settings.mode) {
    return Error{ErrorCode::kMismatch, "--mode " + settings.mode + ": " + who + "enrols in mode \"" +
                                           std::string(mode.value_or("")) + "\": stop it to begin another gallery"};
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<PeopleEnrolment>> PeopleEnrolment::open(const EnrolSettings& settings) {
  FACEPIPE_TRY(check_mode(settings));
  FACEPIPE_ASSIGN(auto server, server_of(settings.gallery));
  if (server) {
    FACEPIPE_TRY(check_server(*server, settings));
    return std::unique_ptr<PeopleEnrolment>(new ServerEnrolment(*std::move(server), settings));
  }
  FACEPIPE_ASSIGN(Models models,
                  load_models(settings.pack.folder_for(settings.gallery, settings.mode), settings.detector));
  FACEPIPE_ASSIGN(auto embedder, embed::load_embedder(models.pack));
  FACEPIPE_ASSIGN(const model::Preprocessing mode, choose_mode(settings.mode, models.pack.manifest()));
  FACEPIPE_ASSIGN(auto file, gallery_file(settings.gallery));
  const bool enrols = settings.faces == FacesAre::kTheirs;
  std::unique_ptr<faces::FaceStore> store;
  if (settings.keep) {
    FACEPIPE_ASSIGN(store, open_store(settings.gallery, enrols ? OfNone::kMake : OfNone::kLeave));
  }
  people::DeskParts parts{.gallery = std::move(file), .new_mode = mode, .strangers = settings.strangers.share};
  parts.decode.limits = settings.decode;
  auto enrolment = std::make_unique<DeskEnrolment>(
      std::move(models), std::move(embedder), std::move(store), std::move(parts),
      people::AddOptions{.take_largest = settings.largest, .force = settings.force, .min_confidence = 0},
      settings.faces);
  FACEPIPE_TRY(enrolment->reconcile());
  return std::unique_ptr<PeopleEnrolment>(std::move(enrolment));
}

void PeopleEnrolment::note_failed(const std::string& label, std::string reason) {
  const bool cannot_be_told = reason.starts_with(kCannotBeTold);
  summary_.failed.push_back({.file = label, .reason = std::move(reason), .cannot_be_told = cannot_be_told});
}

Status PeopleEnrolment::add(const std::string& person, const std::string& label, const std::filesystem::path& file) {
  auto content = read_input(file, max_picture_bytes_);
  if (!content) {
    note_failed(label, content.error().message);
    return {};
  }
  if (person != person_ || waiting_.size() >= kAtOnce) {
    FACEPIPE_TRY(finish());
  }
  person_ = person;
  waiting_.push_back({label, *std::move(content)});
  return {};
}

Status PeopleEnrolment::finish() {
  const std::vector<Picture> pictures = std::exchange(waiting_, {});
  return pictures.empty() ? Status() : enrol(person_, pictures);
}

}  // namespace facepipe::app
