// Tested by live_access_test.cc.
#include "access/live_access.h"

#include "base/hash.h"

namespace facepipe::access {

Result<std::unique_ptr<LiveAccess>> LiveAccess::open(const std::filesystem::path& file,
                                                     std::optional<SqsKeyRecord> fixed_key, Logger& logger) {
  std::unique_ptr<LiveAccess> live(new LiveAccess(std::move(fixed_key)));
  LiveFile<AccessData>::Events events;
  events.loaded = [&logger](const AccessData& data) {
    logger.info("access_loaded", {{"tokens", static_cast<std::int64_t>(data.tokens.size())},
                                  {"sqs_keys", static_cast<std::int64_t>(data.sqs_keys.size())}});
  };
  events.failed = [&logger](const Error& error) {
    logger.error("access_not_loaded",
                 {{"error", std::string_view(error.message)},
                  {"meaning", std::string_view("nobody is let in until the changed file can be loaded")}});
  };
  FACEPIPE_ASSIGN(live->file_,
                  LiveFile<AccessData>::open(file, [file] { return load_access(file); }, std::move(events)));
  static_cast<void>(live->now());
  return live;
}

std::shared_ptr<const AccessData> LiveAccess::now() {
  const auto look = file_->look(LiveFile<AccessData>::Meanwhile::kWait);
  if (look.outdated_since) {
    return nullptr;
  }
  if (!look.value->tokens.empty()) {
    token_required_ = true;
  }
  if (fixed_key_ || !look.value->sqs_keys.empty()) {
    sqs_key_required_ = true;
  }
  return look.value;
}

bool LiveAccess::known() {
  return now() != nullptr;
}

bool LiveAccess::token_required() {
  return now() == nullptr || token_required_;
}

std::optional<TokenHolder> LiveAccess::holder_of(std::string_view token) {
  return holder_of_digest(token_digest(token));
}

std::optional<TokenHolder> LiveAccess::holder_of_digest(std::string_view digest) {
  const auto data = now();
  if (data == nullptr) {
    return std::nullopt;
  }
  const TokenRecord* found = nullptr;
  for (const TokenRecord& record : data->tokens) {  // to the end, whichever it is
    found = equal_in_constant_time(record.digest, digest) ? &record : found;
  }
  if (!run_token_digest_.empty() && equal_in_constant_time(run_token_digest_, digest)) {
    return TokenHolder{"", std::string(kRunHolder), Role::kManage};
  }
  return found == nullptr ? std::nullopt : std::optional(TokenHolder{found->id, found->name, found->role});
}

bool LiveAccess::sqs_key_required() {
  return now() == nullptr || sqs_key_required_;
}

std::optional<std::string> LiveAccess::sqs_secret(std::string_view access_key_id) {
  const auto data = now();
  if (data == nullptr) {
    return std::nullopt;
  }
  if (fixed_key_ && fixed_key_->id == access_key_id) {
    return fixed_key_->secret;
  }
  for (const SqsKeyRecord& key : data->sqs_keys) {
    if (key.id == access_key_id) {
      return key.secret;
    }
  }
  return std::nullopt;
}

}  // namespace facepipe::access
