// Tested by tests/e2e/test_people_kept.py and test_faces.py.
#include "server_client.h"

#include "access/live_access.h"
#include "base/file.h"
#include "gallery/gallery.h"

namespace facepipe::app {
namespace {

// Enrolling many pictures is the longest that a server works on one request.
constexpr std::chrono::minutes kPatience{5};
// One that does not say who asks within this time is not there for anything else either.
constexpr std::chrono::seconds kSessionPatience{10};

ErrorCode code_of(int status) {
  switch (status) {
    case 400:
    case 413:
    case 415:
    case 422:
      return ErrorCode::kInvalidArgument;
    case 401:
    case 403:
      return ErrorCode::kPermission;
    case 404:
      return ErrorCode::kNotFound;
    case 409:
      return ErrorCode::kAlreadyExists;
    default:
      return ErrorCode::kUnavailable;
  }
}

std::string words_of(const http::Response& response) {
  if (const auto document = JsonDocument::parse_object(response.body, {})) {
    if (const auto message = (*document)["error"].as_string()) {
      return std::string(*message);
    }
  }
  return "the server answered " + std::to_string(response.status);
}

// Of a server that writes none it is the folder's own.
std::filesystem::path gallery_of(const access::RunningServer& running, const std::filesystem::path& data_dir) {
  return running.gallery.empty() ? whole_path(data_dir / gallery::kGalleryFile) : running.gallery;
}

// Whoever listens where a server that was killed did, knows nothing of its token: another program answers anything,
// and the server of another folder takes everybody for somebody else. A server of before told no gallery, and without
// tokens nobody's name.
bool knows_the_token(const Result<JsonDocument>& session, const access::RunningServer& running) {
  return session && (*session)["role"].as_string() == access::role_name(access::Role::kManage) &&
         ((*session)["name"].as_string() == access::kRunHolder || running.gallery.empty());
}

}  // namespace

Result<std::optional<ServerClient>> ServerClient::find(const std::filesystem::path& data_dir,
                                                       const std::optional<std::filesystem::path>& gallery) {
  FACEPIPE_ASSIGN(auto running, access::read_run_file(data_dir));
  if (!running) {
    return std::optional<ServerClient>();
  }
  const std::filesystem::path theirs = gallery_of(*running, data_dir);
  if (gallery && whole_path(*gallery) != theirs) {
    return std::optional<ServerClient>();
  }
  FACEPIPE_ASSIGN(const http::Url url, http::parse_url(running->url));
  http::ClientOptions options;
  options.request_timeout = kSessionPatience;
  options.certificate_sha256 = running->certificate_sha256;
  const auto session = ServerClient(running->token, theirs, http::Client(url, options)).json("GET", "/api/session");
  if (!session && (session.error().code == ErrorCode::kTimeout || session.error().code == ErrorCode::kExhausted)) {
    return session.error().with_context("the server that runs on this folder (" + running->url + ")");
  }
  if (!knows_the_token(session, *running)) {
    return std::optional<ServerClient>();
  }
  options.request_timeout = kPatience;
  return std::optional(ServerClient(std::move(running->token), theirs, http::Client(url, options)));
}

Result<std::string> ServerClient::call(const std::string& method, const std::string& target, std::string body,
                                       const std::string& content_type) {
  http::Request request;
  request.method = method;
  request.target = target;
  request.headers = {{"authorization", "Bearer " + token_}};
  if (!body.empty()) {
    request.headers.emplace_back("content-type", content_type);
  }
  request.body = std::move(body);
  FACEPIPE_ASSIGN(http::Response response, client_.send(request));
  if (response.status < 200 || response.status > 299) {
    return Error{code_of(response.status), words_of(response)};
  }
  return std::move(response.body);
}

Result<JsonDocument> ServerClient::json(const std::string& method, const std::string& target, std::string body) {
  FACEPIPE_ASSIGN(const std::string answer, call(method, target, std::move(body)));
  return JsonDocument::parse(answer, {.context = "the server's answer"});
}

}  // namespace facepipe::app
