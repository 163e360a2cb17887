// A file that is followed as others change it: loaded anew when it has changed, tried again when that failed.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>

#include "base/file.h"
#include "base/result.h"

namespace facepipe {

// When to load. Not thread-safe. A version counts as loaded once it is loaded, never before.
class FileFollower {
 public:
  using Time = std::chrono::steady_clock::time_point;
  enum class Need { kNothing, kLoad, kLater };

  // kNothing: the file is the one that was loaded. kLater: it is another, whose loading failed a moment ago.
  [[nodiscard]] Need need(const FileVersion& now, Time time);
  // Since when the file has been known to be another than the loaded one.
  [[nodiscard]] std::optional<Time> outdated_since() const { return outdated_since_; }

  // True: this version was loaded before, and this was the second look at it. `wall`: the time by which files are
  // stamped.
  bool loaded(const FileVersion& version, Time time,
              std::chrono::system_clock::time_point wall = std::chrono::system_clock::now());
  // What was loaded is newer than what was loaded before, but the file has changed again since `began`.
  void overtaken(Time began);
  void failed(const FileVersion& version, Time began, Time time);

 private:
  std::optional<FileVersion> loaded_;
  std::optional<Time> second_look_;  // at loaded_
  std::optional<FileVersion> failed_;
  Time retry_at_;
  std::optional<Time> outdated_since_;
};

// The pause after a load that failed: ten times what it took, within these. A change of the file ends it.
inline constexpr std::chrono::milliseconds kShortestLoadPause{100};
inline constexpr std::chrono::milliseconds kLongestLoadPause{5'000};

// A T that is made of a file. Thread-safe; nothing is loaded but in look(), by one thread at a time, and no lock that
// others need is held meanwhile. The file is another when anything of FileVersion differs; what changed while it was
// read does not count as loaded. A change within a tick of the file system's clock after a load (50 ms; 2 s where times
// are whole seconds) cannot be told by that: such a file is loaded once more when the tick is over.
template <typename T>
class LiveFile {
 public:
  using Load = std::function<Result<T>()>;
  struct Events {                              // called in look(); either may be empty
    std::function<void(const T&)> loaded;      // another version than before is loaded, or trouble is over
    std::function<void(const Error&)> failed;  // it cannot be, once for as long as the error is the same
  };
  struct Look {
    std::shared_ptr<const T> value;  // what was loaded last; never null
    // Nothing: that is the file as it is now. Else since when it is known that it is not: it is being loaded by another
    // thread, or cannot be loaded.
    std::optional<FileFollower::Time> outdated_since;
  };
  enum class Meanwhile { kWait, kGoOn };  // while another thread loads

  // Loads it for the first time; that error is the caller's.
  [[nodiscard]] static Result<std::unique_ptr<LiveFile>> open(std::filesystem::path file, Load load, Events events) {
    std::unique_ptr<LiveFile> live(new LiveFile(std::move(file), std::move(load), std::move(events)));
    FACEPIPE_TRY(live->load(/*first=*/true));
    return live;
  }

  [[nodiscard]] Look look(Meanwhile meanwhile) {
    if (auto known = known_now()) {
      return *std::move(known);
    }
    std::unique_lock loading(loading_, std::defer_lock);
    if (meanwhile == Meanwhile::kWait) {
      loading.lock();
    } else if (!loading.try_lock()) {
      const std::lock_guard lock(mutex_);
      return {value_, follower_.outdated_since()};
    }
    if (auto known = known_now()) {  // another thread has loaded it meanwhile
      return *std::move(known);
    }
    static_cast<void>(load(/*first=*/false));
    const std::lock_guard lock(mutex_);
    return {value_, follower_.outdated_since()};
  }

 private:
  LiveFile(std::filesystem::path file, Load load, Events events)
      : file_(std::move(file)), load_(std::move(load)), events_(std::move(events)) {}

  static FileFollower::Time time() { return std::chrono::steady_clock::now(); }

  // Nothing: it is to be loaded.
  std::optional<Look> known_now() {
    const FileVersion now = version_of(file_);
    std::unique_lock lock(mutex_);
    const FileFollower::Need need = follower_.need(now, time());
    if (need == FileFollower::Need::kLoad) {
      return std::nullopt;
    }
    Look look{value_, follower_.outdated_since()};
    const bool recovered = need == FileFollower::Need::kNothing && std::exchange(last_error_, std::nullopt).has_value();
    lock.unlock();
    if (recovered && events_.loaded) {  // what could not be loaded is gone, and the file as before: none
      events_.loaded(*look.value);
    }
    return look;
  }

  // Under loading_.
  Status load(bool first) {
    constexpr int kTries = 3;  // of a file that changes faster than it is read
    Error error{ErrorCode::kUnavailable, file_.string() + " changes while it is read"};
    FileVersion before;
    const FileFollower::Time began = time();
    for (int i = 0; i < kTries; ++i) {
      const FileFollower::Time try_began = time();
      before = version_of(file_);
      auto loaded = load_();
      const bool same = before == version_of(file_);
      if (loaded && before.known()) {
        take(std::make_shared<const T>(std::move(loaded).value()), before, same, try_began);
        if (same) {
          return {};
        }
      } else if (!loaded && same) {
        error = std::move(loaded).error();
        break;
      }
    }
    bool told = first;
    {
      const std::lock_guard lock(mutex_);
      follower_.failed(before, began, time());
      told = told || last_error_ == error.message;
      last_error_ = error.message;
    }
    if (!told && events_.failed) {
      events_.failed(error);
    }
    return error;
  }

  void take(std::shared_ptr<const T> value, const FileVersion& version, bool same, FileFollower::Time began) {
    bool tell = false;
    {
      const std::lock_guard lock(mutex_);
      value_.swap(value);  // the old one ends after the lock
      if (same) {
        const bool again = follower_.loaded(version, time());
        const bool recovered = std::exchange(last_error_, std::nullopt).has_value();
        tell = (!again || recovered) && opened_;
        opened_ = true;
      } else {
        follower_.overtaken(began);
      }
    }
    if (tell && events_.loaded) {
      events_.loaded(*value_);
    }
  }

  const std::filesystem::path file_;
  const Load load_;
  const Events events_;
  std::mutex loading_;  // taken before mutex_, held while load_ runs
  std::mutex mutex_;    // guards what follows
  FileFollower follower_;
  std::shared_ptr<const T> value_;
  std::optional<std::string> last_error_;
  bool opened_ = false;
};

}  // namespace facepipe
