// Tested by face_store_test.cc.
#include "faces/store/batch.h"

namespace facepipe::faces {
namespace {

// What is not to be kept is not written in the first place.
Result<bool> insert_kept(const Tables& tables, const Retention& retention, const NewFace& face) {
  return keeps_content(retention, face.record) ? insert_face(tables, face)
                                               : insert_face(tables, {face.record, {}, std::nullopt});
}

// A group's middle is an embedding. Of one that is to be kept no more there is nothing left.
Status put_kept(const Tables& tables, const Retention& retention, const UnknownRecord& unknown) {
  return keeps_group(retention, unknown) ? put_unknown(tables, unknown) : forget_unknown(tables, unknown.id);
}

}  // namespace

Result<Written> write_batch(const Tables& tables, const Retention& retention, const Batch& batch) {
  Written written;
  for (const NewFace& face : batch.faces) {
    FACEPIPE_ASSIGN(const bool is_new, insert_kept(tables, retention, face));
    if (!is_new) {
      written.kept_before.push_back(face.record.id);
    }
  }
  for (const FaceChange& change : batch.face_changes) {
    FACEPIPE_TRY(change_face(tables, change));
  }
  for (const VisitRecord& visit : batch.visits) {
    FACEPIPE_TRY(put_visit(tables, visit));
  }
  for (const VisitId visit : batch.removed_visits) {
    FACEPIPE_TRY(remove_visit(tables, visit));
  }
  for (const UnknownRecord& unknown : batch.unknowns) {
    FACEPIPE_TRY(put_kept(tables, retention, unknown));
  }
  for (const UnknownId unknown : batch.removed_unknowns) {
    FACEPIPE_TRY(remove_unknown(tables, unknown));
  }
  for (const NewPicture& picture : batch.pictures) {
    FACEPIPE_TRY(insert_picture(tables, picture));
  }
  for (const auto& [picture, person] : batch.moved_pictures) {
    FACEPIPE_TRY(move_picture(tables, picture, person));
  }
  for (const PictureId picture : batch.removed_pictures) {
    FACEPIPE_TRY(remove_picture(tables, picture));
  }
  if (batch.forgets_embeddings) {
    FACEPIPE_TRY(remove_embeddings(tables));
    FACEPIPE_TRY(remove_centroids(tables));
  }
  for (const auto& [picture, embedding] : batch.picture_embeddings) {
    FACEPIPE_TRY(put_embedding(tables, picture, embedding));
  }
  for (const auto& [face, embedding] : batch.face_embeddings) {
    FACEPIPE_TRY(put_embedding(tables, face, embedding));
  }
  if (keeps_frames(retention)) {
    for (const FramePicture& frame : batch.frames) {
      FACEPIPE_TRY(insert_frame(tables, frame));
    }
  }
  for (const NewEvent& event : batch.events) {
    FACEPIPE_ASSIGN(const EventId id, insert_event(tables, event));
    written.events.push_back(id);
  }
  if (!batch.retention.empty()) {
    FACEPIPE_TRY(store_retention(tables, batch.retention));
  }
  if (batch.change) {
    FACEPIPE_ASSIGN(written.change, insert_change(tables, *batch.change, batch.undoes));
  }
  return written;
}

}  // namespace facepipe::faces
