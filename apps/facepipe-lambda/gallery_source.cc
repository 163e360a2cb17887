// Tested by gallery_source_test.cc, and against moto's S3 by tests/lambda/test_gallery_source.py.
#include "gallery_source.h"

#include <algorithm>
#include <utility>

#include "aws/signing/sigv4.h"
#include "base/bytes.h"

namespace facepipe::lambda_app {
namespace {

constexpr std::string_view kVariables = " (FACEPIPE_GALLERY, MODEL_WT_PATH)";
// Two tries and the wait between them stay within kGalleryRefreshLimit.
constexpr std::chrono::milliseconds kGalleryConnectTimeout{1'000};
constexpr std::chrono::milliseconds kGalleryRequestTimeout{2'500};
constexpr int kGalleryAttempts = 2;
// Some 250,000 embeddings of 128 values; search is exhaustive.
constexpr std::size_t kMaxBytes = std::size_t{256} << 20U;

Result<gallery::Gallery> read_gallery(const std::filesystem::path& file) {
  auto gallery = gallery::load_either_gallery(file, nullptr);
  if (!gallery) {
    return std::move(gallery).error().with_context("gallery " + file.string() + std::string(kVariables));
  }
  return gallery;
}

}  // namespace

GallerySource::GallerySource(const Config& config, const Clock& clock)
    : file_(config.gallery), interval_(config.gallery_refresh_s), clock_(&clock) {}

Result<GallerySource> GallerySource::open(const Config& config, const Clock& clock) {
  GallerySource source(config, clock);
  const std::string name = config.gallery.string();
  if (!name.starts_with(aws::kS3Scheme)) {
    return source;
  }
  const auto uri = aws::parse_s3_uri(name);
  if (!uri) {
    return uri.error().with_context("FACEPIPE_GALLERY");
  }
  aws::S3Options options;
  options.region = config.region;
  options.endpoint = config.s3_endpoint;
  options.retry.max_attempts = kGalleryAttempts;
  options.client.connect_timeout = kGalleryConnectTimeout;
  options.client.request_timeout = kGalleryRequestTimeout;
  options.client.max_response_bytes = kMaxBytes;
  if (config.credentials) {
    source.credentials_ = std::make_unique<aws::StaticCredentials>(*config.credentials);
    source.signer_ =
        std::make_unique<aws::SigV4Signer>(aws::SigningScope{config.region, "s3", false}, *source.credentials_, clock);
    options.signer = source.signer_.get();
  }
  auto reader = aws::S3Reader::create(*uri, std::move(options));
  if (!reader) {
    return std::move(reader).error().with_context("FACEPIPE_GALLERY");
  }
  source.object_.emplace(*std::move(reader));
  return source;
}

Result<std::optional<aws::S3Object>> GallerySource::fetch() {
  look_again_ = clock_->now() + interval_;
  auto object = object_->get(etag_);
  if (!object) {
    return std::move(object).error().with_context("gallery" + std::string(kVariables));
  }
  return object;
}

Status GallerySource::take(const aws::S3Object& object, const std::function<Status(gallery::Gallery)>& use) {
  auto gallery = gallery::gallery_from_bytes(as_bytes(object.bytes));
  const Status taken = gallery ? use(*std::move(gallery)) : Status(gallery.error());
  if (!taken) {
    return taken.error().with_context("gallery " + file_.string() + std::string(kVariables));
  }
  etag_ = object.etag;
  version_ = object.version_id.empty() ? etag_ : object.version_id;
  outdated_since_.reset();
  return {};
}

Result<gallery::Gallery> GallerySource::load() {
  if (!object_) {
    return read_gallery(file_);
  }
  etag_.clear();
  FACEPIPE_ASSIGN(const auto object, fetch());
  if (!object) {
    return Error{ErrorCode::kInternal, "gallery: S3 answered 304 to a request without a condition"};
  }
  std::optional<gallery::Gallery> loaded;
  FACEPIPE_TRY(take(*object, [&loaded](gallery::Gallery gallery) -> Status {
    loaded.emplace(std::move(gallery));
    return {};
  }));
  return *std::move(loaded);
}

Result<bool> GallerySource::refresh(const std::function<Status(gallery::Gallery)>& use) {
  if (!object_ || interval_.count() == 0 || clock_->now() < look_again_) {
    return false;
  }
  FACEPIPE_ASSIGN(const auto object, fetch());
  if (!object) {
    outdated_since_.reset();
    return false;
  }
  if (const Status taken = take(*object, use); !taken) {
    look_again_ = clock_->now() + std::min(interval_, kRetryBad);
    outdated_since_ = outdated_since_.value_or(clock_->now());
    return taken.error();
  }
  return true;
}

}  // namespace facepipe::lambda_app
