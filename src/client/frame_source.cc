// Tested by frame_source_test.cc.
#include "client/frame_source.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/file.h"

namespace facepipe::client {
namespace {

bool is_picture(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  constexpr std::array<std::string_view, 4> kExtensions = {".jpg", ".jpeg", ".png", ".webp"};
  return std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
}

bool is_hidden(const std::filesystem::path& path) {
  return path.filename().string().starts_with('.');
}

Status walk(const std::filesystem::path& folder, std::vector<FrameFile>& frames) {
  std::error_code error;
  std::vector<FrameFile> found;
  std::filesystem::recursive_directory_iterator entry(folder, error);
  while (!error && entry != std::filesystem::recursive_directory_iterator()) {
    if (is_hidden(entry->path())) {
      entry.disable_recursion_pending();
    } else if (std::error_code ignored; entry->is_regular_file(ignored) && is_picture(entry->path())) {
      found.push_back({entry->path(), entry->path().lexically_relative(folder)});
    }
    entry.increment(error);
  }
  if (error) {
    return Error{ErrorCode::kPermission, "cannot read the folder " + folder.string() + ": " + error.message()};
  }
  std::sort(found.begin(), found.end(), [](const FrameFile& a, const FrameFile& b) { return a.path < b.path; });
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

Result<std::vector<FrameFile>> list_frames(std::span<const std::filesystem::path> inputs) {
  std::vector<FrameFile> frames;
  for (const std::filesystem::path& input : inputs) {
    std::error_code ignored;
    if (std::filesystem::is_directory(input, ignored)) {
      FACEPIPE_TRY(walk(input, frames));
    } else {
      frames.push_back({input, input == "-" ? "stdin" : input.filename()});
    }
  }
  FACEPIPE_TRY(check_streams(inputs));
  if (frames.empty()) {
    return Error{ErrorCode::kNotFound, "no picture (.jpg, .jpeg, .png, .webp) in what was given"};
  }
  return frames;
}

}  // namespace facepipe::client
