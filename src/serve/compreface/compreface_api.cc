// Routes, keys, and looking at pictures. Tested by tests/e2e/test_compreface.py with its clients.
#include "serve/compreface/compreface_api.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/text.h"
#include "serve/compreface/answers.h"
#include "serve/compreface/image_id.h"

namespace facepipe::serve {
namespace {

using compreface::Code;
using compreface::failure;
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kMaxEmptySubjects = 10'000;

bool names(std::string_view plugins, std::string_view plugin) {
  while (!plugins.empty()) {
    const std::size_t comma = std::min(plugins.find(','), plugins.size());
    if (plugins.substr(0, comma) == plugin) {
      return true;
    }
    plugins.remove_prefix(std::min(comma + 1, plugins.size()));
  }
  return false;
}

// The face is told to be that person; others are within the threshold or not.
bool is_told(const look::SeenFace& seen, const look::NearPerson& near, std::optional<float> threshold) {
  return seen.identity->known && (seen.identity->person == near.id || !threshold || near.distance <= *threshold);
}

}  // namespace

std::string CompreFaceApi::Call::query(std::string_view name) const {
  for (const auto& [key, value] : http::query_pairs(request.target)) {
    if (key == name) {
      return value;
    }
  }
  return {};
}

std::optional<double> CompreFaceApi::Call::number(std::string_view name) const {
  const auto value = parse_number<double>(query(name));
  return value && *value >= 0 ? value : std::nullopt;
}

CompreFaceApi::Upload CompreFaceApi::read_upload(Call& call) {
  auto form = ForeignForm::read(std::move(call.request));
  if (!form) {
    return {std::nullopt, nullptr, failure(form.error())};
  }
  const FormPicture* const picture = form->picture("file");
  if (picture == nullptr) {
    return {std::nullopt, nullptr, failure(400, Code::kMissingPart, "Required part 'file' is not present")};
  }
  return {*std::move(form), picture, {}};
}

std::optional<http::Response> CompreFaceApi::refuse(const http::Request& request, std::string_view key,
                                                    access::Role role, std::string& who) const {
  const KeyHolder holder = check_key(parts_.access, key, role);
  who = holder.who;
  switch (holder.check) {
    case KeyCheck::kMay:
      return std::nullopt;
    case KeyCheck::kMissing:
      return failure(400, Code::kNoKey, "Missing request header 'x-api-key'");
    case KeyCheck::kNotEnough:
      return failure(403, Code::kOther, "the token in x-api-key may not do this");
    case KeyCheck::kNotNow:
      return failure(503, Code::kOther, kAccessNotKnown);
    case KeyCheck::kUnknown:
      break;
  }
  parts_.door.log_refusal(request, 404, "a key that is no token of this server", "");
  return is_uuid(key) ? failure(404, Code::kUnknownKey, "No service with this api key")
                      : failure(400, Code::kBadKey, "expected an api key that is a UUID (facepipe token new --uuid)");
}

void CompreFaceApi::add(http::Router& router, const char* method, const char* path, access::Role role,
                        Operation operation) {
  const auto work = [this, role, operation, path = std::string(path)](http::Request request) -> http::Response {
    Call call{std::move(request), {}, {}};
    call.path = http::path_parameters(path, call.request.target);
    const bool is_static = operation == &CompreFaceApi::static_picture;
    const std::string key =
        is_static ? call.path.front() : std::string(http::header(call.request.headers, "x-api-key"));
    auto refused = refuse(call.request, key, role, call.who);
    return refused ? *std::move(refused) : (this->*operation)(call);
  };
  router.add({.method = method,
              .path = path,
              .rules = parts_.door.rules(FrontDoor::For::kEverybody),
              .handler = [this, work](http::Request request, http::Responder responder) {
                do_foreign_work(
                    parts_, work, failure(503, Code::kOther, "too many requests at once: try again in a second"),
                    failure(500, Code::kOther, "this request failed"), std::move(request), std::move(responder));
              }});
}

void CompreFaceApi::add_routes(http::Router& router) {
  using access::Role;
  const auto at = [&](const char* method, const char* path, Role role, Operation operation) {
    add(router, method, path, role, operation);
  };
  at("POST", "/api/v1/recognition/recognize", Role::kRead, &CompreFaceApi::recognise);
  at("POST", "/api/v1/detection/detect", Role::kRead, &CompreFaceApi::detect);
  at("POST", "/api/v1/recognition/faces", Role::kManage, &CompreFaceApi::add_face);
  at("GET", "/api/v1/recognition/faces", Role::kRead, &CompreFaceApi::list_faces);
  at("DELETE", "/api/v1/recognition/faces", Role::kManage, &CompreFaceApi::delete_faces_of);
  at("POST", "/api/v1/recognition/faces/delete", Role::kManage, &CompreFaceApi::delete_faces);
  at("DELETE", "/api/v1/recognition/faces/{id}", Role::kManage, &CompreFaceApi::delete_face);
  at("GET", "/api/v1/recognition/faces/{id}/img", Role::kRead, &CompreFaceApi::face_picture);
  at("POST", "/api/v1/recognition/faces/{id}/verify", Role::kRead, &CompreFaceApi::verify_face);
  at("GET", "/api/v1/static/{key}/images/{id}", Role::kRead, &CompreFaceApi::static_picture);
  for (const char* path : {"/api/v1/recognition/subjects", "/api/v1/recognition/subjects/"}) {
    at("GET", path, Role::kRead, &CompreFaceApi::list_subjects);
    at("POST", path, Role::kManage, &CompreFaceApi::add_subject);
    at("DELETE", path, Role::kManage, &CompreFaceApi::delete_subjects);
  }
  at("PUT", "/api/v1/recognition/subjects/{subject}", Role::kManage, &CompreFaceApi::rename_subject);
  at("DELETE", "/api/v1/recognition/subjects/{subject}", Role::kManage, &CompreFaceApi::delete_subject);
}

http::Response CompreFaceApi::recognise(Call& call) {
  return look(call, look::Depth::kRecognize);
}

http::Response CompreFaceApi::detect(Call& call) {
  return look(call, look::Depth::kDetect);
}

// det_prob_threshold and limit leave out faces; nothing names more of them.
http::Response CompreFaceApi::look(Call& call, look::Depth depth) {
  const std::string plugins = call.query("face_plugins");
  const double floor = call.number("det_prob_threshold").value_or(0);
  const auto limit = static_cast<std::size_t>(std::min(call.number("limit").value_or(0), 1'000.0));
  const auto predictions = static_cast<std::size_t>(
      std::clamp(call.number("prediction_count").value_or(1), 1.0, double{recognize::kCandidates}));
  const bool status = call.query("status") == "true" || call.query("status") == "True";
  const Upload upload = read_upload(call);
  if (upload.picture == nullptr) {
    return upload.refusal;
  }
  const auto began = SteadyClock::now();
  const bool embeddings = names(plugins, "calculator");
  const auto sight =
      parts_.looker.look(upload.picture->encoded,
                         {.depth = depth == look::Depth::kDetect && embeddings ? look::Depth::kEmbed : depth,
                          .nearest = depth == look::Depth::kRecognize ? predictions : 0,
                          .embeddings = embeddings},
                         parts_.limit);
  if (!sight) {
    return failure(sight.error());
  }
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - began).count();
  JsonWriter json;
  json.begin_object().key("result").begin_array();
  std::size_t count = 0;
  for (const look::SeenFace& seen : sight->faces) {
    if (double{seen.face.confidence} < floor || (limit > 0 && count == limit)) {
      continue;
    }
    ++count;
    json.begin_object();
    compreface::write_box(json, seen.face);
    if (depth == look::Depth::kRecognize) {
      json.key("subjects").begin_array();
      for (const look::NearPerson& near : seen.nearest) {
        json.begin_object().key("subject").string(near.name).key("similarity");
        json.number(look::likeness(near.distance, sight->threshold, is_told(seen, near, sight->threshold)))
            .end_object();
      }
      json.end_array();
    }
    if (names(plugins, "landmarks")) {
      json.key("landmarks").begin_array();
      for (const image::Point& point : seen.face.landmarks) {
        json.begin_array().integer(std::llround(point.x)).integer(std::llround(point.y)).end_array();
      }
      json.end_array();
    }
    if (seen.embedding) {
      json.key("embedding").begin_array();
      for (const float value : *seen.embedding) {
        json.number(value);
      }
      json.end_array();
    }
    if (status) {
      json.key("execution_time").begin_object().key("detector").number(static_cast<double>(took)).end_object();
    }
    json.end_object();
  }
  json.end_array();
  if (status) {
    json.key("plugins_versions").begin_object().key("detector").string("facepipe").key("calculator").string("facepipe");
    json.end_object();
  }
  json.end_object();
  return count == 0 ? compreface::no_face() : compreface::success(std::move(json));
}

bool CompreFaceApi::is_empty_subject(const std::string& name) {
  const std::lock_guard lock(mutex_);
  return empty_.contains(name);
}

bool CompreFaceApi::remember(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const bool room = empty_.size() < kMaxEmptySubjects;
  if (room) {
    empty_.insert(name);
  }
  return room;
}

void CompreFaceApi::forget_names() {
  const std::lock_guard lock(mutex_);
  empty_.clear();
}

bool CompreFaceApi::forget(const std::string& name) {
  const std::lock_guard lock(mutex_);
  return empty_.erase(name) > 0;
}

std::vector<std::string> CompreFaceApi::empty_subjects() {
  const std::lock_guard lock(mutex_);
  return {empty_.begin(), empty_.end()};
}

}  // namespace facepipe::serve
