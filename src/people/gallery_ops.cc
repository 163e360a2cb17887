// Tested by gallery_ops_test.cc.
#include "people/gallery_ops.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

#include "base/hash.h"
#include "base/id.h"

namespace facepipe::people {
namespace {

using gallery::Gallery;
using gallery::PersonId;
using Vector = std::vector<float>;

bool has_embedding(const GalleryOp& op) {
  return op.kind != GalleryOp::Kind::kRename && !is_setting(op.kind);
}

// What the prints among the operations stand for, as the gallery is before the first.
std::unordered_map<std::uint64_t, Vector> find_prints(std::span<const GalleryOp> ops, const Gallery& gallery) {
  std::set<std::uint64_t> wanted;
  for (const GalleryOp& op : ops) {
    if (has_embedding(op) && op.embedding.kind == EmbeddingRef::Kind::kRow) {
      wanted.insert(op.embedding.id);
    }
  }
  std::unordered_map<std::uint64_t, Vector> found;
  const auto look_at = [&](std::span<const float> embedding) {
    if (const std::uint64_t print = print_of(embedding); wanted.contains(print)) {
      found.try_emplace(print, embedding.begin(), embedding.end());
    }
  };
  std::set<PersonId> people;  // most often theirs
  for (const GalleryOp& op : ops) {
    people.insert(op.person);
  }
  for (const bool theirs : {true, false}) {
    for (std::size_t row = 0; found.size() < wanted.size() && row < gallery.embedding_count(); ++row) {
      if (people.contains(gallery.people()[gallery.owner(row)].id) == theirs) {
        look_at(gallery.embedding(row));
      }
    }
    for (const PersonId person : people) {
      for (const Vector& embedding : gallery.rejected(person)) {
        look_at(embedding);
      }
    }
  }
  return found;
}

class Applying {
 public:
  Applying(std::span<const GalleryOp> ops, Gallery& gallery, const FindEmbedding& find, Apply how)
      : ops_(ops), gallery_(gallery), find_(find), how_(how), prints_(find_prints(ops, gallery)) {}

  Result<std::size_t> run() {
    std::size_t done = 0;
    for (const GalleryOp& op : ops_) {
      FACEPIPE_ASSIGN(const bool effect, apply(op));
      done += effect ? 1 : 0;
    }
    return done;
  }

 private:
  // Nothing: it is not to be had any more.
  Result<std::optional<Vector>> embedding_of(const EmbeddingRef& ref) {
    if (ref.kind == EmbeddingRef::Kind::kRow) {
      const auto found = prints_.find(ref.id);
      return found == prints_.end() ? std::optional<Vector>() : std::optional(found->second);
    }
    auto found = find_(ref);
    if (found) {
      return std::optional(*std::move(found));
    }
    return found.error().code == ErrorCode::kNotFound ? Result<std::optional<Vector>>(std::optional<Vector>())
                                                      : Result<std::optional<Vector>>(found.error());
  }

  std::optional<std::size_t> row_of(PersonId person, const Vector& embedding) {
    const auto rows = rows_of(gallery_, {&person, 1});
    const auto theirs = rows.find(person);
    if (theirs == rows.end()) {
      return std::nullopt;
    }
    for (const std::size_t row : theirs->second) {
      if (std::ranges::equal(gallery_.embedding(row), embedding)) {
        return row;
      }
    }
    return std::nullopt;
  }

  bool is_rejected(PersonId person, const Vector& embedding) {
    return std::ranges::find(gallery_.rejected(person), embedding) != gallery_.rejected(person).end();
  }

  Result<bool> apply(const GalleryOp& op) {
    switch (op.kind) {
      case GalleryOp::Kind::kRename:
        if (!gallery_.find(op.person)) {
          return false;
        }
        FACEPIPE_TRY(gallery_.rename(op.person, op.name));
        return true;
      case GalleryOp::Kind::kStrangers:
        FACEPIPE_TRY(gallery_.set_strangers(op.number));
        return true;
      case GalleryOp::Kind::kMinQuality:
        FACEPIPE_TRY(gallery_.set_min_quality(static_cast<float>(op.number.value_or(0))));
        return true;
      default:
        break;
    }
    FACEPIPE_ASSIGN(const std::optional<Vector> embedding, embedding_of(op.embedding));
    if (!embedding) {
      return false;
    }
    switch (op.kind) {
      case GalleryOp::Kind::kAdd:
        return add(op, *embedding);
      case GalleryOp::Kind::kTake:
        return take(op.person, *embedding);
      case GalleryOp::Kind::kReject:
        if (!gallery_.find(op.person) || is_rejected(op.person, *embedding)) {
          return false;
        }
        FACEPIPE_TRY(gallery_.reject(op.person, *embedding));
        return true;
      default:
        return unreject(op.person, *embedding);
    }
  }

