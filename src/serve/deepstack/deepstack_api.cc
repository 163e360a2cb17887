// Tested by tests/e2e/test_deepstack.py with its clients.
#include "serve/deepstack/deepstack_api.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/json_writer.h"

namespace facepipe::serve {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int kBad = 400;
constexpr int kDenied = 403;
constexpr int kFailed = 500;

http::Response failure(int status, std::string_view error) {
  JsonWriter json;
  json.begin_object().key("success").boolean(false).key("error").string(error).key("code").integer(status).end_object();
  return http::make_response(status, "application/json", std::move(json).text());
}

// What a client can mend is its own.
http::Response failure(const Error& error) {
  switch (error.code) {
    case ErrorCode::kExhausted:
    case ErrorCode::kUnavailable:
    case ErrorCode::kTimeout:
    case ErrorCode::kPermission:
    case ErrorCode::kInternal:
      return failure(kFailed, error.message);
    default:
      return failure(kBad, error.message);
  }
}

JsonWriter begin_success() {
  JsonWriter json;
  json.begin_object().key("success").boolean(true);
  return json;
}

http::Response finish(JsonWriter json) {
  json.end_object();
  return http::make_response(200, "application/json", std::move(json).text());
}

// Whole pixels within the picture.
void write_box(JsonWriter& json, const image::Box& box, const look::Sight& sight) {
  const auto pixel = [](float value, int limit) { return std::clamp<std::int64_t>(std::llround(value), 0, limit); };
  json.key("x_min").integer(pixel(box.x1, sight.width)).key("y_min").integer(pixel(box.y1, sight.height));
  json.key("x_max").integer(pixel(box.x2, sight.width)).key("y_max").integer(pixel(box.y2, sight.height));
}

}  // namespace

void DeepStackApi::add(http::Router& router, const char* path, access::Role role, Operation operation) {
  const auto work = [this, role, operation](http::Request request) -> http::Response {
    const auto form = ForeignForm::read(std::move(request));
    if (!form) {
      return failure(form.error());
    }
    const KeyHolder holder = check_key(parts_.access, form->field("api_key"), role);
    switch (holder.check) {
      case KeyCheck::kMay:
        return (this->*operation)(*form, holder.who);
      case KeyCheck::kNotNow:
        return failure(kFailed, kAccessNotKnown);
      case KeyCheck::kNotEnough:
        return failure(kDenied, "the token in api_key may not do this");
      case KeyCheck::kMissing:
      case KeyCheck::kUnknown:
        break;
    }
    return failure(kDenied, "expected a token of this server in the field api_key");
  };
  router.add({.method = "POST",
              .path = path,
              .rules = parts_.door.rules(FrontDoor::For::kEverybody),
              .handler = [this, work](http::Request request, http::Responder responder) {
                do_foreign_work(parts_, work, failure(kFailed, "too many requests at once: try again in a second"),
                                failure(kFailed, "this request failed"), std::move(request), std::move(responder));
              }});
}

void DeepStackApi::add_routes(http::Router& router) {
  using access::Role;
  add(router, "/v1/vision/face", Role::kRead, &DeepStackApi::detect);
  add(router, "/v1/vision/face/recognize", Role::kRead, &DeepStackApi::recognise);
  add(router, "/v1/vision/face/register", Role::kManage, &DeepStackApi::enrol);
  add(router, "/v1/vision/face/list", Role::kRead, &DeepStackApi::list);
  add(router, "/v1/vision/face/delete", Role::kManage, &DeepStackApi::remove);
  add(router, "/v1/vision/face/match", Role::kRead, &DeepStackApi::match);
}

http::Response DeepStackApi::detect(const ForeignForm& form, const std::string&) {
  return predictions(form, look::Depth::kDetect);
}

http::Response DeepStackApi::recognise(const ForeignForm& form, const std::string&) {
  return predictions(form, look::Depth::kRecognize);
}

