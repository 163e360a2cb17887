// Pictures that nothing needs any more. Tested by people_desk_test.cc.
#include <limits>
#include <set>
#include <unordered_set>
#include <utility>

#include "people/desk_work.h"

namespace facepipe::people {
namespace {

// Pictures that changes since `since` could bring back.
Result<std::unordered_set<std::uint64_t>> pictures_to_spare(faces::FaceStore& store, Clock::TimePoint since) {
  std::unordered_set<std::uint64_t> spared;
  faces::PageRequest page{.limit = faces::kMaxPage, .after = {}};
  while (true) {
    FACEPIPE_ASSIGN(const auto changes, store.changes(page));
    for (const faces::ChangeRecord& change : changes.records) {
      if (change.what.time < since) {
        return spared;
      }
      const auto note = read_change_note(change.what.json);
      if (!note) {
        continue;
      }
      for (const auto* ops : {&note->forward.gallery, &note->back.gallery}) {
        for (const GalleryOp& op : *ops) {
          if (op.embedding.kind == EmbeddingRef::Kind::kPicture) {
            spared.insert(op.embedding.id);
          }
        }
      }
    }
    if (!changes.next) {
      return spared;
    }
    page.after = *changes.next;
  }
}

}  // namespace

Result<std::size_t> PeopleDesk::tidy() {
  faces::FaceStore* const store = work_->parts().store;
  if (store == nullptr) {
    return std::size_t{0};
  }
  // The log before the gallery: a change that is made meanwhile cannot be missed by both.
  FACEPIPE_ASSIGN(const auto pictures,
                  faces::all_of<faces::PictureRecord>(
                      [&](const faces::PageRequest& page) { return store->pictures(std::nullopt, page); },
                      std::numeric_limits<std::size_t>::max()));
  FACEPIPE_ASSIGN(const auto spared, pictures_to_spare(*store, work_->now() - kUndoTime));
  FACEPIPE_ASSIGN(const auto gallery, work_->read());
  std::set<std::pair<PersonId, std::uint64_t>> known;
  for (std::size_t row = 0; row < gallery->embedding_count(); ++row) {
    known.emplace(gallery->people()[gallery->owner(row)].id, print_of(gallery->embedding(row)));
  }
  faces::Batch batch;
  for (const faces::PictureRecord& picture : pictures) {
    const auto embedding = store->picture_embedding(picture.id);
    if (embedding && !known.contains({picture.person, print_of(*embedding)}) &&
        !spared.contains(static_cast<std::uint64_t>(picture.id))) {
      batch.removed_pictures.push_back(picture.id);
    }
  }
  if (!batch.removed_pictures.empty()) {
    FACEPIPE_TRY(store->write(batch));
  }
  return batch.removed_pictures.size();
}

}  // namespace facepipe::people
