// Tested by visit_keeper_test.cc.
#include "visits/recovery.h"

#include <algorithm>
#include <utility>

#include "faces/pages.h"
#include "visits/new_face.h"

namespace facepipe::visits {
namespace {

// What its last faces say of it, and its best one.
Status read_faces(faces::FaceStore& store, OpenVisit& visit) {
  faces::FaceFilter of_visit;
  of_visit.visit = visit.record.id;
  FACEPIPE_ASSIGN(auto page, store.faces(of_visit, {Tracker::kMaxEmbeddings, {}}));
  std::ranges::reverse(page.records);
  for (const faces::FaceRecord& face : page.records) {
    visit.box = face.box ? face.box : visit.box;
  }
  FACEPIPE_ASSIGN(visit.embeddings, last_embeddings(store, page.records));
  const faces::FaceId best = visit.record.best_face.value_or(faces::FaceId{});
  FACEPIPE_ASSIGN(auto found, store.find_faces({&best, 1}));
  for (faces::FaceRecord& face : found) {
    visit.best_shown = shown(sighting_of({std::move(face), {}, std::nullopt}));
  }
  return {};
}

}  // namespace

Result<std::map<std::string, std::vector<OpenVisit>>> open_visits(faces::FaceStore& store) {
  std::map<std::string, std::vector<OpenVisit>> open;
  faces::VisitFilter filter;
  filter.open = true;
  const auto take_up = [&](std::vector<faces::VisitRecord>& records) -> Status {
    for (faces::VisitRecord& record : records) {
      OpenVisit visit{std::move(record), {}, std::nullopt};
      FACEPIPE_TRY(read_faces(store, visit));
      open[visit.record.camera].push_back(std::move(visit));
    }
    return {};
  };
  FACEPIPE_TRY(faces::each_page(
      faces::kMaxPage, [&](const faces::PageRequest& page) { return store.visits(filter, page); }, take_up));
  return open;
}

Result<std::vector<std::vector<float>>> last_embeddings(faces::FaceStore& store,
                                                        std::span<const faces::FaceRecord> faces) {
  std::vector<std::vector<float>> found;
  for (const faces::FaceRecord& face : faces.last(std::min(faces.size(), Tracker::kMaxEmbeddings))) {
    auto embedding = store.face_embedding(face.id);
    if (!embedding && embedding.error().code != ErrorCode::kNotFound) {
      return std::move(embedding).error();
    }
    if (embedding && face.usable) {
      found.push_back(*std::move(embedding));
    }
  }
  return found;
}

Status restore_unknowns(faces::FaceStore& store, Unknowns& unknowns) {
  faces::PageRequest request{faces::kMaxPage, {}};
  while (true) {
    FACEPIPE_ASSIGN(auto page, store.unknowns(true, request));
    for (faces::UnknownRecord& group : page.records) {
      if (unknowns.size() == Unknowns::kMaxGroups) {
        return {};
      }
      unknowns.restore(std::move(group));
    }
    if (!page.next) {
      return {};
    }
    request.after = *page.next;
  }
}

}  // namespace facepipe::visits
