// Tested by gallery_check_test.cc.
#include "recognize/gallery_check.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "gallery/index/distance.h"

namespace facepipe::recognize {
namespace {

constexpr double kDisagreeRate = 1e-3;
constexpr float kNone = std::numeric_limits<float>::infinity();

float gap(std::span<const float> a, std::span<const float> b) {
  return std::sqrt(gallery::squared_distance(a, b));
}

// Of one picture.
struct Surroundings {
  float own = kNone;      // to the person's other pictures
  float earlier = kNone;  // to those that were enrolled before it
};

Surroundings around(const gallery::Gallery& gallery, const std::vector<std::size_t>& rows, std::size_t at) {
  Surroundings found;
  for (std::size_t other = 0; other < rows.size(); ++other) {
    if (other != at) {
      const float distance = gap(gallery.embedding(rows[at]), gallery.embedding(rows[other]));
      found.own = std::min(found.own, distance);
      found.earlier = other < at ? std::min(found.earlier, distance) : found.earlier;
    }
  }
  return found;
}

// The nearest picture of somebody else.
Result<std::optional<gallery::Candidate>> nearest_other(const gallery::Gallery& gallery, std::size_t row) {
  FACEPIPE_ASSIGN(const auto candidates, gallery.candidates(gallery.embedding(row), 2, gallery::Centroids::kLeftOut));
  const auto other = std::ranges::find_if(
      candidates, [&](const gallery::Candidate& candidate) { return candidate.person != gallery.owner(row); });
  return other == candidates.end() ? std::optional<gallery::Candidate>() : std::optional(*other);
}

struct Bounds {
  float alike = kNone;      // up to here two pictures may be one person's
  float disagrees = kNone;  // past it they are not
};

Bounds bounds_of(const gallery::Gallery& gallery, const std::optional<NamingRule>& rule) {
  if (!rule) {
    return {gallery.distance_threshold().value_or(kNone), kNone};
  }
  return {rule->threshold, model::distance_threshold(rule->decision, 1, kDisagreeRate)};
}

}  // namespace

Result<std::vector<DoubtfulPicture>> check_gallery(const gallery::Gallery& gallery,
                                                   const std::optional<NamingRule>& rule) {
  const Bounds bounds = bounds_of(gallery, rule);
  std::vector<std::vector<std::size_t>> rows(gallery.people().size());
  std::vector<DoubtfulPicture> doubtful;
  for (std::size_t row = 0; row < gallery.embedding_count(); ++row) {
    rows[gallery.owner(row)].push_back(row);
  }
  for (std::size_t row = 0; row < gallery.embedding_count(); ++row) {
    const std::size_t person = gallery.owner(row);
    const auto at = static_cast<std::size_t>(std::ranges::lower_bound(rows[person], row) - rows[person].begin());
    const Surroundings own = around(gallery, rows[person], at);
    FACEPIPE_ASSIGN(const auto other, nearest_other(gallery, row));
    DoubtfulPicture picture{Doubt::kDouble, person, at + 1, own.own};
    if (other) {
      picture.other_person = other->person;
      picture.other_distance = other->nearest;
    }
    const bool alone = rows[person].size() == 1;
    if (own.earlier <= kDoubleDistance) {
      picture.other_person.reset();
      doubtful.push_back(picture);
    } else if (other && other->nearest <= kDoubleDistance) {
      doubtful.push_back(picture);
    } else if (other && !alone && other->nearest < own.own && other->nearest <= bounds.alike) {
      picture.doubt = Doubt::kResembles;
      doubtful.push_back(picture);
    } else if (!alone && own.own > bounds.disagrees) {
      picture.doubt = Doubt::kDisagrees;
      picture.other_person.reset();
      doubtful.push_back(picture);
    }
  }
  return doubtful;
}

}  // namespace facepipe::recognize
