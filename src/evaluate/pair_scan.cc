// Tested by pair_scan_test.cc.
#include "evaluate/pair_scan.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <string>
#include <unordered_map>

#include "evaluate/parallel.h"
#include "gallery/index/distance.h"

namespace facepipe::evaluate {
namespace {

// The first `keep` pairs in an order; holds at most twice as many.
template <typename Before>
class FirstPairs {
 public:
  explicit FirstPairs(std::size_t keep) : keep_(keep) {}
  void add(const PairOfRows& pair) {
    if (keep_ == 0 || (pairs_.size() >= keep_ && full_ && !Before()(pair, last_))) {
      return;
    }
    pairs_.push_back(pair);
    if (pairs_.size() >= 2 * keep_) {
      shrink();
    }
  }
  void merge(const FirstPairs& other) {
    for (const PairOfRows& pair : other.pairs_) {
      add(pair);
    }
  }
  [[nodiscard]] std::vector<PairOfRows> take() && {
    shrink();
    return std::move(pairs_);
  }

 private:
  void shrink() {
    std::sort(pairs_.begin(), pairs_.end(), Before());
    pairs_.resize(std::min(pairs_.size(), keep_));
    if (pairs_.size() == keep_ && keep_ > 0) {
      last_ = pairs_.back();
      full_ = true;
    }
  }
  std::size_t keep_;
  std::vector<PairOfRows> pairs_;
  PairOfRows last_;
  bool full_ = false;
};

bool earlier_rows(const PairOfRows& a, const PairOfRows& b) {
  return a.first != b.first ? a.first < b.first : a.second < b.second;
}
struct Nearer {
  bool operator()(const PairOfRows& a, const PairOfRows& b) const {
    return a.distance != b.distance ? a.distance < b.distance : earlier_rows(a, b);
  }
};
struct Farther {
  bool operator()(const PairOfRows& a, const PairOfRows& b) const {
    return a.distance != b.distance ? a.distance > b.distance : earlier_rows(a, b);
  }
};

struct NearestRow {
  float distance = std::numeric_limits<float>::infinity();
  std::uint32_t row = 0;
  void offer(float other_distance, std::uint32_t other) {
    if (other_distance < distance || (other_distance == distance && other < row)) {
      distance = other_distance;
      row = other;
    }
  }
};

// What one thread finds.
struct Found {
  Found(std::size_t keep, std::size_t worst, std::size_t rows)
      : smallest(keep), closest(worst), farthest(worst), nearest(rows) {}
  void add(const PairOfRows& pair, bool same) {
    (same ? genuine : impostor).add(pair.distance);
    if (same) {
      farthest.add(pair);
    } else {
      smallest.add(pair.distance);
      closest.add(pair);
    }
    nearest[pair.first].offer(pair.distance, pair.second);
    nearest[pair.second].offer(pair.distance, pair.first);
  }
  void merge(const Found& other) {
    smallest.merge(other.smallest);
    genuine.merge(other.genuine);
    impostor.merge(other.impostor);
    closest.merge(other.closest);
    farthest.merge(other.farthest);
    for (std::size_t i = 0; i < nearest.size(); ++i) {
      nearest[i].offer(other.nearest[i].distance, other.nearest[i].row);
    }
  }

