// Tested by gallery_source_test.cc, and against moto's S3 by tests/lambda/test_gallery_source.py.
#include "gallery_source.h"

#include <algorithm>

#include "base/bytes.h"
#include "gallery/known_people.h"

namespace facepipe::lambda_app {
namespace {

constexpr std::string_view kVariables = " (FACEPIPE_GALLERY, MODEL_WT_PATH)";
constexpr std::chrono::milliseconds kConnectTimeout{1'000};
constexpr int kAttempts = 2;
// What a request may take beside the transfer, and how fast that is at least: a function of 512 MB gets several times
// as much from S3.
constexpr std::chrono::milliseconds kRequestTimeout{2'500};
constexpr std::size_t kBytesPerMs = 25'000;
// Of the first time, when nobody knows how large the object is. INIT has 10 s, and an invocation after it what the
// function's own limit leaves.
constexpr std::chrono::milliseconds kFirstRequestTimeout{30'000};
constexpr std::chrono::milliseconds kBetweenAttempts{500};
// A million people of 192 values take half of it. The function's memory is the other bound.
constexpr std::size_t kMaxBytes = std::size_t{2} << 30U;

std::chrono::milliseconds timeout_for(std::size_t bytes) {
  return kRequestTimeout + std::chrono::milliseconds(bytes / kBytesPerMs);
}

// One object is fetched: cut faces are named by the first network.
Result<gallery::Gallery> no_companion() {
  return Error{ErrorCode::kNotFound, "no companion"};
}

}  // namespace

GallerySource::GallerySource(const Config& config, stage::RecognitionModel model, const Clock& clock, Logger& logger)
    : file_(config.gallery),
      interval_(config.gallery_refresh_s),
      model_(std::move(model)),
      clock_(&clock),
      logger_(&logger) {}

Result<GallerySource> GallerySource::open(const Config& config, stage::RecognitionModel model, const Clock& clock,
                                          Logger& logger) {
  GallerySource source(config, std::move(model), clock, logger);
  const std::string name = config.gallery.string();
  if (!name.starts_with(aws::kS3Scheme)) {
    gallery::KnownTables known;
    const auto companion = [file = gallery::companion_file(config.gallery)] {
      return gallery::load_gallery(file, nullptr);
    };
    FACEPIPE_TRY(source.use(gallery::load_either_gallery(config.gallery, nullptr, known), companion, ""));
    return source;
  }
  FACEPIPE_ASSIGN(const auto uri, aws::parse_s3_uri(name).with_context("FACEPIPE_GALLERY"));
  FACEPIPE_TRY(source.open_object(config, uri));
  FACEPIPE_ASSIGN(const bool loaded, source.look());
  if (!loaded) {
    return Error{ErrorCode::kInternal, "gallery: S3 answered 304 to a request without a condition"};
  }
  return source;
}

Status GallerySource::open_object(const Config& config, const aws::S3Uri& uri) {
  uri_ = uri;
  options_.region = config.region;
  options_.endpoint = config.s3_endpoint;
  options_.retry.max_attempts = kAttempts;
  options_.client.connect_timeout = kConnectTimeout;
  options_.client.max_response_bytes = kMaxBytes;
  if (config.credentials) {
    credentials_ = std::make_unique<aws::StaticCredentials>(*config.credentials);
    signer_ = std::make_unique<aws::SigV4Signer>(aws::SigningScope{config.region, "s3", false}, *credentials_, *clock_);
    options_.signer = signer_.get();
  }
  return limit_requests(kFirstRequestTimeout);
}

Status GallerySource::limit_requests(std::chrono::milliseconds timeout) {
  if (object_ && options_.client.request_timeout == timeout) {
    return {};
  }
  options_.client.request_timeout = timeout;
  FACEPIPE_ASSIGN(auto reader, aws::S3Reader::create(uri_, options_).with_context("FACEPIPE_GALLERY"));
  object_.emplace(std::move(reader));
  return {};
}

std::chrono::milliseconds GallerySource::refresh_limit() const {
  return kAttempts * options_.client.request_timeout + kBetweenAttempts;
}

Status GallerySource::use(Result<gallery::Gallery> gallery, recognize::LoadCompanion companion,
                          std::string_view version) {
  auto made = gallery ? model_.with(*std::move(gallery), std::move(companion), *logger_)
                      : Result<recognize::FaceRecognizer>(gallery.error());
  FACEPIPE_ASSIGN(auto recognizer, std::move(made).with_context("gallery " + file_.string() + std::string(kVariables)));
  recognizer_ = std::make_shared<const recognize::FaceRecognizer>(std::move(recognizer));
  outdated_since_.reset();
  logger_->info("gallery",
                {{"version", version}, {"people", static_cast<std::int64_t>(recognizer_->gallery().people().size())}});
  return {};
}

Result<bool> GallerySource::look() {
  look_again_ = clock_->now() + interval_;
  FACEPIPE_ASSIGN(auto object, object_->get(etag_).with_context("gallery" + std::string(kVariables)));
  if (!object) {
    outdated_since_.reset();
    return false;
  }
  const std::string etag = object->etag;
  const std::string version = object->version_id.empty() ? etag : object->version_id;
  const auto bytes = std::make_shared<const std::string>(std::move(object->bytes));
  if (const Status used = use(gallery::gallery_from_bytes(as_bytes(*bytes), bytes), no_companion, version); !used) {
    look_again_ = clock_->now() + std::min(interval_, kRetryBad);
    outdated_since_ = outdated_since_.value_or(clock_->now());
    return used.error();
  }
  etag_ = etag;
  FACEPIPE_TRY(limit_requests(timeout_for(bytes->size())));
  return true;
}

Result<bool> GallerySource::refresh() {
  return object_ && interval_.count() > 0 && clock_->now() >= look_again_ ? look() : false;
}

Result<std::shared_ptr<const recognize::FaceRecognizer>> GallerySource::current() {
  if (outdated_since_ && clock_->now() - *outdated_since_ > kOutdatedGalleryGrace) {
    return Error{ErrorCode::kUnavailable,
                 "the gallery has changed and cannot be loaded (gallery_not_refreshed in the "
                 "log says why): nobody is named by the one before"};
  }
  return recognizer_;
}

}  // namespace facepipe::lambda_app
