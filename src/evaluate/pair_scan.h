// All pairs of labelled embeddings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/result.h"
#include "evaluate/distances.h"
#include "evaluate/operating_point.h"

namespace facepipe::evaluate {

// Rows of one size, one behind the other, and whose each is (any numbers).
struct EmbeddingTable {
  std::size_t size = 0;  // of an embedding; at least 1
  std::vector<float> values;
  std::vector<std::size_t> person;
  [[nodiscard]] std::size_t rows() const { return person.size(); }
  [[nodiscard]] std::span<const float> row(std::size_t i) const { return {values.data() + i * size, size}; }
};

struct PairOfRows {
  float distance = 0;
  std::uint32_t first = 0;  // the lower row
  std::uint32_t second = 0;
};

struct PairScanOptions {
  std::vector<double> rates = {1e-2, 1e-3, 1e-4, 1e-5, 1e-6};  // of impostor pairs accepted, each in (0, 1)
  std::size_t threads = 1;
  std::size_t worst = 0;                      // how many pairs of each kind to name
  std::function<void(std::size_t)> progress;  // rows done; called from any thread, one at a time
};

struct PairScan {
  std::uint64_t genuine_pairs = 0;
  std::uint64_t impostor_pairs = 0;
  std::vector<OperatingPoint> points;  // one a rate, as asked for; exact
  DistanceHistogram genuine;
  DistanceHistogram impostor;
  std::vector<PairOfRows> closest_impostors;  // the nearest first; equal ones by their rows
  std::vector<PairOfRows> farthest_genuine;   // the farthest first
  std::size_t nearest_right = 0;  // rows whose nearest other row is the same person's; ties go to the lower row
};

inline constexpr std::size_t kMaxScanRows = 100'000;  // 5e9 pairs: minutes

// Compares every row with every other (Euclidean distance). Memory: the distances up to the largest rate (twice, for
// each thread), never all of them; distances of one person's pairs are computed a second time instead of being kept.
// kInvalidArgument for a rate, a table without a genuine or an impostor pair or with values that do not fit its rows;
// kTooLarge past kMaxScanRows.
[[nodiscard]] Result<PairScan> scan_pairs(const EmbeddingTable& table, const PairScanOptions& options);

}  // namespace facepipe::evaluate