// min_confidence leaves out boxes, and names; it gives none.
http::Response DeepStackApi::predictions(const ForeignForm& form, look::Depth depth) {
  const FormPicture* const picture = form.picture("image");
  if (picture == nullptr) {
    return failure(kBad, "No valid image file found");
  }
  const auto began = SteadyClock::now();
  const auto sight = parts_.looker.look(picture->encoded, {.depth = depth}, parts_.limit);
  if (!sight) {
    return failure(sight.error());
  }
  const double floor = form.number("min_confidence").value_or(0);
  JsonWriter json = begin_success();
  json.key("predictions").begin_array();
  std::int64_t count = 0;
  for (const look::SeenFace& seen : sight->faces) {
    if (depth == look::Depth::kDetect && double{seen.face.confidence} < floor) {
      continue;
    }
    ++count;
    json.begin_object();
    if (depth == look::Depth::kDetect) {
      json.key("confidence").number(seen.face.confidence);
    } else {
      const recognize::Identity& identity = *seen.identity;
      const float likeness = look::likeness(identity.distance.value_or(0), sight->threshold, identity.known);
      const bool told = identity.known && double{likeness} >= floor;
      json.key("confidence").number(told ? likeness : 0.0F);
      json.key("userid").string(told ? identity.name : std::string(recognize::kUnknown));
    }
    write_box(json, seen.face.box, *sight);
    json.end_object();
  }
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - began).count();
  json.end_array().key("duration").integer(0);
  // CodeProject.AI's.
  json.key("message").string(count == 0 ? "No faces found" : std::to_string(count) + " faces found");
  json.key("count").integer(count).key("inferenceMs").integer(took).key("processMs").integer(took);
  json.key("code").integer(200);
  return finish(std::move(json));
}

http::Response DeepStackApi::enrol(const ForeignForm& form, const std::string& who) {
  const std::string name(form.field("userid"));
  if (name.empty()) {
    return failure(kBad, "userid not specified");
  }
  if (form.pictures().empty()) {
    return failure(kBad, "No valid image file found");
  }
  std::vector<people::PictureToAdd> pictures;
  for (const FormPicture& picture : form.pictures()) {
    pictures.push_back({picture.filename.empty() ? picture.name : picture.filename, picture.encoded});
  }
  const auto added = parts_.desk.add_pictures(name, pictures, {}, who, parts_.limit);
  if (!added) {
    return failure(added.error());
  }
  if (!added->person) {
    return failure(kBad, added->pictures.front().message);
  }
  JsonWriter json = begin_success();
  json.key("message").string(added->is_new ? "face added" : "face updated");
  return finish(std::move(json));
}

http::Response DeepStackApi::list(const ForeignForm&, const std::string&) {
  const auto names = parts_.desk.names();
  if (!names) {
    return failure(names.error());
  }
  JsonWriter json = begin_success();
  json.key("faces").begin_array();
  for (const std::string& name : *names) {
    json.string(name);
  }
  json.end_array();
  return finish(std::move(json));
}

http::Response DeepStackApi::remove(const ForeignForm& form, const std::string& who) {
  const std::string name(form.field("userid"));
  if (name.empty()) {
    return failure(kBad, "userid not specified");
  }
  const auto person = parts_.desk.person_id(name);
  const auto removed = person ? parts_.desk.remove(*person, who) : Result<people::Changed>(person.error());
  return removed ? finish(begin_success()) : failure(removed.error());
}

http::Response DeepStackApi::match(const ForeignForm& form, const std::string&) {
  const FormPicture* const first = form.picture("image1");
  const FormPicture* const second = form.picture("image2");
  if (first == nullptr || second == nullptr || first == second) {
    return failure(kBad, "expected two pictures, image1 and image2");
  }
  const auto compared = parts_.looker.compare(first->encoded, second->encoded, parts_.limit);
  if (!compared) {
    return failure(compared.error());
  }
  JsonWriter json = begin_success();
  json.key("similarity").number(look::likeness(compared->distance, compared->threshold, compared->same));
  return finish(std::move(json));
}

}  // namespace facepipe::serve
