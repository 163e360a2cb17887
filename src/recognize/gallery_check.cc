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

Surroundings around(const gallery::Gallery& gallery, std::span<const std::size_t> rows, std::size_t at) {
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

// What is wrong with the picture at that place of its person's.
Result<std::optional<DoubtfulPicture>> doubt_of(const gallery::Gallery& gallery, const Bounds& bounds,
                                                std::size_t person, std::span<const std::size_t> rows, std::size_t at) {
  const Surroundings own = around(gallery, rows, at);
  FACEPIPE_ASSIGN(const auto other, nearest_other(gallery, rows[at]));
  DoubtfulPicture picture{Doubt::kDouble, person, at + 1, own.own};
  if (other) {
    picture.other_person = other->person;
    picture.other_distance = other->nearest;
  }
  const bool alone = rows.size() == 1;
  if (own.earlier <= kDoubleDistance) {
    picture.other_person.reset();
    return std::optional(picture);
  }
  if (other && other->nearest <= kDoubleDistance) {
    return std::optional(picture);
  }
  if (other && !alone && other->nearest < own.own && other->nearest <= bounds.alike) {
    picture.doubt = Doubt::kResembles;
    return std::optional(picture);
  }
  if (!alone && own.own > bounds.disagrees) {
    picture.doubt = Doubt::kDisagrees;
    picture.other_person.reset();
    return std::optional(picture);
  }
  return std::optional<DoubtfulPicture>();
}

}  // namespace

std::string_view to_string(Doubt doubt) {
  switch (doubt) {
    case Doubt::kDouble:
      return "double";
    case Doubt::kResembles:
      return "resembles";
    case Doubt::kDisagrees:
      return "disagrees";
  }
  return "";
}

std::vector<CheckedPicture> likenesses(const gallery::Gallery& gallery, std::span<const std::size_t> rows) {
  // The mean of a picture's cosines to the others is that to their sum, itself left out.
  std::vector<double> sum;
  for (const std::size_t row : rows) {
    const auto embedding = gallery.embedding(row);
    sum.resize(embedding.size());
    for (std::size_t i = 0; i < embedding.size(); ++i) {
      sum[i] += double{embedding[i]};
    }
  }
  std::vector<CheckedPicture> checked;
  for (const std::size_t row : rows) {
    CheckedPicture& picture = checked.emplace_back();
    picture.row = row;
    const auto embedding = gallery.embedding(row);
    double cosines = 0;
    for (std::size_t i = 0; i < embedding.size(); ++i) {
      cosines += double{embedding[i]} * (sum[i] - double{embedding[i]});
    }
    if (rows.size() > 1) {
      picture.likeness = static_cast<float>(cosines / static_cast<double>(rows.size() - 1));
    }
  }
  return checked;
}

Result<std::vector<CheckedPicture>> check_person(const gallery::Gallery& gallery, const std::optional<NamingRule>& rule,
                                                 std::size_t person, std::span<const std::size_t> rows) {
  const Bounds bounds = bounds_of(gallery, rule);
  std::vector<CheckedPicture> checked = likenesses(gallery, rows);
  for (std::size_t at = 0; at < rows.size(); ++at) {
    FACEPIPE_ASSIGN(checked[at].doubt, doubt_of(gallery, bounds, person, rows, at));
  }
  return checked;
}

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
    FACEPIPE_ASSIGN(const auto doubt, doubt_of(gallery, bounds, person, rows[person], at));
    if (doubt) {
      doubtful.push_back(*doubt);
    }
  }
  return doubtful;
}

}  // namespace facepipe::recognize
