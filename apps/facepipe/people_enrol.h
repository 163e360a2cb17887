// Enrolment by the people commands, and its opposite: on a data folder that nobody has open, with the pictures kept; or
// by the server that has it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "command.h"
#include "people/people_folder.h"

namespace facepipe::app {

// What the faces of pictures are to the person.
enum class FacesAre { kTheirs, kNotTheirs };

struct EnrolSettings {
  const GalleryOption& gallery;
  const PackOption& pack;
  const StrangersOption& strangers;
  detect::DetectorOptions detector;
  std::string mode;  // of a new gallery; empty: the pack's own
  bool largest = false;
  bool force = false;
  bool keep = true;  // pictures
  image::DecodeLimits decode;
  FacesAre faces = FacesAre::kTheirs;  // kNotTheirs: they are rejected (PeopleDesk::reject_pictures), and none is kept
  // What the user named of the above that a server has its own of: those are told not to be used where one enrols.
  std::vector<std::string> named = {};
};

// One thread at a time.
class PeopleEnrolment {
 public:
  // kMismatch for a gallery of another mode than the one that is asked for, or a server that would begin one of
  // another; kUnavailable for a server that keeps pictures where none is to be; errors of the pack, the store, the
  // server.
  [[nodiscard]] static Result<std::unique_ptr<PeopleEnrolment>> open(const EnrolSettings& settings);
  PeopleEnrolment() = default;
  PeopleEnrolment(const PeopleEnrolment&) = delete;
  PeopleEnrolment& operator=(const PeopleEnrolment&) = delete;
  virtual ~PeopleEnrolment() = default;

  // A picture for the person. What is wrong with it is noted in the summary; an error ends the work, and what was taken
  // before stays.
  [[nodiscard]] Status add(const std::string& person, const std::string& label, const std::filesystem::path& file);
  // Enrols what waits.
  [[nodiscard]] Status finish();
  [[nodiscard]] people::EnrolSummary& summary() { return summary_; }

 protected:
  struct Picture {
    std::string label;
    Bytes encoded;
  };
  // Enrols (or rejects) pictures of one person and notes what became of them.
  [[nodiscard]] virtual Status enrol(const std::string& person, const std::vector<Picture>& pictures) = 0;
  void note_failed(const std::string& label, std::string reason);

  std::size_t max_picture_bytes_ = image::DecodeLimits{}.max_bytes;

 private:
  std::string person_;            // whose pictures wait
  std::vector<Picture> waiting_;  // at most kAtOnce of one person
  people::EnrolSummary summary_;
};

}  // namespace facepipe::app
