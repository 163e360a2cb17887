// /api/people. Tested by api_test.cc and tests/e2e/test_api.py.
#include "serve/api/answers.h"
#include "serve/api/api.h"
#include "serve/api/common_fields.h"

namespace facepipe::serve {
namespace {

using people::PeopleDesk;
using people::PersonId;

// Pictures of one person in one request; more come in several.
constexpr std::size_t kMaxPicturesBody = std::size_t{48} << 20U;

std::vector<people::PictureToAdd> pictures_of(const ApiRequest& request) {
  std::vector<people::PictureToAdd> pictures;
  pictures.reserve(request.pictures.size());
  for (const SentPicture& picture : request.pictures) {
    pictures.push_back({picture.label, picture.bytes});
  }
  return pictures;
}

Result<people::Added> add_pictures(PeopleDesk& desk, const people::Whom& whom, const ApiRequest& request,
                                   bool only_new = false) {
  people::AddOptions options = add_options(request.body);
  options.only_new = only_new;
  return desk.add_pictures(whom, pictures_of(request), options, request.who_text());
}

PictureBody pictures_and(std::vector<Field> fields) {
  return {.pictures = {"pictures"}, .many = true, .raw = false, .json = false, .form = std::move(fields)};
}

PictureBody pictures_of_person(std::vector<Field> fields) {
  for (Field& field : add_fields()) {
    fields.push_back(std::move(field));
  }
  return pictures_and(std::move(fields));
}

Operations questions(const ApiParts& parts) {
  PeopleDesk& desk = parts.desk;
  return {
      {.id = "listPeople",
       .method = "GET",
       .path = "/api/people",
       .tag = "people",
       .summary = "People, in the order of their enrolment",
       .query = paged({{.name = "name", .about = "part of the name", .low = 1, .high = 256},
                       {.name = "health",
                        .kind = Field::Kind::kBoolean,
                        .about = "true: with how many of their pictures are doubtful; null of those for which there "
                                 "was no time, ask again"}}),
       .answer = "PersonPage",
       .errors = {422},
       .run = [&desk](const ApiRequest& request) -> Answer {
         FACEPIPE_ASSIGN(const auto page, desk.people(request.query.text("name"), page_of(request.query),
                                                      request.query.boolean("health").value_or(false)));
         JsonWriter json;
         json.begin_object();
         write_page(json, page);
         const auto settings = desk.settings();
         json.key("threshold");
         if (settings && settings->threshold) {
           json.number(*settings->threshold);
         } else {
           json.null();
         }
         json.end_object();
         return json_answer(std::move(json));
       }},
      {.id = "getPerson",
       .method = "GET",
       .path = "/api/people/{person}",
       .tag = "people",
       .summary = "A person",
       .path_fields = {id_field("person")},
       .answer = "Person",
       .run = [&desk](const ApiRequest& request) -> Answer {
         FACEPIPE_ASSIGN(const auto person, desk.person(path_id<PersonId>(request, "person"), /*health=*/true));
         return record_answer(person);
       }},
      {.id = "listPersonPictures",
       .method = "GET",
       .path = "/api/people/{person}/pictures",
       .tag = "people",
       .summary = "What the person is known by",
       .path_fields = {id_field("person")},
       .query = paged({{.name = "order",
                        .kind = Field::Kind::kChoice,
                        .about = "likeness: least like the person's others first",
                        .choices = {"enrolled", "likeness"}}}),
       .answer = "PicturePage",
       .errors = {422},
       .run = [&desk](const ApiRequest& request) -> Answer {
         const auto order = request.query.text("order") == "likeness" ? people::PictureOrder::kLikeness
                                                                      : people::PictureOrder::kEnrolled;
         FACEPIPE_ASSIGN(const auto page,
                         desk.pictures(path_id<PersonId>(request, "person"), page_of(request.query), order));
         return page_answer(page);
       }}};
}

Operations enrolment(const ApiParts& parts) {
  PeopleDesk& desk = parts.desk;
  return {{.id = "createPerson",
           .method = "POST",
           .path = "/api/people",
           .whom = FrontDoor::For::kManage,
           .tag = "people",
           .summary = "Enrol somebody new with pictures",
           .picture = pictures_of_person({{.name = "name", .required = true, .low = 1, .high = 256}}),
           .status = 201,
           .answer = "Added",
           .run = [&desk](const ApiRequest& request) -> Answer {
             FACEPIPE_ASSIGN(const auto added,
                             add_pictures(desk, request.body.text("name"), request, /*only_new=*/true));
             return added_answer(added);
           },
           .max_body_bytes = kMaxPicturesBody},
          {.id = "addPictures",
           .method = "POST",
           .path = "/api/people/{person}/pictures",
           .whom = FrontDoor::For::kManage,
           .tag = "people",
           .summary = "Enrol more pictures of somebody",
           .path_fields = {id_field("person")},
           .picture = pictures_of_person({}),
           .status = 201,
           .answer = "Added",
           .run = [&desk](const ApiRequest& request) -> Answer {
             FACEPIPE_ASSIGN(const auto added, add_pictures(desk, path_id<PersonId>(request, "person"), request));
             return added_answer(added);
           },
           .max_body_bytes = kMaxPicturesBody},
          {.id = "rejectPictures",
           .method = "POST",
           .path = "/api/people/{person}/reject",
           .whom = FrontDoor::For::kManage,
           .tag = "people",
           .summary = "These are not this person, nor what is like them; their embeddings alone are kept",
           .path_fields = {id_field("person")},
           .picture = pictures_and({largest_field()}),
           .status = 201,
           .answer = "Added",
           .run = [&desk](const ApiRequest& request) -> Answer {
             FACEPIPE_ASSIGN(const auto rejected,
                             desk.reject_pictures(path_id<PersonId>(request, "person"), pictures_of(request),
                                                  add_options(request.body), request.who_text()));
             return added_answer(rejected);
           },
           .max_body_bytes = kMaxPicturesBody}};
}

Operations changes_of_people(const ApiParts& parts) {
  PeopleDesk& desk = parts.desk;
  const std::vector<Field> person{id_field("person")};
  Operations operations{changing({.id = "renamePerson",
                                  .method = "PATCH",
                                  .path = "/api/people/{person}",
                                  .tag = "people",
                                  .summary = "Rename",
                                  .path_fields = person,
                                  .json = {{{.name = "name", .required = true, .low = 1, .high = 256}}}},
                                 [&desk](const ApiRequest& request) {
                                   return desk.rename(path_id<PersonId>(request, "person"), request.body.text("name"),
                                                      request.who_text());
                                 }),
                        changing({.id = "removePerson",
                                  .method = "DELETE",
                                  .path = "/api/people/{person}",
                                  .tag = "people",
                                  .summary = "Name nobody so any more; can be undone",
                                  .path_fields = person},
                                 [&desk](const ApiRequest& request) {
                                   return desk.remove(path_id<PersonId>(request, "person"), request.who_text());
                                 }),
                        changing({.id = "mergePerson",
                                  .method = "POST",
                                  .path = "/api/people/{person}/merge",
                                  .tag = "people",
                                  .summary = "This person is another one",
                                  .path_fields = person,
                                  .json = {{{.name = "into", .kind = Field::Kind::kId, .required = true}}}},
                                 [&desk](const ApiRequest& request) {
                                   return desk.merge(path_id<PersonId>(request, "person"),
                                                     *request.body.id<PersonId>("into"), request.who_text());
                                 }),
                        changing({.id = "forgetRejected",
                                  .method = "POST",
                                  .path = "/api/people/{person}/forget-rejected",
                                  .tag = "people",
                                  .summary = "Forget what was said not to be them",
                                  .path_fields = person},
                                 [&desk](const ApiRequest& request) {
                                   return desk.forget_rejected(path_id<PersonId>(request, "person"),
                                                               request.who_text());
                                 })};
  operations.push_back({.id = "erasePerson",
                        .method = "POST",
                        .path = "/api/people/{person}/erase",
                        .whom = FrontDoor::For::kManage,
                        .tag = "people",
                        .summary = "Erase everything that is kept of the person; final",
                        .path_fields = {id_field("person")},
                        .answer = "Erased",
                        .run = [&desk, forget = parts.forget](const ApiRequest& request) -> Answer {
                          FACEPIPE_ASSIGN(const std::int64_t records,
                                          desk.erase(path_id<PersonId>(request, "person"), request.who_text()));
                          if (forget.at_hand) {
                            forget.at_hand();
                          }
                          if (forget.names) {
                            forget.names();
                          }
                          return erased_answer(records);
                        }});
  return operations;
}

}  // namespace

Operations people_operations(const ApiParts& parts) {
  Operations operations = questions(parts);
  for (Operations& more : std::vector<Operations>{enrolment(parts), changes_of_people(parts)}) {
    operations.insert(operations.end(), more.begin(), more.end());
  }
  return operations;
}

}  // namespace facepipe::serve
