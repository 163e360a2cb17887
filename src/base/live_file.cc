// Tested by live_file_test.cc.
#include "base/live_file.h"

#include <algorithm>

namespace facepipe {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

// How long a change may leave no trace in the file's times. Linux stamps files with a clock that ticks every 1 to 10
// ms; a file system without fractions of a second shows it by their absence.
milliseconds tick_of(const FileVersion& version) {
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  constexpr milliseconds kFine{50};
  constexpr milliseconds kCoarse{2'000};
  return version.error == 0 && version.changed_ns % kNanoseconds == 0 ? kCoarse : kFine;
}

bool changed_just_now(const FileVersion& version, std::chrono::system_clock::time_point now) {
  const auto age = std::chrono::duration_cast<nanoseconds>(now.time_since_epoch()) - nanoseconds(version.changed_ns);
  // A file that is not there tells no time.
  return version.error != 0 || std::chrono::abs(age) < tick_of(version);
}

}  // namespace

FileFollower::Need FileFollower::need(const FileVersion& now, Time time) {
  if (loaded_ == now) {
    outdated_since_.reset();
    return second_look_ && time >= *second_look_ ? Need::kLoad : Need::kNothing;
  }
  outdated_since_ = outdated_since_.value_or(time);
  return failed_ == now && time < retry_at_ ? Need::kLater : Need::kLoad;
}

bool FileFollower::loaded(const FileVersion& version, Time time, std::chrono::system_clock::time_point wall) {
  const bool again = loaded_ == version;
  loaded_ = version;
  failed_.reset();
  outdated_since_.reset();
  second_look_.reset();
  if (!again && changed_just_now(version, wall)) {
    second_look_ = time + tick_of(version);
  }
  return again;
}

void FileFollower::overtaken(Time began) {
  loaded_.reset();
  outdated_since_ = began;
}

void FileFollower::failed(const FileVersion& version, Time began, Time time) {
  if (loaded_ == version) {  // at the second look: what was loaded at the first may be another content
    loaded_.reset();
  }
  failed_ = version;
  outdated_since_ = outdated_since_.value_or(began);
  retry_at_ = time + std::clamp<nanoseconds>(10 * (time - began), kShortestLoadPause, kLongestLoadPause);
}

}  // namespace facepipe
