// Tested by live_access_test.cc.
#include "access/live_access.h"

#include <sys/stat.h>

#include <utility>

#include "access/secrets.h"

namespace facepipe::access {

LiveAccess::LiveAccess(std::filesystem::path file, std::optional<SqsKeyRecord> fixed_key, Logger& logger)
    : file_(std::move(file)), fixed_key_(std::move(fixed_key)), logger_(logger) {}

Result<std::unique_ptr<LiveAccess>> LiveAccess::open(std::filesystem::path file, std::optional<SqsKeyRecord> fixed_key,
                                                     Logger& logger) {
  std::unique_ptr<LiveAccess> live(new LiveAccess(std::move(file), std::move(fixed_key), logger));
  live->version_ = live->version_now();
  FACEPIPE_ASSIGN(AccessData data, load_access(live->file_));
  live->take(std::move(data));
  return live;
}

bool LiveAccess::token_required() {
  const std::lock_guard lock(mutex_);
  refresh();
  return token_required_;
}

bool LiveAccess::is_token(std::string_view token) {
  const std::string digest = token_digest(token);
  const std::lock_guard lock(mutex_);
  refresh();
  bool found = false;
  for (const TokenRecord& record : data_.tokens) {  // to the end, whichever it is
    found = equal_in_constant_time(record.digest, digest) || found;
  }
  return found;
}

bool LiveAccess::sqs_key_required() {
  const std::lock_guard lock(mutex_);
  refresh();
  return sqs_key_required_;
}

std::optional<std::string> LiveAccess::sqs_secret(std::string_view access_key_id) {
  const std::lock_guard lock(mutex_);
  refresh();
  if (fixed_key_ && fixed_key_->id == access_key_id) {
    return fixed_key_->secret;
  }
  for (const SqsKeyRecord& key : data_.sqs_keys) {
    if (key.id == access_key_id) {
      return key.secret;
    }
  }
  return std::nullopt;
}

LiveAccess::Version LiveAccess::version_now() const {
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  struct stat status{};
  if (::stat(file_.c_str(), &status) != 0) {
    return {};
  }
  return {status.st_mtim.tv_sec * kNanoseconds + status.st_mtim.tv_nsec, static_cast<std::uint64_t>(status.st_size),
          status.st_ino};
}

void LiveAccess::take(AccessData data) {
  data_ = std::move(data);
  token_required_ = token_required_ || !data_.tokens.empty();
  sqs_key_required_ = sqs_key_required_ || fixed_key_ || !data_.sqs_keys.empty();
}

// A file that turned bad is logged once and the last good state stays; one that is gone holds nobody.
void LiveAccess::refresh() {
  const Version version = version_now();
  if (version == version_) {
    return;
  }
  version_ = version;
  auto loaded = load_access(file_);
  if (!loaded) {
    logger_.error("access_not_loaded", {{"error", std::string_view(loaded.error().message)}});
    return;
  }
  take(std::move(loaded).value());
  logger_.info("access_loaded", {{"tokens", static_cast<std::int64_t>(data_.tokens.size())},
                                 {"sqs_keys", static_cast<std::int64_t>(data_.sqs_keys.size())}});
}

}  // namespace facepipe::access
