// Where face-recognition's gallery comes from, and its companion for cut faces: files, or objects of S3 that are looked
// at again while the function runs.
#pragma once

#include <chrono>
#include <memory>

#include "aws/s3/s3_object.h"
#include "aws/signing/credentials.h"
#include "aws/signing/sigv4.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "config.h"
#include "gallery/gallery.h"
#include "stage/recognition/recognition_model.h"
#include "stage/recognition/recognizer_source.h"

namespace facepipe::lambda_app {

// How long names still come from a gallery that is known to be outdated, because the changed one cannot be loaded. Then
// the batches fail, so that their faces wait on the queue: whoever was removed must not be named for ever.
inline constexpr std::chrono::seconds kOutdatedGalleryGrace{60};

// Not thread-safe.
class GallerySource final : public stage::RecognizerSource {
 public:
  // Loads the whole gallery; its companion, of a file or of the object KEY.cut, when a cut face comes. The object's
  // bytes are fetched with the gallery all the same, where the pack has a network for cut faces and the gallery a
  // naming rule: later they might be those of another gallery, and an invocation would wait for them. A file whose name
  // ends in .pt is the Python original's, imported in classic mode; any other, and every object, is ours. Errors name
  // the file or object, and FACEPIPE_GALLERY; a companion is never one, look() has what becomes of it. What is taken
  // into use is logged, "gallery". Clock and logger outlive the source.
  [[nodiscard]] static Result<GallerySource> open(const Config& config, stage::RecognitionModel model,
                                                  const Clock& clock, Logger& logger);

  // Takes the gallery or the companion into use that has been put in the object's place since. False: the gallery is a
  // file, refreshing is off, it is not yet time to look again, or the objects are those in use. A version that is no
  // gallery, or that the model refuses, is an error and read again, after kRetryBad or the interval, whichever is
  // shorter; so is an object that is not there any more (404) or is too large, and as long as the one in use is known
  // to be outdated whatever else goes wrong. After other errors of S3's it is looked at again when the interval is
  // over. `left`: of the invocation. With less than twice refresh_limit() nothing is asked: kTimeout, saying how much
  // it takes; once in the shorter of kSayAgain and the interval, since a function whose own limit is below that never
  // takes up a changed gallery.
  [[nodiscard]] Result<bool> refresh(std::chrono::milliseconds left = std::chrono::milliseconds::max());
  static constexpr std::chrono::seconds kRetryBad{10};
  static constexpr std::chrono::seconds kSayAgain{300};
  // What a refresh may take at worst, by the size of the larger object in use: 5.5 s and 80 ms a MB.
  [[nodiscard]] std::chrono::milliseconds refresh_limit() const;

  // By the gallery in use, since the last refresh() and without looking; kUnavailable past kOutdatedGalleryGrace.
  Result<std::shared_ptr<const recognize::FaceRecognizer>> current() override;

 private:
  GallerySource(const Config& config, stage::RecognitionModel model, const Clock& clock, Logger& logger);
  [[nodiscard]] Status open_object(const Config& config, const aws::S3Uri& uri);
  // Every request from now on.
  [[nodiscard]] Status limit_requests(std::chrono::milliseconds timeout);
  // The gallery first, then its companion: who puts them there does it the other way round, so that whoever sees the
  // changed gallery finds the companion that goes with it.
  [[nodiscard]] Result<bool> look();
  // How the companion is loaded, if another object is there than the one in use, or none any more (404, or 403, which
  // is what S3 answers to who may not list the bucket). Any other answer leaves the one in use of an unchanged gallery,
  // and is logged, "companion_not_refreshed". It has one attempt, in the time of the gallery's second: after a gallery
  // that needed that, it counts as not answered. `begun`: when the gallery was asked for.
  [[nodiscard]] std::optional<recognize::LoadCompanion> look_for_companion(const recognize::FaceRecognizer& recognizer,
                                                                           Clock::TimePoint begun);
  [[nodiscard]] Result<recognize::FaceRecognizer> named_in_errors(Result<recognize::FaceRecognizer> made) const;
  void use(recognize::FaceRecognizer recognizer);

  std::filesystem::path file_;
  std::chrono::seconds interval_;
  stage::RecognitionModel model_;
  const Clock* clock_;
  Logger* logger_;
  std::unique_ptr<aws::CredentialsProvider> credentials_;  // null: unsigned
  std::unique_ptr<aws::Signer> signer_;                    // looks at credentials_
  aws::S3Options options_;
  // An object and what is in use of it.
  struct Object {
    aws::S3Uri uri;
    std::optional<aws::S3Reader> reader = {};  // looks at signer_; empty: it is not asked for
    std::string etag = {};                     // empty: nothing is in use
    std::string version = {};                  // as the log names it, or why there is none
    std::size_t bytes = 0;

    void set(const aws::S3Object& taken, std::size_t size);
    void unset(std::string_view reason = "none");
  };
  std::optional<Object> object_;     // empty: a file
  std::optional<Object> companion_;  // empty: a file, or a pack without a network for cut faces
  Clock::TimePoint look_again_;
  Clock::TimePoint say_again_;  // that no invocation has the time for it
  std::shared_ptr<const recognize::FaceRecognizer> recognizer_;
  std::optional<Clock::TimePoint> outdated_since_;  // the object is known to be another than the one in use
};

}  // namespace facepipe::lambda_app
