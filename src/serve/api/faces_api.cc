// /api/faces: what cameras saw. Tested by api_test.cc and tests/e2e/test_api.py.
#include <array>

#include "faces/ids.h"
#include "serve/api/answers.h"
#include "serve/api/api.h"
#include "serve/api/common_fields.h"
#include "serve/api/filters.h"

namespace facepipe::serve {
namespace {

using faces::FaceId;

Operations face_questions(const ApiParts& parts) {
  const NameOf name_of = parts.name_of;
  const std::vector<Field> face{id_field("face")};
  return {{.id = "listFaces",
           .method = "GET",
           .path = "/api/faces",
           .tag = "faces",
           .summary = "Faces, the newest first",
           .query = paged(face_filter_fields()),
           .answer = "FacePage",
           .errors = {404, 422},
           .run = of_store(parts.store,
                           [name_of](FaceStore& store, const ApiRequest& request) -> Answer {
                             FACEPIPE_ASSIGN(const auto page,
                                             store.faces(face_filter(request.query), page_of(request.query)));
                             return page_answer(page, name_of);
                           })},
          {.id = "getFace",
           .method = "GET",
           .path = "/api/faces/{face}",
           .tag = "faces",
           .summary = "A face",
           .path_fields = face,
           .answer = "Face",
           .run = of_store(parts.store,
                           [name_of](FaceStore& store, const ApiRequest& request) -> Answer {
                             FACEPIPE_ASSIGN(const auto record, store.face(path_id<FaceId>(request, "face")));
                             return record_answer(record, name_of);
                           })},
          {.id = "getFaceImage",
           .method = "GET",
           .path = "/api/faces/{face}/image",
           .tag = "faces",
           .summary = "Its picture",
           .path_fields = face,
           .media_type = std::string(kAnyPicture),
           .run = of_store(parts.store, [](FaceStore& store, const ApiRequest& request) -> Answer {
             const auto id = path_id<FaceId>(request, "face");
             FACEPIPE_ASSIGN(const faces::Crop crop, store.face_crop(id));
             return picture_answer(request.request, crop.picture, crop.media_type, faces::to_text(id));
           })}};
}

Operations face_assignments(const ApiParts& parts) {
  people::PeopleDesk& desk = parts.desk;
  const std::vector<Field> face{id_field("face")};
  std::vector<Field> enrol = whom_fields();
  for (Field& field : add_fields()) {
    enrol.push_back(std::move(field));
  }
  std::vector<Field> many = whom_fields();
  many.push_back({.name = "faces", .kind = Field::Kind::kIds, .required = true, .high = 100});
  return {assigning({.id = "assignFace",
                     .method = "POST",
                     .path = "/api/faces/{face}/assign",
                     .tag = "faces",
                     .summary = "Say who it is; enrols nothing",
                     .path_fields = face,
                     .json = whom_fields()},
                    [&desk](const ApiRequest& request) -> Result<people::Assigned> {
                      FACEPIPE_ASSIGN(const people::Whom whom, whom_of(request.body));
                      const std::array ids{path_id<FaceId>(request, "face")};
                      return desk.assign_faces(ids, whom, request.who_text());
                    }),
          assigning({.id = "assignFaces",
                     .method = "POST",
                     .path = "/api/assignments",
                     .tag = "faces",
                     .summary = "Say of several who they are; enrols nothing",
                     .json = many,
                     .errors = {404}},
                    [&desk](const ApiRequest& request) -> Result<people::Assigned> {
                      FACEPIPE_ASSIGN(const people::Whom whom, whom_of(request.body));
                      return desk.assign_faces(request.body.ids<FaceId>("faces"), whom, request.who_text());
                    }),
          {.id = "enrolFace",
           .method = "POST",
           .path = "/api/faces/{face}/enrol",
           .whom = FrontDoor::For::kManage,
           .tag = "faces",
           .summary = "Enrol it as a picture of somebody",
           .path_fields = face,
           .json = std::move(enrol),
           .status = 201,
           .answer = "Added",
           .run = [&desk](const ApiRequest& request) -> Answer {
             FACEPIPE_ASSIGN(const people::Whom whom, whom_of(request.body));
             const std::array ids{path_id<FaceId>(request, "face")};
             FACEPIPE_ASSIGN(const auto added,
                             desk.enrol_faces(whom, ids, add_options(request.body), request.who_text()));
             return added_answer(added);
           }}};
}

Operations face_marks(const ApiParts& parts) {
  people::PeopleDesk& desk = parts.desk;
  const std::vector<Field> face{id_field("face")};
  const auto mark = [&](std::string id, std::string path, std::string summary,
                        Result<people::Changed> (people::PeopleDesk::*change)(FaceId, std::string_view)) {
    return changing({.id = std::move(id),
                     .method = "POST",
                     .path = std::move(path),
                     .tag = "faces",
                     .summary = std::move(summary),
                     .path_fields = face},
                    [&desk, change](const ApiRequest& request) {
                      return (desk.*change)(path_id<FaceId>(request, "face"), request.who_text());
                    });
  };
  return {
      mark("rejectFace", "/api/faces/{face}/reject", "It is not this person, nor what is like it",
           &people::PeopleDesk::reject_face),
      mark("ignoreFace", "/api/faces/{face}/ignore", "Nobody wants to see it", &people::PeopleDesk::ignore_face),
      mark("notAFace", "/api/faces/{face}/not-a-face", "It is no face", &people::PeopleDesk::not_a_face),
      mark("clearFace", "/api/faces/{face}/clear", "Take back what was said of it", &people::PeopleDesk::clear_mark)};
}

Operations face_erasure(const ApiParts& parts) {
  const Forgetting forget = parts.forget;
  return {{.id = "eraseFace",
           .method = "DELETE",
           .path = "/api/faces/{face}",
           .whom = FrontDoor::For::kManage,
           .tag = "faces",
           .summary = "Erase it; final",
           .path_fields = {id_field("face")},
           .answer = "Erased",
           .run = of_store(parts.store, [forget](FaceStore& store, const ApiRequest& request) -> Answer {
             const auto id = path_id<FaceId>(request, "face");
             FACEPIPE_TRY(store.face(id));
             if (forget.face) {
               FACEPIPE_TRY(forget.face(id));
             }
             FACEPIPE_ASSIGN(const std::int64_t records, store.erase_face(id));
             if (forget.at_hand) {
               forget.at_hand();
             }
             FACEPIPE_TRY(log_erasure(store, {"face", faces::to_text(id)}, request.who_text(), records));
             return erased_answer(records);
           })}};
}

}  // namespace

Operations face_operations(const ApiParts& parts) {
  Operations operations = face_questions(parts);
  for (Operations& more : std::vector<Operations>{face_assignments(parts), face_marks(parts), face_erasure(parts)}) {
    operations.insert(operations.end(), more.begin(), more.end());
  }
  return operations;
}

}  // namespace facepipe::serve
