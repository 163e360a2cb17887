// The recognition API of CompreFace, as its clients know it: docs/compatibility.md.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "http/server/router.h"
#include "serve/foreign/form.h"
#include "serve/foreign/work.h"

namespace facepipe::serve {

// Under /api/v1: recognition/recognize, recognition/faces, recognition/subjects, static/{key}/images/{id},
// detection/detect. The key is a token of this server that is a UUID, in x-api-key: of the role read, or manage where
// people are changed. A subject without pictures is a name that this object remembers and nobody else knows of.
// Thread-safe.
class CompreFaceApi {
 public:
  explicit CompreFaceApi(ForeignParts parts) : parts_(std::move(parts)) {}
  // The API outlives the router.
  void add_routes(http::Router& router);
  // Somebody was erased: subjects without pictures are remembered no more, for one may be of their name.
  void forget_names();

 private:
  // A request that may be answered.
  struct Call {
    http::Request request;
    std::vector<std::string> path;  // what stands in the braces of the route
    std::string who;
    [[nodiscard]] std::string query(std::string_view name) const;
    [[nodiscard]] std::optional<double> number(std::string_view name) const;
  };
  // The form of a request, with its part 'file'.
  struct Upload {
    std::optional<ForeignForm> form;
    const FormPicture* picture = nullptr;  // of the form; null: `refusal` is the answer
    http::Response refusal;
  };
  [[nodiscard]] static Upload read_upload(Call& call);
  using Operation = http::Response (CompreFaceApi::*)(Call& call);
  void add(http::Router& router, const char* method, const char* path, access::Role role, Operation operation);
  [[nodiscard]] std::optional<http::Response> refuse(const http::Request& request, std::string_view key,
                                                     access::Role role, std::string& who) const;

  http::Response recognise(Call& call);
  http::Response detect(Call& call);
  http::Response look(Call& call, look::Depth depth);

  http::Response add_face(Call& call);
  http::Response list_faces(Call& call);
  http::Response delete_faces_of(Call& call);
  http::Response delete_face(Call& call);
  http::Response delete_faces(Call& call);
  http::Response face_picture(Call& call);
  http::Response verify_face(Call& call);
  http::Response static_picture(Call& call);
  http::Response picture_of(std::string_view id) const;
  struct Removed {
    std::string image_id;
    std::string subject;
  };
  Result<Removed> remove_image(const std::string& id, const std::string& who);

  http::Response list_subjects(Call& call);
  http::Response add_subject(Call& call);
  http::Response rename_subject(Call& call);
  http::Response delete_subject(Call& call);
  http::Response delete_subjects(Call& call);

  // Names without pictures.
  [[nodiscard]] bool is_empty_subject(const std::string& name);
  bool remember(const std::string& name);  // false: there is no room for more
  bool forget(const std::string& name);
  [[nodiscard]] std::vector<std::string> empty_subjects();

  const ForeignParts parts_;
  std::mutex mutex_;
  std::set<std::string> empty_;  // guarded
};

}  // namespace facepipe::serve
