// Tested by openapi_test.cc.
#include "serve/api/operation.h"

#include <set>

namespace facepipe::serve {

std::vector<int> error_statuses(const Operation& operation) {
  std::set<int> statuses{400, 403, 405, 406, 429, 500, 503};
  if (operation.whom != FrontDoor::For::kEverybody) {
    statuses.insert(401);
  }
  if (!operation.path_fields.empty()) {
    statuses.insert(404);
  }
  if (operation.json || operation.picture) {
    statuses.insert({413, 415, 422});
  }
  if (operation.method != "GET") {
    statuses.insert({409, 422});
  }
  statuses.insert(operation.errors.begin(), operation.errors.end());
  return {statuses.begin(), statuses.end()};
}

}  // namespace facepipe::serve
