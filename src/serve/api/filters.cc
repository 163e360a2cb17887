// Tested by api_test.cc and tests/e2e/test_faces.py.
#include "serve/api/filters.h"

#include <algorithm>

namespace facepipe::serve {
namespace {

const std::vector<std::string>& mark_choices() {
  static const std::vector<std::string> kChoices{"none", "assigned", "rejected", "ignored", "not-a-face"};
  return kChoices;
}

const std::vector<std::string>& state_choices() {
  static const std::vector<std::string> kChoices{"started", "named", "ended"};
  return kChoices;
}

std::optional<faces::Mark> mark_of(const Values& query) {
  const auto& choices = mark_choices();
  const auto found = std::find(choices.begin(), choices.end(), query.text("mark"));
  return found == choices.end() ? std::nullopt : std::optional(static_cast<faces::Mark>(found - choices.begin()));
}

}  // namespace

std::vector<Field> face_filter_fields() {
  using Kind = Field::Kind;
  return {{.name = "camera", .low = 0, .high = 256},
          {.name = "person", .kind = Kind::kId, .about = "told then, or said afterwards"},
          {.name = "known", .kind = Kind::kBoolean, .about = "false: nobody's"},
          {.name = "visit", .kind = Kind::kId},
          {.name = "unknown", .kind = Kind::kId},
          {.name = "request_id", .low = 1, .high = 256},
          {.name = "mark", .kind = Kind::kChoice, .choices = mark_choices()},
          {.name = "from", .kind = Kind::kTime, .about = "at or after"},
          {.name = "to", .kind = Kind::kTime, .about = "before"}};
}

faces::FaceFilter face_filter(const Values& query) {
  faces::FaceFilter filter;
  filter.camera = query.optional_text("camera");
  filter.person = query.id<faces::PersonId>("person");
  filter.known = query.boolean("known");
  filter.visit = query.id<faces::VisitId>("visit");
  filter.unknown = query.id<faces::UnknownId>("unknown");
  filter.request_id = query.optional_text("request_id");
  filter.mark = mark_of(query);
  filter.from = query.time("from");
  filter.to = query.time("to");
  return filter;
}

std::vector<Field> visit_filter_fields() {
  using Kind = Field::Kind;
  return {{.name = "camera", .low = 0, .high = 256},
          {.name = "person", .kind = Kind::kId},
          {.name = "unknown", .kind = Kind::kId},
          {.name = "known", .kind = Kind::kBoolean},
          {.name = "state", .kind = Kind::kChoice, .choices = state_choices()},
          {.name = "open", .kind = Kind::kBoolean, .about = "not ended"},
          {.name = "from", .kind = Kind::kTime, .about = "last seen at or after"},
          {.name = "to", .kind = Kind::kTime, .about = "first seen before"}};
}

faces::VisitFilter visit_filter(const Values& query) {
  faces::VisitFilter filter;
  filter.camera = query.optional_text("camera");
  filter.person = query.id<faces::PersonId>("person");
  filter.unknown = query.id<faces::UnknownId>("unknown");
  filter.known = query.boolean("known");
  filter.open = query.boolean("open");
  filter.from = query.time("from");
  filter.to = query.time("to");
  const auto& choices = state_choices();
  const auto state = std::find(choices.begin(), choices.end(), query.text("state"));
  if (state != choices.end()) {
    filter.state = static_cast<faces::VisitState>(state - choices.begin());
  }
  return filter;
}

}  // namespace facepipe::serve
