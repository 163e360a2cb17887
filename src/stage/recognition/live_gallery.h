// The gallery file of a running server, followed as the people commands change it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "base/live_file.h"
#include "base/log.h"
#include "base/result.h"
#include "base/seal.h"
#include "recognize/recognizer.h"
#include "stage/recognition/recognition_model.h"
#include "stage/recognition/recognizer_source.h"

namespace facepipe::stage {

// How long faces are still named by a gallery that is known to be outdated, because a changed one is being loaded or
// cannot be. Long enough for a copy that somebody is making over it, short enough for a person who was removed.
inline constexpr std::chrono::milliseconds kOutdatedGalleryGrace{10'000};

// How often a gallery's file is looked at while nobody asks for a recogniser.
inline constexpr std::chrono::milliseconds kLookAtGalleryEvery{1'000};

// Thread-safe. The logger outlives it. The file is looked at whenever a recogniser is asked for, and
// once a second beside; a changed one is loaded by the thread that sees it, the others go on with the one before.
class LiveGallery final : public RecognizerSource {
 public:
  using Load = std::function<Result<recognize::FaceRecognizer>()>;

  // What an absent file is: an empty gallery in the pack's own mode, of a server to which nobody was added yet; or one
  // that cannot be loaded.
  enum class Absent { kNobody, kError };
  // One whose name ends in .pt is the Python original's. Errors as load_either_gallery, and kMismatch for a gallery
  // that the pack's model did not make. `key` opens an encrypted one.
  [[nodiscard]] static Result<std::unique_ptr<LiveGallery>> open(const std::filesystem::path& file,
                                                                 std::optional<SealingKey> key, RecognitionModel model,
                                                                 Absent absent, Logger& logger);
  // The same with any way to load the file, and any times.
  [[nodiscard]] static Result<std::unique_ptr<LiveGallery>> open(const std::filesystem::path& file, Load load,
                                                                 std::chrono::milliseconds grace,
                                                                 std::chrono::milliseconds look_every, Logger& logger);
  LiveGallery(const LiveGallery&) = delete;
  LiveGallery& operator=(const LiveGallery&) = delete;
  ~LiveGallery() override;

  // While another thread loads a changed file, and when it cannot be loaded, the last good one for
  // kOutdatedGalleryGrace; then it waits until the file can be loaded, since whoever was removed must not be named for
  // ever. The error: stop() ended the wait.
  Result<std::shared_ptr<const recognize::FaceRecognizer>> current() override;

  // The same, but waits for a load under way: never older than a change of the file that was done before the call.
  Result<std::shared_ptr<const recognize::FaceRecognizer>> newest();

  // False from a load that failed until one succeeds. Looks at nothing, returns at once.
  [[nodiscard]] bool healthy() const { return healthy_; }
  // Of the gallery in use: its people, and the distance up to which somebody is named in millionths, -1 where it is
  // always the nearest. Return at once.
  [[nodiscard]] std::int64_t people() const { return people_; }
  [[nodiscard]] std::int64_t threshold_millionths() const { return threshold_millionths_; }
  // Times that a changed file could not be loaded.
  [[nodiscard]] std::int64_t failures() const { return failures_; }

  // No current() waits any longer. Idempotent.
  void stop();

 private:
  LiveGallery(std::chrono::milliseconds grace, std::chrono::milliseconds look_every, Logger& logger)
      : grace_(grace), look_every_(look_every), logger_(logger) {}
  Result<std::shared_ptr<const recognize::FaceRecognizer>> recognizer(
      LiveFile<recognize::FaceRecognizer>::Meanwhile meanwhile);
  void watch();
  void note(const recognize::FaceRecognizer& recognizer);
  // True: stop() was called.
  bool pause(std::chrono::milliseconds time);

  const std::chrono::milliseconds grace_;
  const std::chrono::milliseconds look_every_;
  Logger& logger_;
  std::unique_ptr<LiveFile<recognize::FaceRecognizer>> file_;
  std::atomic<bool> healthy_ = true;
  std::atomic<std::int64_t> failures_ = 0;
  std::atomic<std::int64_t> people_ = 0;
  std::atomic<std::int64_t> threshold_millionths_ = -1;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;  // guarded by mutex_
  std::thread watcher_;   // last: it uses all of the above
};

}  // namespace facepipe::stage
