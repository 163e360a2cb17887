// Tested by visit_keeper_test.cc.
#include "visits/recovery.h"

#include <utility>

namespace facepipe::visits {
namespace {

// The embeddings of its last faces, the oldest first.
Status read_faces(faces::FaceStore& store, OpenVisit& visit) {
  faces::FaceFilter of_visit;
  of_visit.visit = visit.record.id;
  FACEPIPE_ASSIGN(const auto page, store.faces(of_visit, {Tracker::kMaxEmbeddings, {}}));
  for (const faces::FaceRecord& face : page.records) {
    if (!visit.box) {
      visit.box = face.box;
    }
    auto embedding = store.face_embedding(face.id);
    if (!embedding && embedding.error().code != ErrorCode::kNotFound) {
      return std::move(embedding).error();
    }
    if (embedding && face.usable) {
      visit.embeddings.insert(visit.embeddings.begin(), *std::move(embedding));
    }
  }
  return {};
}

}  // namespace

Result<std::map<std::string, std::vector<OpenVisit>>> open_visits(faces::FaceStore& store) {
  std::map<std::string, std::vector<OpenVisit>> open;
  faces::VisitFilter filter;
  filter.open = true;
  faces::PageRequest request{faces::kMaxPage, {}};
  while (true) {
    FACEPIPE_ASSIGN(auto page, store.visits(filter, request));
    for (faces::VisitRecord& record : page.records) {
      OpenVisit visit{std::move(record), {}, std::nullopt};
      FACEPIPE_TRY(read_faces(store, visit));
      open[visit.record.camera].push_back(std::move(visit));
    }
    if (!page.next) {
      return open;
    }
    request.after = *page.next;
  }
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
