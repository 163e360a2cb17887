// Where face-recognition's gallery comes from: a file, or an object of S3 that is looked at again while the function
// runs.
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
  // Loads the whole gallery; of a file, when a cut face comes, its companion, which objects of S3 have none of. A file
  // whose name ends in .pt is the Python original's, imported in classic mode; any other, and every object, is ours.
  // Errors name the file or object, and FACEPIPE_GALLERY. What is taken into use is logged, "gallery". Clock and logger
  // outlive the source.
  [[nodiscard]] static Result<GallerySource> open(const Config& config, stage::RecognitionModel model,
                                                  const Clock& clock, Logger& logger);

  // Takes the gallery into use that has been put in the object's place since. False: the gallery is a file, refreshing
  // is off, it is not yet time to look again, or the object is the one in use. A version that is no gallery, or that
  // the model refuses, is an error and read again, after kRetryBad or the interval, whichever is shorter. After an
  // error of S3's it is looked at again when the interval is over.
  [[nodiscard]] Result<bool> refresh();
  static constexpr std::chrono::seconds kRetryBad{10};
  // What a refresh may take at worst, by the size of the object in use: 5.5 s and 80 ms a MB. Nothing should be asked
  // when an invocation has less time left than twice that.
  [[nodiscard]] std::chrono::milliseconds refresh_limit() const;

  // By the gallery in use, since the last refresh() and without looking; kUnavailable past kOutdatedGalleryGrace.
  Result<std::shared_ptr<const recognize::FaceRecognizer>> current() override;

 private:
  GallerySource(const Config& config, stage::RecognitionModel model, const Clock& clock, Logger& logger);
  [[nodiscard]] Status open_object(const Config& config, const aws::S3Uri& uri);
  // Every request from now on.
  [[nodiscard]] Status limit_requests(std::chrono::milliseconds timeout);
  [[nodiscard]] Result<bool> look();
  [[nodiscard]] Status use(Result<gallery::Gallery> gallery, recognize::LoadCompanion companion,
                           std::string_view version);

  std::filesystem::path file_;
  std::chrono::seconds interval_;
  stage::RecognitionModel model_;
  const Clock* clock_;
  Logger* logger_;
  std::unique_ptr<aws::CredentialsProvider> credentials_;  // null: unsigned
  std::unique_ptr<aws::Signer> signer_;                    // looks at credentials_
  aws::S3Uri uri_;
  aws::S3Options options_;
  std::optional<aws::S3Reader> object_;  // looks at signer_; empty: a file
  Clock::TimePoint look_again_;
  std::string etag_;  // of what is in use
  std::shared_ptr<const recognize::FaceRecognizer> recognizer_;
  std::optional<Clock::TimePoint> outdated_since_;  // the object is known to be another than the one in use
};

}  // namespace facepipe::lambda_app
