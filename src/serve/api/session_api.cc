// /api/session: sign-in for a browser. Tested by api_test.cc and tests/e2e/test_api.py.
#include "serve/api/answers.h"
#include "serve/api/api.h"

namespace facepipe::serve {
namespace {

http::Response session_answer(bool needed, const std::optional<access::TokenHolder>& holder) {
  JsonWriter json;
  json.begin_object().key("sign_in_needed").boolean(needed).key("role");
  if (holder) {
    json.string(access::role_name(holder->role));
  } else {
    json.null();
  }
  json.key("name").string(holder ? holder->name : "").end_object();
  return json_answer(std::move(json));
}

}  // namespace

Operations session_operations(const ApiParts& parts) {
  FrontDoor& door = parts.door;
  Operations operations;
  operations.push_back({.id = "getSession",
                        .method = "GET",
                        .path = "/api/session",
                        .whom = FrontDoor::For::kEverybody,
                        .tag = "session",
                        .summary = "Who asks, and whether one must sign in",
                        .answer = "Session",
                        .run = [&door](const ApiRequest& request) -> Answer {
                          return session_answer(door.sign_in_needed(), request.who);
                        }});
  operations.push_back({.id = "signIn",
                        .method = "POST",
                        .path = "/api/session",
                        .whom = FrontDoor::For::kEverybody,
                        .tag = "session",
                        .summary = "Sign in with a token: the answer sets a cookie",
                        .json = {{{.name = "token", .required = true, .low = 1, .high = 256}}},
                        .answer = "Session",
                        .errors = {401},
                        .run = [&door](const ApiRequest& request) -> Answer {
                          http::Headers headers;
                          const auto holder = door.sign_in(request.request, request.body.text("token"), headers);
                          if (!holder) {
                            const ErrorCode code = holder.error().code;
                            if (code == ErrorCode::kPermission) {
                              return error_answer(401, holder.error().message);
                            }
                            if (code == ErrorCode::kExhausted) {
                              return error_answer(429, holder.error().message);
                            }
                            return holder.error();
                          }
                          http::Response response = session_answer(door.sign_in_needed(), *holder);
                          response.headers.insert(response.headers.end(), headers.begin(), headers.end());
                          return response;
                        }});
  operations.push_back({.id = "signOut",
                        .method = "DELETE",
                        .path = "/api/session",
                        .whom = FrontDoor::For::kEverybody,
                        .tag = "session",
                        .summary = "Sign out",
                        .status = 204,
                        .run = [&door](const ApiRequest& request) -> Answer {
                          http::Response response{204, {}, ""};
                          door.sign_out(request.request, response.headers);
                          return response;
                        }});
  return operations;
}

}  // namespace facepipe::serve
