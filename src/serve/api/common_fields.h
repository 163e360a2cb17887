// Fields and steps that the operations of several resources share.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "faces/face_store.h"
#include "people/people_desk.h"
#include "serve/api/fields.h"
#include "serve/api/operation.h"

namespace facepipe::serve {

[[nodiscard]] Field id_field(std::string name);
// `fields`, and "cursor" and "limit" behind them.
[[nodiscard]] std::vector<Field> paged(std::vector<Field> fields);
[[nodiscard]] faces::PageRequest page_of(const Values& query);

// Either "person", an id, or "name".
[[nodiscard]] std::vector<Field> whom_fields();
// kInvalidArgument unless there is exactly one of the two.
[[nodiscard]] Result<people::Whom> whom_of(const Values& values);

// "force" and "largest".
[[nodiscard]] Field largest_field();
[[nodiscard]] std::vector<Field> add_fields();
[[nodiscard]] people::AddOptions add_options(const Values& values);

// 201 where a picture was enrolled; else kInvalidArgument with the first refusal.
[[nodiscard]] Answer added_answer(const people::Added& added);

[[nodiscard]] http::Response erased_answer(std::int64_t records);
// What was erased: "face" or "unknown", and its id.
struct ErasedThing {
  std::string_view kind;
  std::string id;
};
// An entry of the audit log ("face.erase"), which holds nothing of what was erased, and an event ("face.erased") with
// its id alone.
[[nodiscard]] Status log_erasure(faces::FaceStore& store, const ErasedThing& what, std::string_view who,
                                 std::int64_t records);

// Completes an operation that changes something: for who may manage, answered with Changed or Assigned.
[[nodiscard]] Operation changing(Operation operation, std::function<Result<people::Changed>(const ApiRequest&)> work);
[[nodiscard]] Operation assigning(Operation operation, std::function<Result<people::Assigned>(const ApiRequest&)> work);

// The id in the path under that name.
template <typename Id>
[[nodiscard]] Id path_id(const ApiRequest& request, std::string_view name) {
  return *request.path.id<Id>(name);
}

}  // namespace facepipe::serve
