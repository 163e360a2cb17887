// Tested by enrol_test.cc and pipeline_golden_test.cc.
#include "recognize/enrol.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "image/picture_file.h"
#include "recognize/recognizer.h"

namespace facepipe::recognize {
namespace {

// Marks the error of a face whose quality is refused.
constexpr char kCannotBeTold = 0;

namespace fs = std::filesystem;

// The entries of a folder by name, hidden ones left out.
Result<std::vector<fs::path>> sorted_entries(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> entries;
  for (fs::directory_iterator it(folder, error); !error && it != fs::directory_iterator(); it.increment(error)) {
    if (!it->path().filename().string().starts_with('.')) {
      entries.push_back(it->path());
    }
  }
  if (error) {
    const bool missing = error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory;
    return Error{missing                                 ? ErrorCode::kNotFound
                 : error == std::errc::permission_denied ? ErrorCode::kPermission
                                                         : ErrorCode::kUnavailable,
                 "cannot list " + folder.string() + ": " + error.message()};
  }
  std::sort(entries.begin(), entries.end());
  return entries;
}

// A file where none should be: a picture is a failure, anything else is nothing to anybody.
void note_file(const std::string& label, const fs::path& file, const char* reason, EnrolSummary& summary) {
  if (image::picture_kind_of_file(file) == image::PictureKind::kNone) {
    summary.skipped.push_back({.file = label, .reason = "not a picture"});
  } else {
    summary.failed.push_back({.file = label, .reason = reason});
  }
}

// Can the options' network make embeddings for the companion?
bool fits_companion(const gallery::KnownPeople& people, const model::Manifest& manifest, const EnrolOptions& options) {
  if (people.companion() == nullptr || options.cut_faces == nullptr || manifest.cut_faces == nullptr) {
    return false;
  }
  return check_model(*people.companion(), *manifest.cut_faces).has_value();
}

bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

Status walk_person_folder(const fs::path& folder, EnrolSummary& summary, const TakePicture& take) {
  const std::string name = folder.filename().string();
  FACEPIPE_ASSIGN(const auto files, sorted_entries(folder));
  std::size_t pictures = 0;
  for (const fs::path& file : files) {
    const std::string label = name + "/" + file.filename().string();
    if (is_folder(file)) {
      summary.failed.push_back({.file = label, .reason = "a folder inside a person's folder"});
    } else if (image::picture_kind_of_file(file) == image::PictureKind::kNone) {
      summary.skipped.push_back({.file = label, .reason = "not a picture"});
    } else {
      ++pictures;
      FACEPIPE_TRY(take(name, label, file));
    }
  }
  if (pictures == 0) {
    summary.skipped.push_back({.file = name, .reason = "a person's folder without a picture"});
  }
  return {};
}

}  // namespace

Status walk_people_folder(const fs::path& folder, EnrolSummary& summary, const TakePicture& take) {
  FACEPIPE_ASSIGN(const auto people, sorted_entries(folder));
  for (const fs::path& person : people) {
    if (is_folder(person)) {
      FACEPIPE_TRY(walk_person_folder(person, summary, take));
    } else {
      note_file(person.filename().string(), person, "not in a person's folder", summary);
    }
  }
  return {};
}

Result<Enroller> Enroller::create(gallery::KnownPeople& people, const model::Manifest& manifest,
                                  const detect::Detector& detector, const embed::Embedder& embedder,
                                  EnrolOptions options, const embed::AlignmentKinds& alignments) {
  const gallery::Gallery& gallery = people.gallery();
  FACEPIPE_TRY(check_model(gallery, manifest));
  FACEPIPE_TRY(alignments.find(gallery.origin().preprocessing.alignment));
  people.settings().adopt_model_id(manifest.model_id);
  options.faces_per_run = std::clamp<std::size_t>(options.faces_per_run, 1, kMaxFacesPerRun);
  const auto rule = naming_rule(gallery, manifest);  // others go on as they were begun
  if (rule && gallery.people().empty() && options.cut_faces && manifest.cut_faces) {
    const model::Manifest& second = *manifest.cut_faces;
    people.begin_companion({second.model_id, second.preprocessing, second.embedding_size});
  }
  if (!fits_companion(people, manifest, options)) {
    options.cut_faces = nullptr;
  }
  return Enroller(people, detector, embedder, options, alignments, rule);
}

Result<Enroller::Inputs> Enroller::inputs_of(const Probe& probe) const {
  Inputs inputs;
  FACEPIPE_ASSIGN(inputs.own, make_input(probe, people_->gallery().origin().preprocessing, *alignments_));
  if (options_.cut_faces) {
    FACEPIPE_ASSIGN(inputs.cut, make_input(probe, people_->companion()->origin().preprocessing, *alignments_));
  }
  return inputs;
}

Result<Enroller::Found> Enroller::face_of(ByteView encoded) const {
  FACEPIPE_ASSIGN(image::RgbImage picture, image::decode_image(encoded, options_.decode));
  Probe probe{std::move(picture), std::nullopt};
  FACEPIPE_ASSIGN(const detect::Detection found, detector_->detect(probe.pixels.view()));
  if (found.faces.empty()) {
    return Error{ErrorCode::kNotFound, "no face found"};
  }
  if (found.faces.size() > 1 && !options_.take_largest) {
    return Error{ErrorCode::kInvalidData, "expected one face, found " + std::to_string(found.faces.size())};
  }
  probe.box = found.faces.front().box;  // the largest comes first
  probe.landmarks = found.faces.front().landmarks;
  FACEPIPE_ASSIGN(Inputs inputs, inputs_of(probe));
  return Found{std::move(inputs), assess(probe, {.confidence = found.faces.front().confidence, .shorter_side_px = {}})};
}

Status Enroller::check(const Quality& quality) const {
  if (judges_ && !may_be_enrolled(quality) && !options_.force) {
    return Error{ErrorCode::kInvalidData, "a face that cannot be told: " + describe(quality), {&kCannotBeTold, 0}};
  }
  return {};
}

Result<Enroller::Found> Enroller::good_face_of(ByteView encoded) const {
  FACEPIPE_ASSIGN(Found found, face_of(encoded));
  FACEPIPE_TRY(check(found.quality));
  return found;
}

void Enroller::note_failure(const std::string& label, const Error& error) {
  summary_.failed.push_back({label, error.message, error.detail.domain == &kCannotBeTold});
}

Result<FaceEmbeddings> Enroller::embed_face(ByteView encoded) const {
  FACEPIPE_ASSIGN(const Found found, face_of(encoded));
  const Inputs* const inputs = &found.inputs;
  FACEPIPE_ASSIGN(auto embeddings, embed_inputs({&inputs, 1}));
  return std::move(embeddings.front());
}

Result<std::vector<FaceEmbeddings>> Enroller::embed_inputs(std::span<const Inputs* const> faces) const {
  std::vector<FaceEmbeddings> embeddings(faces.size());
  std::vector<image::RgbView> views(faces.size());
  std::ranges::transform(faces, views.begin(), [](const Inputs* face) { return face->own.view(); });
  FACEPIPE_ASSIGN(auto own, run_network(*embedder_, views, people_->gallery().origin().preprocessing));
  for (std::size_t i = 0; i < faces.size(); ++i) {
    embeddings[i].own = std::move(own[i].embedding);
    embeddings[i].norm = own[i].norm;
  }
  if (options_.cut_faces) {
    std::ranges::transform(faces, views.begin(), [](const Inputs* face) { return face->cut.view(); });
    FACEPIPE_ASSIGN(auto cut, run_network(*options_.cut_faces, views, people_->companion()->origin().preprocessing));
    for (std::size_t i = 0; i < faces.size(); ++i) {
      embeddings[i].cut = std::move(cut[i].embedding);
    }
  }
  return embeddings;
}

Status Enroller::add(std::string_view person, std::string_view label, ByteView encoded) {
  const Status named = gallery::check_new_name(person);
  auto found = named ? good_face_of(encoded) : named.error();
  if (!found) {
    note_failure(std::string(label), found.error());
    return {};
  }
  waiting_.push_back({std::string(person), std::string(label), std::move(found->inputs), std::move(found->quality)});
  return waiting_.size() < options_.faces_per_run ? Status{} : embed_waiting();
}

Status Enroller::add_file(std::string_view person, const std::string& label, const fs::path& file) {
  const auto content = read_input(file, options_.decode.limits.max_bytes);
  if (!content) {
    summary_.failed.push_back({.file = label, .reason = content.error().message});
    return {};
  }
  return add(person, label, *content);
}

Status Enroller::add_files(std::string_view person, std::span<const fs::path> files) {
  for (const fs::path& file : files) {
    FACEPIPE_TRY(add_file(person, file.string(), file));
  }
  return {};
}

Status Enroller::add_folder(const fs::path& folder) {
  return walk_people_folder(folder, summary_,
                            [this](const std::string& person, const std::string& label, const fs::path& file) {
                              return add_file(person, label, file);
                            });
}

Status Enroller::embed_waiting() {
  std::vector<Waiting> batch = std::exchange(waiting_, {});
  if (batch.empty()) {
    return {};
  }
  std::vector<const Inputs*> faces;
  faces.reserve(batch.size());
  for (const Waiting& waiting : batch) {
    faces.push_back(&waiting.inputs);
  }
  FACEPIPE_ASSIGN(const auto embeddings, embed_inputs(faces));
  for (std::size_t i = 0; i < batch.size(); ++i) {
    Waiting& waiting = batch[i];
    if (judges_) {
      add_norm(embeddings[i].norm, norm_limits_, waiting.quality);
    }
    Status added = check(waiting.quality);
    if (added) {
      added = people_->add(waiting.person, embeddings[i].own, embeddings[i].cut);
    }
    if (!added) {
      note_failure(waiting.label, added.error());
      continue;
    }
    summary_.added += 1;
    if (judges_ && !waiting.quality.flaws.empty()) {
      summary_.flagged.push_back({.file = waiting.label, .reason = describe(waiting.quality)});
    }
  }
  return {};
}

Result<EnrolSummary> Enroller::finish() {
  FACEPIPE_TRY(embed_waiting());
  return std::exchange(summary_, {});
}

}  // namespace facepipe::recognize
