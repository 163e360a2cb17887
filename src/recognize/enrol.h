// Adds people to a gallery from pictures of them.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "detect/detector.h"
#include "embed/alignment.h"
#include "embed/embedder.h"
#include "gallery/known_people.h"
#include "image/decode.h"
#include "model/model_pack.h"
#include "recognize/naming.h"
#include "recognize/quality.h"

namespace facepipe::recognize {

struct EnrolOptions {
  bool take_largest = false;  // of several faces in a picture; false: such a picture is refused
  bool force = false;         // faces that cannot be told are enrolled all the same, in a gallery that refuses them
  image::DecodeOptions decode;
  std::size_t faces_per_run = 8;  // of the network; at least 1
  // The pack's network for cut faces, for the companion of the people. Null: a companion falls behind.
  std::shared_ptr<const embed::Embedder> cut_faces = nullptr;
};

// Of one face.
struct FaceEmbeddings {
  embed::Embedding own;
  std::optional<float> norm;  // of it, as the network tells it (embed::MeasuredEmbedding)
  embed::Embedding cut;       // by the network for cut faces; empty without a companion
};

struct EnrolFailure {
  std::string file;
  std::string reason;
  bool cannot_be_told = false;  // of a face whose quality is refused: the picture is as good a picture as any
};

struct EnrolSummary {
  std::size_t added = 0;
  std::vector<EnrolFailure> flagged;  // pictures that were taken with the flaws that are named
  std::vector<EnrolFailure> failed;   // pictures that gave no embedding, in order; the others were added
  std::vector<EnrolFailure> skipped;  // what a folder holds and is no picture, and people's folders without a picture
};

// A folder of folders: each one's name is a person's, its files are pictures ("ada/1.jpg"). In the order of names;
// hidden entries are left out; what is no picture (image/picture_file.h) and a folder without any are noted as
// skipped; a picture beside the folders and a folder inside them as failed. `take` gets each picture, labelled as its
// place in the folder, until it fails. kNotFound or kPermission for a folder that cannot be listed.
using TakePicture =
    std::function<Status(const std::string& person, const std::string& label, const std::filesystem::path& file)>;
[[nodiscard]] Status walk_people_folder(const std::filesystem::path& folder, EnrolSummary& summary,
                                        const TakePicture& take);

// Collects pictures, embeds them in the gallery's mode some at a time, and adds them. One thread at a time.
class Enroller {
 public:
  // FaceRecognizer::create's errors. A gallery that names no model adopts the manifest's; one with a naming rule and
  // without people begins a companion, where the pack has a network for cut faces and the options bring it. All but the
  // manifest and the options outlive this, and `people` must not be changed otherwise meanwhile.
  [[nodiscard]] static Result<Enroller> create(gallery::KnownPeople& people, const model::Manifest& manifest,
                                               const detect::Detector& detector, const embed::Embedder& embedder,
                                               EnrolOptions options = {},
                                               const embed::AlignmentKinds& alignments = embed::alignment_kinds());

  // One encoded picture of `person`, with exactly one face in it (or at least one, with take_largest). What is wrong
  // with the picture or the name is noted in the summary under `label`; an error is the network's, and ends the work.
  // A gallery with a naming rule refuses a face that cannot be told (quality.h).
  [[nodiscard]] Status add(std::string_view person, std::string_view label, ByteView encoded);
  // The same for files, the labels being their paths. A file that cannot be read is noted as well.
  [[nodiscard]] Status add_files(std::string_view person, std::span<const std::filesystem::path> files);
  // Those of a folder of folders: walk_people_folder, and its errors.
  [[nodiscard]] Status add_folder(const std::filesystem::path& folder);
  // Of the face that add() would take, whatever its quality. Its errors say what is wrong.
  [[nodiscard]] Result<FaceEmbeddings> embed_face(ByteView encoded) const;
  // Embeds what is still waiting and tells what became of everything since the last call.
  [[nodiscard]] Result<EnrolSummary> finish();

 private:
  struct Inputs {
    image::RgbImage own;
    image::RgbImage cut;  // empty without a companion
  };
  struct Waiting {
    std::string person;
    std::string label;
    Inputs inputs;
    Quality quality;
  };
  Enroller(gallery::KnownPeople& people, const detect::Detector& detector, const embed::Embedder& embedder,
           const EnrolOptions& options, const embed::AlignmentKinds& alignments, const std::optional<NamingRule>& rule)
      : people_(&people),
        detector_(&detector),
        embedder_(&embedder),
        alignments_(&alignments),
        options_(options),
        judges_(rule.has_value()),
        norm_limits_(rule ? rule->norm : std::nullopt) {}
  struct Found {
    Inputs inputs;
    Quality quality;
  };
  [[nodiscard]] Result<Inputs> inputs_of(const Probe& probe) const;
  [[nodiscard]] Result<Found> face_of(ByteView encoded) const;
  // Error where the gallery's rule refuses it.
  [[nodiscard]] Status check(const Quality& quality) const;
  // A face that the gallery's rule refuses is an error.
  [[nodiscard]] Result<Found> good_face_of(ByteView encoded) const;
  void note_failure(const std::string& label, const Error& error);
  [[nodiscard]] Status add_file(std::string_view person, const std::string& label, const std::filesystem::path& file);
  // One a face, in order.
  [[nodiscard]] Result<std::vector<FaceEmbeddings>> embed_inputs(std::span<const Inputs* const> faces) const;
  [[nodiscard]] Status embed_waiting();

  gallery::KnownPeople* people_;
  const detect::Detector* detector_;
  const embed::Embedder* embedder_;
  const embed::AlignmentKinds* alignments_;
  EnrolOptions options_;
  bool judges_;  // looks at the quality
  std::optional<model::NormLimits> norm_limits_;
  std::vector<Waiting> waiting_;
  EnrolSummary summary_;
};

}  // namespace facepipe::recognize
