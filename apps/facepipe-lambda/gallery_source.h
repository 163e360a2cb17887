// Where face-recognition's gallery comes from: a file, or an object of S3 that is looked at again while the function
// runs.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "aws/s3/s3_object.h"
#include "aws/signing/credentials_provider.h"
#include "aws/signing/signer.h"
#include "base/clock.h"
#include "base/result.h"
#include "config.h"
#include "gallery/gallery.h"

namespace facepipe::lambda_app {

// What a refresh may take at worst; nothing is asked when an invocation has less time left than twice that.
inline constexpr std::chrono::milliseconds kGalleryRefreshLimit{5'500};

// Not thread-safe.
class GallerySource {
 public:
  // Nothing is read yet. The clock outlives the source. Errors name FACEPIPE_GALLERY.
  [[nodiscard]] static Result<GallerySource> open(const Config& config, const Clock& clock);

  // The whole gallery. A file whose name ends in .pt is the Python original's, imported in classic mode; any other, and
  // every object of S3, is ours. Errors name the file or object, and the variables that it came from.
  [[nodiscard]] Result<gallery::Gallery> load();

  // Hands a gallery that has been put in the object's place since the last that was loaded to `use`. False: the gallery
  // is a file, refreshing is off, it is not yet time to look again, or the object is the loaded one. A version counts
  // as loaded once `use` has taken it: one that is no gallery, or is refused, is an error and read again, after
  // kRetryBad or the interval, whichever is shorter. After an error of S3's it is looked at again when the interval is
  // over.
  [[nodiscard]] Result<bool> refresh(const std::function<Status(gallery::Gallery)>& use);
  static constexpr std::chrono::seconds kRetryBad{10};

  // Since when it is known that the object is another than the one in use.
  [[nodiscard]] std::optional<Clock::TimePoint> outdated_since() const { return outdated_since_; }

  // Of what is in use: the version of the object, else its entity tag; empty for a file.
  [[nodiscard]] const std::string& version() const { return version_; }

 private:
  GallerySource(const Config& config, const Clock& clock);
  // Nothing: the object is the one in use.
  [[nodiscard]] Result<std::optional<aws::S3Object>> fetch();
  [[nodiscard]] Status take(const aws::S3Object& object, const std::function<Status(gallery::Gallery)>& use);

  std::filesystem::path file_;
  std::chrono::seconds interval_;
  const Clock* clock_;
  std::unique_ptr<aws::CredentialsProvider> credentials_;  // null: unsigned
  std::unique_ptr<aws::Signer> signer_;                    // looks at credentials_
  std::optional<aws::S3Reader> object_;                    // looks at signer_; empty: a file
  Clock::TimePoint look_again_;
  std::string etag_;  // of what is in use
  std::string version_;
  std::optional<Clock::TimePoint> outdated_since_;
};

}  // namespace facepipe::lambda_app
