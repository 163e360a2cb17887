// Tested by frame_source_test.cc.
#include "client/frame_source.h"

#include <algorithm>
#include <set>
#include <system_error>

#include "base/file.h"
#include "image/picture_file.h"

namespace facepipe::client {
namespace {

bool is_hidden(const std::filesystem::path& path) {
  return path.filename().string().starts_with('.');
}

Status walk(const std::filesystem::path& folder, std::vector<FrameFile>& frames,
            std::vector<std::filesystem::path>& left_out) {
  std::error_code error;
  std::vector<FrameFile> found;
  std::vector<std::filesystem::path> others;
  std::filesystem::recursive_directory_iterator entry(folder, error);
  while (!error && entry != std::filesystem::recursive_directory_iterator()) {
    if (is_hidden(entry->path())) {
      entry.disable_recursion_pending();
    } else if (std::error_code ignored; !entry->is_directory(ignored)) {
      if (image::picture_kind_of_file(entry->path()) == image::PictureKind::kReadable) {
        found.push_back({entry->path(), entry->path().lexically_relative(folder)});
      } else {
        others.push_back(entry->path());
      }
    }
    entry.increment(error);
  }
  if (error) {
    return Error{ErrorCode::kPermission, "cannot read the folder " + folder.string() + ": " + error.message()};
  }
  std::sort(found.begin(), found.end(), [](const FrameFile& a, const FrameFile& b) { return a.path < b.path; });
  std::sort(others.begin(), others.end());
  left_out.insert(left_out.end(), std::make_move_iterator(others.begin()), std::make_move_iterator(others.end()));
  frames.insert(frames.end(), std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
  return {};
}

// What can be read but once is named but once.
Status check_streams(std::span<const std::filesystem::path> inputs) {
  std::set<std::filesystem::path> streams;
  for (const std::filesystem::path& input : inputs) {
    const bool standard = input == "-" || input == "/dev/stdin" || input == "/dev/fd/0" || input == "/proc/self/fd/0";
    if (is_given_stream(input) && !streams.insert(standard ? "-" : input).second) {
      return Error{ErrorCode::kInvalidArgument, input.string() + ": expected once, since it is read to its end"};
    }
  }
  return {};
}

}  // namespace

Result<std::vector<FrameFile>> list_frames(std::span<const std::filesystem::path> inputs,
                                           std::vector<std::filesystem::path>* left_out) {
  std::vector<std::filesystem::path> unseen;
  std::vector<std::filesystem::path>& others = left_out != nullptr ? *left_out : unseen;
  std::vector<FrameFile> frames;
  for (const std::filesystem::path& input : inputs) {
    std::error_code ignored;
    if (std::filesystem::is_directory(input, ignored)) {
      FACEPIPE_TRY(walk(input, frames, others));
    } else {
      frames.push_back({input, input == "-" ? "stdin" : input.filename()});
    }
  }
  FACEPIPE_TRY(check_streams(inputs));
  if (frames.empty()) {
    return Error{ErrorCode::kNotFound, "no picture (JPEG, PNG, WebP) in what was given"};
  }
  return frames;
}

}  // namespace facepipe::client
