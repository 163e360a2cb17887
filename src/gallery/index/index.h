// The port behind which a gallery keeps its embeddings and searches them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace facepipe::gallery {

// Whose an embedding is. It stays through renaming, and nobody gets a removed person's again (gallery/person_id.h).
enum class PersonId : std::uint64_t {};

// One of the people nearest to a probe.
struct Neighbour {
  PersonId person{};
  std::size_t row = 0;  // of the person's embedding that is nearest
  float distance = 0;   // Euclidean, to that embedding
};

// Embeddings of one size, each somebody's: rows 0..size()-1 in the order of enrolment. The rows can be had again
// exactly as they came; what makes a search quick (codes, a graph) is an implementation's own. One row a person makes
// an index of centroids. Const calls are thread-safe. Sizes that differ from the index's are a bug of the caller.
class Index {
 public:
  Index() = default;
  Index(const Index&) = delete;
  Index& operator=(const Index&) = delete;
  virtual ~Index() = default;

  [[nodiscard]] virtual std::size_t size() const = 0;
  // Of row < size(). The span lives until the next change.
  [[nodiscard]] virtual std::span<const float> embedding(std::size_t row) const = 0;
  [[nodiscard]] virtual PersonId owner(std::size_t row) const = 0;

  // `rows` in all are about to be there.
  virtual void reserve(std::size_t rows) = 0;
  // The new last row. `embedding` may be one of the index's own.
  virtual void add(PersonId person, std::span<const float> embedding) = 0;
  // Every row of the person; the others keep their order and move up.
  virtual void remove(PersonId person) = 0;
  // Row < size(); the others keep their order and move up.
  virtual void remove_row(std::size_t row) = 0;

  // The k people nearest to a finite probe, or all if they are fewer, the nearest first, each with the nearest row. Of
  // equal distances the lower row comes first. An implementation that may miss one says so where it is made.
  [[nodiscard]] virtual std::vector<Neighbour> search(std::span<const float> probe, std::size_t k) const = 0;
};

}  // namespace facepipe::gallery
