// Tested end to end by tests/e2e.
#include "serve/foreign/work.h"

#include <memory>
#include <utility>

namespace facepipe::serve {

KeyHolder check_key(access::LiveAccess& access, std::string_view key, access::Role role) {
  if (!access.known()) {
    return {.check = KeyCheck::kNotNow, .who = {}};
  }
  if (!access.token_required()) {
    return {.check = KeyCheck::kMay, .who = "anybody"};
  }
  if (key.empty()) {
    return {.check = KeyCheck::kMissing, .who = {}};
  }
  const auto holder = access.holder_of(key);
  if (!holder) {
    return {.check = KeyCheck::kUnknown, .who = {}};
  }
  return {.check = access::allows(holder->role, role) ? KeyCheck::kMay : KeyCheck::kNotEnough,
          .who = holder->name.empty() ? holder->id : holder->name};
}

void do_foreign_work(const ForeignParts& parts, const ForeignWork& work, http::Response busy, http::Response failed,
                     http::Request request, http::Responder responder) {
  // std::function wants copyable captures; all is moved in and out through one pointer.
  struct Pending {
    http::Request request;
    http::Responder responder;
    http::Response busy;
    http::Response failed;
  };
  const std::string peer = request.peer;
  const auto pending =
      std::make_shared<Pending>(Pending{std::move(request), std::move(responder), std::move(busy), std::move(failed)});
  Job job;
  job.run = [&logger = parts.logger, work, pending] {
    auto answer = guarded([&]() -> Result<http::Response> { return work(std::move(pending->request)); });
    if (!answer) {
      logger.error("api_failed", {{"error", std::string_view(answer.error().message)}});
    }
    pending->responder(answer ? *std::move(answer) : std::move(pending->failed));
  };
  job.refuse = [pending] { pending->responder(std::move(pending->busy)); };
  if (!parts.pool.try_submit(peer, job)) {
    job.refuse();
  }
}

}  // namespace facepipe::serve
