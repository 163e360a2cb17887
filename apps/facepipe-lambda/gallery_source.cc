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

// What the log has in place of a companion's version.
constexpr std::string_view kNone = "none";
constexpr std::string_view kRefused = "refused";  // by a 403: none, or one that the role may not read

Result<gallery::Gallery> no_companion() {
  return Error{ErrorCode::kNotFound, "no companion"};
}

// The bytes live as long as what is made of them wants them.
Result<gallery::Gallery> gallery_of(const std::shared_ptr<const std::string>& bytes) {
  return gallery::gallery_from_bytes(as_bytes(*bytes), bytes);
}

}  // namespace

void GallerySource::Object::set(const aws::S3Object& taken, std::size_t size) {
  etag = taken.etag;
  version = taken.version_id.empty() ? taken.etag : taken.version_id;
  bytes = size;
}

void GallerySource::Object::unset(std::string_view reason) {
  etag.clear();
  version = reason;
  bytes = 0;
}

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
    auto gallery = gallery::load_either_gallery(config.gallery, nullptr, known);
    FACEPIPE_ASSIGN(auto recognizer,
                    source.named_in_errors(gallery ? source.model_.with(*std::move(gallery), companion, logger)
                                                   : std::move(gallery).error()));
    source.use(std::move(recognizer));
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
  object_.emplace(Object{uri});
  // Of a key that is as long as one can be there is none.
  if (auto beside = aws::parse_s3_uri(gallery::companion_file(file_).string()); beside && model_.cut_faces) {
    companion_.emplace(Object{*std::move(beside)});
  }
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
  if (object_->reader && options_.client.request_timeout == timeout) {
    return {};
  }
  options_.client.request_timeout = timeout;
  FACEPIPE_ASSIGN(object_->reader, aws::S3Reader::create(object_->uri, options_).with_context("FACEPIPE_GALLERY"));
  if (companion_) {
    aws::S3Options once = options_;
    once.retry.max_attempts = 1;
    FACEPIPE_ASSIGN(companion_->reader, aws::S3Reader::create(companion_->uri, std::move(once)));
  }
  return {};
}

std::chrono::milliseconds GallerySource::refresh_limit() const {
  return kAttempts * options_.client.request_timeout + kBetweenAttempts;
}

Result<recognize::FaceRecognizer> GallerySource::named_in_errors(Result<recognize::FaceRecognizer> made) const {
  return std::move(made).with_context("gallery " + file_.string() + std::string(kVariables));
}

void GallerySource::use(recognize::FaceRecognizer recognizer) {
  recognizer_ = std::make_shared<const recognize::FaceRecognizer>(std::move(recognizer));
  logger_->info("gallery", {{"version", object_ ? std::string_view(object_->version) : ""},
                            {"people", static_cast<std::int64_t>(recognizer_->gallery().people().size())},
                            {"companion", companion_ ? std::string_view(companion_->version)
                                          : object_  ? kNone
                                                     : ""}});
}

Result<bool> GallerySource::look() {
  const Clock::TimePoint begun = clock_->now();
  look_again_ = begun + interval_;
  auto asked = object_->reader->get(object_->etag).with_context("gallery" + std::string(kVariables));
  if (!asked) {
    // S3 was asked: it is gone, with everybody in it, or another one that is past every limit.
    if (asked.error().code == ErrorCode::kNotFound || asked.error().code == ErrorCode::kTooLarge) {
      outdated_since_ = outdated_since_.value_or(clock_->now());
    }
    if (outdated_since_) {  // nobody is named meanwhile, or by the one before: an interval can be a day
      look_again_ = clock_->now() + std::min(interval_, kRetryBad);
    }
    return std::move(asked).error();
  }
  std::optional<aws::S3Object> object = *std::move(asked);
  std::optional<recognize::FaceRecognizer> next;
  if (object) {
    const auto bytes = std::make_shared<const std::string>(std::move(object->bytes));
    auto gallery = gallery_of(bytes);
    auto made = named_in_errors(gallery ? model_.with(*std::move(gallery)) : std::move(gallery).error());
    if (!made) {
      look_again_ = clock_->now() + std::min(interval_, kRetryBad);
      outdated_since_ = outdated_since_.value_or(clock_->now());
      return std::move(made).error();
    }
    next = *std::move(made);
    object_->set(*object, bytes->size());
    if (companion_) {
      companion_->unset();  // the one in use goes with the gallery before
    }
  }
  outdated_since_.reset();
  if (auto companion = look_for_companion(next ? *next : *recognizer_, begun)) {
    next = next ? std::move(next) : *recognizer_;
    model_.name_cut_faces(*next, *std::move(companion), *logger_);
  }
  if (!next) {
    return false;
  }
  use(*std::move(next));
  FACEPIPE_TRY(limit_requests(timeout_for(std::max(object_->bytes, companion_ ? companion_->bytes : 0))));
  return true;
}

