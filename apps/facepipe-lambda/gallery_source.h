// Where face-recognition's gallery comes from: a file, or an object of S3 that is looked at again while the function
// runs.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "aws/s3/s3_object.h"
#include "aws/signer.h"
#include "aws/signing/credentials_provider.h"
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

  // A gallery that has been put in the object's place since the last load() or refresh(). Nothing: the gallery is a
  // file, refreshing is off, it is not yet time to look again, or the object is the same. After an error, too, it is
  // looked at again only when the interval is over; an object that is no gallery is an error once, not each time.
  [[nodiscard]] Result<std::optional<gallery::Gallery>> refresh();

  // Of what was read last: the version of the object, else its entity tag; empty for a file.
  [[nodiscard]] const std::string& version() const { return version_; }

 private:
  GallerySource(const Config& config, const Clock& clock);
  [[nodiscard]] Result<std::optional<gallery::Gallery>> fetch();

  std::filesystem::path file_;
  std::chrono::seconds interval_;
  const Clock* clock_;
  std::unique_ptr<aws::CredentialsProvider> credentials_;  // null: unsigned
  std::unique_ptr<aws::Signer> signer_;                    // looks at credentials_
  std::optional<aws::S3Reader> object_;                    // looks at signer_; empty: a file
  Clock::TimePoint look_again_;
  std::string etag_;
  std::string version_;
};

}  // namespace facepipe::lambda_app
