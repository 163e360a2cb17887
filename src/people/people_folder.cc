// Tested by people_folder_test.cc.
#include "people/people_folder.h"

#include <algorithm>
#include <system_error>
#include <vector>

#include "image/picture_file.h"

namespace facepipe::people {
namespace {

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

}  // namespace facepipe::people
