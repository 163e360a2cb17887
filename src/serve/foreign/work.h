// What the APIs that this project did not make share: who asks, and where their work is done.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "access/live_access.h"
#include "base/log.h"
#include "base/work_limit.h"
#include "http/server/router.h"
#include "look/look.h"
#include "people/people_desk.h"
#include "serve/door/front_door.h"
#include "serve/frames/frame_pool.h"

namespace facepipe::serve {

// What is pointed to outlives the API.
struct ForeignParts {
  FrontDoor& door;  // pages of other sites stay out; the key is the API's own to read
  access::LiveAccess& access;
  people::PeopleDesk& desk;
  const look::Looker& looker;
  FramePool& pool;  // that the work is done on
  WorkLimit limit;
  Logger& logger;
};

enum class KeyCheck {
  kMay,
  kMissing,
  kUnknown,    // no token of this server
  kNotEnough,  // one of another role
  kNotNow,     // it is not known which tokens are valid
};
struct KeyHolder {
  KeyCheck check = KeyCheck::kMay;
  std::string who;  // for the log of changes
};
// Whether who shows that key, as a token of this server, may do what is for `role`. Where none is demanded everybody
// may.
[[nodiscard]] KeyHolder check_key(access::LiveAccess& access, std::string_view key, access::Role role);

// Has the pool do `work` and sends what it gives, or `busy` where the line is full or the end has come; never on the
// thread that calls it. What escapes from `work` is logged, and `failed` is sent.
using ForeignWork = std::function<http::Response(http::Request request)>;
void do_foreign_work(const ForeignParts& parts, const ForeignWork& work, http::Response busy, http::Response failed,
                     http::Request request, http::Responder responder);

}  // namespace facepipe::serve
