// The port behind which a gallery keeps its embeddings and searches them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace facepipe::gallery {

// One of the people nearest to a probe.
struct Neighbour {
  std::size_t owner = 0;
  std::size_t row = 0;  // of the owner's embedding that is nearest
  float distance = 0;   // Euclidean, to that embedding
};

// Embeddings of one size, each somebody's. A row's number stays: rows are numbered in the order of enrolment, and a
// removed row leaves a gap. An owner is a number, too (a person's slot, gallery/people_table.h). The rows can be had
// again exactly as they came; what makes a search quick (codes, a graph) is an implementation's own. Const calls are
// thread-safe. Sizes that differ from the index's, and numbers that are not there, are a bug of the caller.
class Index {
 public:
  static constexpr std::size_t kNobody = 0xFFFF'FFFF;  // of a removed row

  Index() = default;
  Index(const Index&) = delete;
  Index& operator=(const Index&) = delete;
  virtual ~Index() = default;

  // Rows are numbered 0..end()-1.
  [[nodiscard]] virtual std::size_t end() const = 0;
  // Of a row that is not removed. The span lives until the next change.
  [[nodiscard]] virtual std::span<const float> embedding(std::size_t row) const = 0;
  // kNobody: the row is removed.
  [[nodiscard]] virtual std::size_t owner(std::size_t row) const = 0;
  // The owner's rows, ascending; none for nobody. Takes no pass over all rows.
  [[nodiscard]] virtual std::vector<std::size_t> rows_of(std::size_t owner) const = 0;
  [[nodiscard]] virtual std::size_t count_of(std::size_t owner) const = 0;

  // `rows` in all are about to be there.
  virtual void reserve(std::size_t rows) = 0;
  // The new row end() - 1. `embedding` may be one of the index's own.
  virtual void add(std::size_t owner, std::span<const float> embedding) = 0;
  // end() is `rows` from now on, where it was less: what lies between is removed.
  virtual void skip_to(std::size_t rows) = 0;
  // Its values are overwritten in memory that is the index's alone.
  virtual void remove(std::size_t row) = 0;

  // The k people nearest to a finite probe, or all if they are fewer, the nearest first, each with the nearest row. Of
  // equal distances the lower row comes first. An implementation that may miss one says so where it is made.
  [[nodiscard]] virtual std::vector<Neighbour> search(std::span<const float> probe, std::size_t k) const = 0;
};

}  // namespace facepipe::gallery