std::optional<recognize::LoadCompanion> GallerySource::look_for_companion(const recognize::FaceRecognizer& recognizer,
                                                                          Clock::TimePoint begun) {
  if (!companion_ || !recognizer.rule()) {
    return std::nullopt;
  }
  const bool in_time = clock_->now() - begun <= options_.client.request_timeout + kBetweenAttempts;
  auto found = in_time ? companion_->reader->get(companion_->etag)
                       : Error{ErrorCode::kTimeout, "the gallery's answer took the time that there is for both"};
  if (found && !*found) {
    return std::nullopt;
  }
  if (found) {
    const auto bytes = std::make_shared<const std::string>(std::move((*found)->bytes));
    companion_->set(**found, bytes->size());
    return [bytes, name = gallery::companion_file(file_).string()] { return gallery_of(bytes).with_context(name); };
  }
  const ErrorCode code = found.error().code;
  if (code == ErrorCode::kNotFound || code == ErrorCode::kPermission) {
    const bool was_in_use = !companion_->etag.empty();
    companion_->unset(code == ErrorCode::kNotFound ? kNone : kRefused);
    return was_in_use ? std::optional<recognize::LoadCompanion>(no_companion) : std::nullopt;
  }
  if (code == ErrorCode::kUnavailable || code == ErrorCode::kTimeout) {
    look_again_ = clock_->now() + std::min(interval_, kRetryBad);
  }
  logger_->warning("companion_not_refreshed", {{"error", std::string_view(found.error().message)}});
  return std::nullopt;
}

Result<bool> GallerySource::refresh(std::chrono::milliseconds left) {
  const Clock::TimePoint now = clock_->now();
  // A clock that was set back makes nothing wait longer, and nothing that is outdated stay in use longer.
  const auto is_before = [now](Clock::TimePoint time, std::chrono::milliseconds longest) {
    return now < time && time - now <= longest;
  };
  if (outdated_since_) {
    outdated_since_ = std::min(*outdated_since_, now);
  }
  if (!object_ || interval_.count() == 0 || is_before(look_again_, interval_)) {
    return false;
  }
  if (left > 2 * refresh_limit()) {
    return look();
  }
  if (is_before(say_again_, kSayAgain)) {
    return false;
  }
  say_again_ = now + std::min(interval_, kSayAgain);
  return Error{ErrorCode::kTimeout, "gallery " + file_.string() + ": not looked at: the invocation has " +
                                        std::to_string(left.count()) + " ms left, and a look wants more than " +
                                        std::to_string((2 * refresh_limit()).count()) +
                                        " ms (the function's timeout may be too short for it)"};
}

Result<std::shared_ptr<const recognize::FaceRecognizer>> GallerySource::current() {
  if (outdated_since_ && clock_->now() - *outdated_since_ > kOutdatedGalleryGrace) {
    return Error{ErrorCode::kUnavailable,
                 "the gallery has changed or is gone, and cannot be loaded (gallery_not_refreshed in the "
                 "log says why): nobody is named by the one before"};
  }
  return recognizer_;
}

}  // namespace facepipe::lambda_app
