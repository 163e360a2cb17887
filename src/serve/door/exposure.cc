// Tested by exposure_test.cc and tests/e2e/test_access.py.
#include "serve/door/exposure.h"

#include "base/loopback.h"

namespace facepipe::serve {

Status check_exposure(const Exposure& exposure, access::LiveAccess& access, Logger& logger) {
  const bool has_token = access.token_required();
  const bool has_key = access.sqs_key_required();
  if (is_loopback(exposure.address) || (has_token && has_key)) {
    return {};
  }
  if (exposure.insecure) {
    logger.warning("insecure", {{"address", std::string_view(exposure.address)},
                                {"frames_need_a_token", has_token},
                                {"sqs_needs_a_key", has_key},
                                {"meaning", std::string_view("whoever reaches an open port may use it: send frames, "
                                                             "read names, change and delete queues")}});
    return {};
  }
  const std::string_view missing = has_token ? "no SQS key" : has_key ? "no token" : "neither a token nor an SQS key";
  return Error{ErrorCode::kInvalidArgument,
               "--address " + exposure.address + " can be reached by other machines, and there is " +
                   std::string(missing) +
                   ": either listen on 127.0.0.1 (the default), or make both with `facepipe token new` and `facepipe "
                   "token sqs-key new`, or say --insecure to let everybody in"};
}

}  // namespace facepipe::serve
