// Tested by picture_health_test.cc.
#include "people/picture_health.h"

#include <algorithm>

namespace facepipe::people {

std::optional<std::size_t> PictureHealth::Found::doubtful() const {
  if (!checked) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(std::ranges::count_if(
      pictures, [](const recognize::CheckedPicture& picture) { return picture.doubt.has_value(); }));
}

std::shared_ptr<const PictureHealth::Found> PictureHealth::known(const std::shared_ptr<const gallery::Gallery>& gallery,
                                                                 std::size_t person) {
  const std::lock_guard lock(mutex_);
  if (gallery_.owner_before(gallery) || gallery.owner_before(gallery_)) {
    gallery_ = gallery;
    found_.clear();
    pictures_ = 0;
  }
  const auto found = found_.find(person);
  return found == found_.end() ? nullptr : found->second;
}

Result<std::shared_ptr<const PictureHealth::Found>> PictureHealth::of(
    const std::shared_ptr<const gallery::Gallery>& gallery, const std::optional<recognize::NamingRule>& rule,
    std::size_t person, std::span<const std::size_t> rows, HealthWork& work) {
  if (auto found = known(gallery, person)) {
    return found;
  }
  const auto found = std::make_shared<Found>();
  const std::size_t cost = rows.size() * (rows.size() + gallery->embedding_count());
  if (cost > work.left) {
    found->pictures = recognize::likenesses(*gallery, rows);
    return std::shared_ptr<const Found>(found);
  }
  work.left -= cost;
  FACEPIPE_ASSIGN(found->pictures, recognize::check_person(*gallery, rule, person, rows));
  found->checked = true;
  const std::lock_guard lock(mutex_);
  const bool same = !gallery_.owner_before(gallery) && !gallery.owner_before(gallery_);
  if (same && pictures_ + rows.size() <= kMostPictures && found_.emplace(person, found).second) {
    pictures_ += rows.size();
  }
  return std::shared_ptr<const Found>(found);
}

}  // namespace facepipe::people
