// How the pictures of people go together: asked for often, changed seldom, and dear. Internal to the module.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "recognize/gallery_check.h"

namespace facepipe::people {

// What one question may cost, in distances of embeddings: some 15 ns each, on one core.
struct HealthWork {
  static constexpr std::size_t kMost = 50'000'000;
  std::size_t left = kMost;
};

// Thread-safe. Remembers what it found out as long as the gallery is the same object, of at most kMostPictures
// pictures.
class PictureHealth {
 public:
  static constexpr std::size_t kMostPictures = 200'000;
  struct Found {
    std::vector<recognize::CheckedPicture> pictures;  // as the rows
    bool checked = false;                             // false: likeness alone, for want of work
    [[nodiscard]] std::optional<std::size_t> doubtful() const;
  };
  // Of the person at that place, with these rows in the order of enrolment. Errors: the search's.
  [[nodiscard]] Result<std::shared_ptr<const Found>> of(const std::shared_ptr<const gallery::Gallery>& gallery,
                                                        const std::optional<recognize::NamingRule>& rule,
                                                        std::size_t person, std::span<const std::size_t> rows,
                                                        HealthWork& work);

 private:
  [[nodiscard]] std::shared_ptr<const Found> known(const std::shared_ptr<const gallery::Gallery>& gallery,
                                                   std::size_t person);

  std::mutex mutex_;  // guards what follows
  std::weak_ptr<const gallery::Gallery> gallery_;
  std::map<std::size_t, std::shared_ptr<const Found>> found_;
  std::size_t pictures_ = 0;
};

}  // namespace facepipe::people
