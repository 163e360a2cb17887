// What faces and visits can be asked for: the queries of their lists, which the commands use, too.
#pragma once

#include <vector>

#include "faces/face_store.h"
#include "serve/api/fields.h"

namespace facepipe::serve {

[[nodiscard]] std::vector<Field> face_filter_fields();
[[nodiscard]] faces::FaceFilter face_filter(const Values& query);
[[nodiscard]] std::vector<Field> visit_filter_fields();
[[nodiscard]] faces::VisitFilter visit_filter(const Values& query);

}  // namespace facepipe::serve
