// /api/pictures: what people are known by. Tested by api_test.cc and tests/e2e/test_api.py.
#include "faces/ids.h"
#include "serve/api/answers.h"
#include "serve/api/api.h"
#include "serve/api/common_fields.h"

namespace facepipe::serve {

Operations picture_operations(const ApiParts& parts) {
  people::PeopleDesk& desk = parts.desk;
  using people::PictureId;
  const std::vector<Field> picture{id_field("picture")};
  return {{.id = "getPicture",
           .method = "GET",
           .path = "/api/pictures/{picture}",
           .tag = "pictures",
           .summary = "A picture that somebody is known by",
           .path_fields = picture,
           .answer = "Picture",
           .run = [&desk](const ApiRequest& request) -> Answer {
             FACEPIPE_ASSIGN(const auto found, desk.picture(path_id<PictureId>(request, "picture")));
             return record_answer(found);
           }},
          {.id = "getPictureImage",
           .method = "GET",
           .path = "/api/pictures/{picture}/image",
           .tag = "pictures",
           .summary = "The picture itself",
           .path_fields = picture,
           .media_type = std::string(kAnyPicture),
           .run = [&desk](const ApiRequest& request) -> Answer {
             const auto id = path_id<PictureId>(request, "picture");
             FACEPIPE_ASSIGN(const faces::Crop crop, desk.picture_crop(id));
             return picture_answer(request.request, crop.picture, crop.media_type, faces::to_text(id));
           }},
          changing({.id = "removePicture",
                    .method = "DELETE",
                    .path = "/api/pictures/{picture}",
                    .tag = "pictures",
                    .summary = "The person is not known by it any more",
                    .path_fields = picture},
                   [&desk](const ApiRequest& request) {
                     return desk.remove_picture(path_id<PictureId>(request, "picture"), request.who_text());
                   }),
          changing({.id = "movePicture",
                    .method = "POST",
                    .path = "/api/pictures/{picture}/move",
                    .tag = "pictures",
                    .summary = "It is somebody else",
                    .path_fields = picture,
                    .json = whom_fields()},
                   [&desk](const ApiRequest& request) -> Result<people::Changed> {
                     FACEPIPE_ASSIGN(const people::Whom whom, whom_of(request.body));
                     return desk.move_picture(path_id<PictureId>(request, "picture"), whom, request.who_text());
                   }),
          changing({.id = "rejectPicture",
                    .method = "POST",
                    .path = "/api/pictures/{picture}/reject",
                    .tag = "pictures",
                    .summary = "It is not this person, nor what is like it",
                    .path_fields = picture},
                   [&desk](const ApiRequest& request) {
                     return desk.reject_picture(path_id<PictureId>(request, "picture"), request.who_text());
                   })};
}

}  // namespace facepipe::serve
