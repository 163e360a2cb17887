// An operation of the API as data: its route, what it takes, what it answers, and the work. The router and the
// description are made of the same list.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "access/live_access.h"
#include "base/bytes.h"
#include "base/result.h"
#include "http/message.h"
#include "http/server/router.h"
#include "serve/api/fields.h"
#include "serve/door/front_door.h"

namespace facepipe::serve {

// What an operation's work comes to; an error becomes an answer by error_answer.
using Answer = Result<http::Response>;

// A picture of a request's body.
struct SentPicture {
  std::string name;   // of its part
  std::string label;  // the upload's own name; may be empty
  ByteView bytes;     // encoded: a view of the request's body, or of what was decoded from base64
};

// A request whose path, query and body are as its operation says. Not moved once its pictures are read: they view it.
struct ApiRequest {
  http::Request request;
  Values path;
  Values query;
  Values body;  // of Operation::json, or the fields of PictureBody::form
  std::vector<SentPicture> pictures;
  std::vector<Bytes> decoded;  // what of them came in base64
  std::optional<access::TokenHolder> who;

  // For the audit log: the token's name, else its id, else "anybody".
  [[nodiscard]] std::string_view who_text() const {
    return !who ? "anybody" : !who->name.empty() ? std::string_view(who->name) : std::string_view(who->id);
  }
};

// A body with pictures: a form, or JSON with base64, under the same names.
struct PictureBody {
  std::vector<std::string> pictures = {"picture"};  // names of the parts that hold them
  bool many = false;                                // the last of these may come many times; not in JSON
  bool raw = true;                                  // one picture by itself is taken, too
  bool json = true;
  std::vector<Field> form = {};  // fields beside the pictures
};

struct Operation {
  std::string id;  // "listFaces"
  std::string method;
  std::string path;  // http::Route::path
  FrontDoor::For whom = FrontDoor::For::kRead;
  std::string tag;
  std::string summary;
  std::vector<Field> path_fields = {};
  std::vector<Field> query = {};
  std::optional<std::vector<Field>> json = {};  // of a JSON body
  bool json_optional = false;                   // the body may be left out
  std::optional<PictureBody> picture = {};
  bool reads_body = false;                                     // the work reads it, by its own rules
  int status = 200;                                            // of success
  std::string answer = {};                                     // name of its schema (schemas.h); empty: no body
  std::string media_type = "application/json";                 // of the answer
  std::vector<std::pair<int, std::string>> more_answers = {};  // of success in part: status and schema
  std::vector<int> errors = {};  // beyond what follows from the above; each has the schema Error
  // On a thread of the API's pool: may wait for the store.
  using Work = std::function<Answer(const ApiRequest&)>;
  // Likewise; whatever it begins answers.
  using Start = std::function<void(const ApiRequest&, http::Responder)>;
  std::variant<Work, Start> run = {};

  std::size_t max_body_bytes = std::size_t{64} << 10U;
  http::Guard rate = nullptr;  // http::Route::rate
};

using Operations = std::vector<Operation>;
inline constexpr std::string_view kAnyPicture = "image/*";  // Operation::media_type: JPEG, PNG or WebP

// Every status that the operation may answer with an error, sorted: what follows from its access and input, and
// Operation::errors.
[[nodiscard]] std::vector<int> error_statuses(const Operation& operation);

}  // namespace facepipe::serve
