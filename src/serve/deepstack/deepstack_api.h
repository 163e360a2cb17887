// The face API of DeepStack and CodeProject.AI, as their clients know it: docs/compatibility.md.
#pragma once

#include "http/server/router.h"
#include "serve/foreign/form.h"
#include "serve/foreign/work.h"

namespace facepipe::serve {

// POST /v1/vision/face, and under it /recognize, /register, /list, /delete, /match. Each answer has a length. The key
// is a token of this server in the field api_key: of the role read, or manage where people are changed. Thread-safe.
class DeepStackApi {
 public:
  explicit DeepStackApi(ForeignParts parts) : parts_(std::move(parts)) {}
  // The API outlives the router.
  void add_routes(http::Router& router);

 private:
  using Operation = http::Response (DeepStackApi::*)(const ForeignForm& form, const std::string& who);
  void add(http::Router& router, const char* path, access::Role role, Operation operation);
  http::Response detect(const ForeignForm& form, const std::string& who);
  http::Response recognise(const ForeignForm& form, const std::string& who);
  http::Response enrol(const ForeignForm& form, const std::string& who);
  http::Response list(const ForeignForm& form, const std::string& who);
  http::Response remove(const ForeignForm& form, const std::string& who);
  http::Response match(const ForeignForm& form, const std::string& who);
  http::Response predictions(const ForeignForm& form, look::Depth depth);

  const ForeignParts parts_;
};

}  // namespace facepipe::serve