  Result<bool> add(const GalleryOp& op, const Vector& embedding) {
    if (how_ == Apply::kAgain && row_of(op.person, embedding)) {
      return false;
    }
    FACEPIPE_TRY(gallery_.find(op.person) ? gallery_.add(op.person, embedding)
                                          : gallery_.restore(op.person, op.name, embedding));
    return true;
  }

  Result<bool> take(PersonId person, const Vector& embedding) {
    const auto row = row_of(person, embedding);
    if (!row) {
      return false;
    }
    const bool last = gallery_.people()[*gallery_.find(person)].embedding_count == 1;
    FACEPIPE_TRY(last ? gallery_.remove(person) : gallery_.remove_embedding(person, *row));
    return true;
  }

  Result<bool> unreject(PersonId person, const Vector& embedding) {
    if (!gallery_.find(person) || !is_rejected(person, embedding)) {
      return false;
    }
    const auto now = gallery_.rejected(person);
    std::vector<Vector> left(now.begin(), now.end());
    left.erase(std::ranges::find(left, embedding));
    FACEPIPE_TRY(gallery_.forget_rejected(person));
    for (const Vector& other : left) {
      FACEPIPE_TRY(gallery_.reject(person, other));
    }
    return true;
  }

  const std::span<const GalleryOp> ops_;
  Gallery& gallery_;
  const FindEmbedding& find_;
  const Apply how_;
  const std::unordered_map<std::uint64_t, Vector> prints_;
};

// The person of operations that take all that somebody has, which is quicker at once.
std::optional<PersonId> taken_whole(std::span<const GalleryOp> ops, const Gallery& gallery) {
  if (ops.empty() || ops.front().kind != GalleryOp::Kind::kTake) {
    return std::nullopt;
  }
  const PersonId person = ops.front().person;
  const auto found = gallery.find(person);
  const bool theirs = std::ranges::all_of(
      ops, [&](const GalleryOp& op) { return op.kind == GalleryOp::Kind::kTake && op.person == person; });
  return theirs && found && gallery.people()[*found].embedding_count == ops.size() ? std::optional(person)
                                                                                   : std::nullopt;
}

}  // namespace

std::uint64_t print_of(std::span<const float> embedding) {
  constexpr std::size_t kCharacters = 16;
  return parse_id(sha256_hex(std::as_bytes(embedding)).substr(0, kCharacters)).value_or(0);
}

std::map<PersonId, std::vector<std::size_t>> rows_of(const Gallery& gallery, std::span<const PersonId> people) {
  std::map<PersonId, std::vector<std::size_t>> rows;
  std::size_t left = 0;
  for (const PersonId person : people) {
    if (const auto found = gallery.find(person); found && rows.try_emplace(person).second) {
      left += gallery.people()[*found].embedding_count;
    }
  }
  for (std::size_t row = 0; left > 0 && row < gallery.embedding_count(); ++row) {
    if (const auto theirs = rows.find(gallery.people()[gallery.owner(row)].id); theirs != rows.end()) {
      theirs->second.push_back(row);
      --left;
    }
  }
  return rows;
}

Result<std::size_t> apply(std::span<const GalleryOp> ops, Gallery& gallery, const FindEmbedding& find, Apply how) {
  if (const auto person = taken_whole(ops, gallery); person && how == Apply::kOnce) {
    FACEPIPE_TRY(gallery.remove(*person));
    return ops.size();
  }
  return Applying(ops, gallery, find, how).run();
}

bool can_apply(std::span<const GalleryOp> ops, const Gallery& gallery, const FindEmbedding& find) {
  const auto prints = find_prints(ops, gallery);
  return std::ranges::all_of(ops, [&](const GalleryOp& op) {
    if (!has_embedding(op)) {
      return true;
    }
    return op.embedding.kind == EmbeddingRef::Kind::kRow ? prints.contains(op.embedding.id)
                                                         : find(op.embedding).has_value();
  });
}

}  // namespace facepipe::people
