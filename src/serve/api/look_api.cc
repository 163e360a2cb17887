// /api/search and /api/compare: pictures are looked at, and nothing is kept. Tested by tests/e2e/test_api.py.
#include "faces/json_fields.h"
#include "recognize/naming.h"
#include "serve/api/answers.h"
#include "serve/api/api.h"
#include "serve/api/common_fields.h"

namespace facepipe::serve {
namespace {

constexpr std::size_t kMaxLookBody = std::size_t{48} << 20U;
constexpr std::int64_t kMaxNearest = 5;

}  // namespace

Operations look_operations(const ApiParts& parts) {
  const look::Looker& looker = parts.looker;
  return {{.id = "search",
           .method = "POST",
           .path = "/api/search",
           .tag = "look",
           .summary = "Who is in this picture; nothing is kept",
           .query = {{.name = "nearest",
                      .kind = Field::Kind::kInteger,
                      .about = "how many people to tell for each face, whatever the rule says",
                      .low = 0,
                      .high = kMaxNearest}},
           .picture = PictureBody{},
           .answer = "Sight",
           .run = [&looker](const ApiRequest& request) -> Answer {
             look::LookOptions options;
             options.nearest = static_cast<std::size_t>(request.query.integer("nearest", 0));
             FACEPIPE_ASSIGN(const look::Sight sight, looker.look(request.pictures.front().bytes, options));
             JsonWriter json;
             json.begin_object().key("width").integer(sight.width).key("height").integer(sight.height);
             faces::put(json, "threshold", sight.threshold);
             json.key("incomplete").boolean(sight.incomplete).key("faces").begin_array();
             for (const look::SeenFace& face : sight.faces) {
               write(json, face);
             }
             json.end_array().end_object();
             return json_answer(std::move(json));
           },
           .max_body_bytes = kMaxLookBody},
          {.id = "compare",
           .method = "POST",
           .path = "/api/compare",
           .tag = "look",
           .summary = "Whether two pictures show one person; nothing is kept",
           .picture = PictureBody{.pictures = {"first", "second"}, .raw = false},
           .answer = "Comparison",
           .run = [&looker](const ApiRequest& request) -> Answer {
             auto compared = looker.compare(request.pictures[0].bytes, request.pictures[1].bytes);
             if (!compared && compared.error().code == ErrorCode::kNotFound) {  // a picture without a face
               return Error{ErrorCode::kInvalidArgument, compared.error().message};
             }
             FACEPIPE_ASSIGN(const look::Comparison comparison, std::move(compared));
             JsonWriter json;
             json.begin_object().key("distance").number(comparison.distance);
             faces::put(json, "probability", comparison.probability);
             json.key("same").boolean(comparison.same).key("first");
             write(json, comparison.first);
             json.key("second");
             write(json, comparison.second);
             json.end_object();
             return json_answer(std::move(json));
           },
           .max_body_bytes = kMaxLookBody}};
}

}  // namespace facepipe::serve