  SmallestDistances smallest;
  DistanceHistogram genuine;
  DistanceHistogram impostor;
  FirstPairs<Nearer> closest;
  FirstPairs<Farther> farthest;
  std::vector<NearestRow> nearest;
};

float distance_of(const EmbeddingTable& table, std::size_t a, std::size_t b) {
  return std::sqrt(gallery::squared_distance(table.row(a), table.row(b)));
}

// The rows of each person.
std::vector<std::vector<std::uint32_t>> rows_by_person(const EmbeddingTable& table) {
  std::unordered_map<std::size_t, std::size_t> index;
  std::vector<std::vector<std::uint32_t>> rows;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const auto [entry, added] = index.try_emplace(table.person[i], rows.size());
    if (added) {
      rows.emplace_back();
    }
    rows[entry->second].push_back(static_cast<std::uint32_t>(i));
  }
  return rows;
}

std::uint64_t pairs_among(std::uint64_t count) {
  return count < 2 ? 0 : count * (count - 1) / 2;
}

Status check_scan(const EmbeddingTable& table, const PairScanOptions& options) {
  for (const double rate : options.rates) {
    FACEPIPE_TRY(check_rate(rate));
  }
  if (table.rows() > kMaxScanRows) {
    return Error{ErrorCode::kTooLarge, "expected at most " + std::to_string(kMaxScanRows) +
                                           " faces to compare with each other, found " + std::to_string(table.rows())};
  }
  if (table.size < 1 || table.values.size() != table.rows() * table.size) {
    return Error{ErrorCode::kInvalidArgument, "expected " + std::to_string(table.size) + " values for each of " +
                                                  std::to_string(table.rows()) + " faces, found " +
                                                  std::to_string(table.values.size()) + " in all"};
  }
  if (!std::all_of(table.values.begin(), table.values.end(), [](float value) { return std::isfinite(value); })) {
    return Error{ErrorCode::kInvalidArgument, "expected embeddings of finite values, found others"};
  }
  return {};
}

Found scan(const EmbeddingTable& table, const PairScanOptions& options, std::size_t keep) {
  const std::size_t threads = std::max<std::size_t>(1, std::min(options.threads, table.rows()));
  std::vector<Found> found;
  found.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i) {
    found.emplace_back(keep, options.worst, table.rows());
  }
  std::mutex mutex;
  std::size_t done = 0;
  for_each_index(table.rows(), threads, [&](std::size_t row, std::size_t worker) {
    for (std::size_t other = row + 1; other < table.rows(); ++other) {
      found[worker].add(
          {distance_of(table, row, other), static_cast<std::uint32_t>(row), static_cast<std::uint32_t>(other)},
          table.person[row] == table.person[other]);
    }
    if (options.progress) {
      const std::lock_guard lock(mutex);
      options.progress(++done);
    }
  });
  for (std::size_t i = 1; i < threads; ++i) {
    found.front().merge(found[i]);
  }
  return std::move(found.front());
}

// The shares of one person's pairs within each threshold: exact, from the distances themselves.
void count_genuine(const EmbeddingTable& table, const std::vector<std::vector<std::uint32_t>>& people, PairScan& scan) {
  std::vector<std::uint64_t> within(scan.points.size());
  for (const std::vector<std::uint32_t>& rows : people) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      for (std::size_t k = i + 1; k < rows.size(); ++k) {
        const float distance = distance_of(table, rows[i], rows[k]);
        for (std::size_t point = 0; point < within.size(); ++point) {
          within[point] += scan.points[point].threshold && distance <= *scan.points[point].threshold ? 1U : 0U;
        }
      }
    }
  }
  for (std::size_t point = 0; point < within.size(); ++point) {
    scan.points[point].true_rate = static_cast<double>(within[point]) / static_cast<double>(scan.genuine_pairs);
  }
}

}  // namespace

Result<PairScan> scan_pairs(const EmbeddingTable& table, const PairScanOptions& options) {
  FACEPIPE_TRY(check_scan(table, options));
  const auto people = rows_by_person(table);
  PairScan result;
  for (const auto& rows : people) {
    result.genuine_pairs += pairs_among(rows.size());
  }
  result.impostor_pairs = pairs_among(table.rows()) - result.genuine_pairs;
  if (result.genuine_pairs == 0 || result.impostor_pairs == 0) {
    return Error{ErrorCode::kInvalidArgument, "expected pairs of one person and of different people, found " +
                                                  std::to_string(result.genuine_pairs) + " and " +
                                                  std::to_string(result.impostor_pairs)};
  }
  std::uint64_t keep = 1;
  for (const double rate : options.rates) {
    keep = std::max(keep, std::min(allowed_at(rate, result.impostor_pairs) + 1, result.impostor_pairs));
  }
  Found found = scan(table, options, keep);
  const std::vector<float> smallest = found.smallest.sorted();
  for (const double rate : options.rates) {
    result.points.push_back(operating_point(smallest, result.impostor_pairs, {}, rate));
  }
  count_genuine(table, people, result);
  result.genuine = std::move(found.genuine);
  result.impostor = std::move(found.impostor);
  result.closest_impostors = std::move(found.closest).take();
  result.farthest_genuine = std::move(found.farthest).take();
  for (std::size_t i = 0; i < table.rows(); ++i) {
    result.nearest_right += table.person[found.nearest[i].row] == table.person[i] ? 1U : 0U;
  }
  return result;
}

}  // namespace facepipe::evaluate
