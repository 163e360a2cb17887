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
using gallery::KnownPeople;
using gallery::PersonId;
using Vector = std::vector<float>;

bool has_embedding(const GalleryOp& op) {
  return op.kind != GalleryOp::Kind::kRename && !is_setting(op.kind);
}

// By the gallery's network and its companion's; `cut` is empty where it is not to be had.
struct Embeddings {
  Vector own;
  Vector cut;
};

// What the prints among the operations stand for, as the gallery is before the first.
std::unordered_map<std::uint64_t, Embeddings> find_prints(std::span<const GalleryOp> ops, const KnownPeople& known) {
  const Gallery& gallery = known.gallery();
  std::set<std::uint64_t> wanted;
  for (const GalleryOp& op : ops) {
    if (has_embedding(op) && op.embedding.kind == EmbeddingRef::Kind::kRow) {
      wanted.insert(op.embedding.id);
    }
  }
  std::unordered_map<std::uint64_t, Embeddings> found;
  const auto look_at = [&](std::span<const float> embedding, const auto& cut) {
    const std::uint64_t print = print_of(embedding);
    if (wanted.contains(print) && !found.contains(print)) {
      found.emplace(print, Embeddings{Vector(embedding.begin(), embedding.end()), cut()});
    }
  };
  std::set<PersonId> people;  // most often theirs
  for (const GalleryOp& op : ops) {
    people.insert(op.person);
  }
  for (const bool theirs : {true, false}) {
    for (std::size_t row = 0; found.size() < wanted.size() && row < gallery.embedding_count(); ++row) {
      if (people.contains(gallery.people()[gallery.owner(row)].id) == theirs) {
        look_at(gallery.embedding(row), [&] { return known.cut_embedding(row); });
      }
    }
    for (const PersonId person : people) {
      const auto rejected = gallery.rejected(person);
      for (std::size_t place = 0; place < rejected.size(); ++place) {
        look_at(rejected[place], [&] { return known.cut_rejected(person, place); });
      }
    }
  }
  return found;
}

class Applying {
 public:
  Applying(std::span<const GalleryOp> ops, KnownPeople& people, const FindEmbedding& find,
           const FindCutEmbedding& find_cut, Apply how)
      : ops_(ops), people_(people), find_(find), find_cut_(find_cut), how_(how), prints_(find_prints(ops, people)) {}

  Result<std::size_t> run() {
    std::size_t done = 0;
    for (const GalleryOp& op : ops_) {
      FACEPIPE_ASSIGN(const bool effect, apply(op));
      done += effect ? 1 : 0;
    }
    return done;
  }

 private:
  // Of one that the gallery had before the first operation.
  const Embeddings* printed(const EmbeddingRef& ref) const {
    const auto found = ref.kind == EmbeddingRef::Kind::kRow ? prints_.find(ref.id) : prints_.end();
    return found == prints_.end() ? nullptr : &found->second;
  }

  // Nothing: it is not to be had any more.
  Result<std::optional<Vector>> embedding_of(const EmbeddingRef& ref) {
    if (const Embeddings* const row = printed(ref)) {
      return std::optional(row->own);
    }
    auto found = find_(ref);
    if (found) {
      return std::optional(*std::move(found));
    }
    return found.error().code == ErrorCode::kNotFound ? Result<std::optional<Vector>>(std::optional<Vector>())
                                                      : Result<std::optional<Vector>>(found.error());
  }

  // The embedding's by the companion's network.
  Vector cut_of(const EmbeddingRef& ref, const Vector& embedding) const {
    if (people_.companion() == nullptr) {
      return {};
    }
    if (const Embeddings* const row = printed(ref)) {
      return row->cut;
    }
    const auto taken = taken_.find(print_of(embedding));
    if (taken != taken_.end()) {
      return taken->second;
    }
    return find_cut_ ? find_cut_(ref) : Vector();
  }

  std::optional<std::size_t> row_of(PersonId person, const Vector& embedding) const {
    for (const std::size_t row : gallery().rows_of(person)) {
      if (std::ranges::equal(gallery().embedding(row), embedding)) {
        return row;
      }
    }
    return std::nullopt;
  }

  std::optional<std::size_t> rejected_place(PersonId person, const Vector& embedding) const {
    const auto rejected = gallery().rejected(person);
    const auto found = std::ranges::find(rejected, embedding);
    return found == rejected.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - rejected.begin()));
  }

  Result<bool> apply(const GalleryOp& op) {
    switch (op.kind) {
      case GalleryOp::Kind::kRename:
        if (!gallery().find(op.person)) {
          return false;
        }
        FACEPIPE_TRY(people_.rename(op.person, op.name));
        return true;
      case GalleryOp::Kind::kStrangers:
        FACEPIPE_TRY(people_.settings().set_strangers(op.number));
        return true;
      case GalleryOp::Kind::kMinQuality:
        FACEPIPE_TRY(people_.settings().set_min_quality(static_cast<float>(op.number.value_or(0))));
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
        return take(op, *embedding);
      case GalleryOp::Kind::kReject:
        if (!gallery().find(op.person) || rejected_place(op.person, *embedding)) {
          return false;
        }
        FACEPIPE_TRY(people_.reject(op.person, *embedding, cut_of(op.embedding, *embedding)));
        return true;
      default:
        return unreject(op.person, *embedding);
    }
  }

  Result<bool> add(const GalleryOp& op, const Vector& embedding) {
    if (missed_.contains(op.embedding) || (how_ == Apply::kAgain && row_of(op.person, embedding))) {
      return false;
    }
    const Vector cut = cut_of(op.embedding, embedding);
    FACEPIPE_TRY(gallery().find(op.person) ? people_.add(op.person, embedding, cut)
                                           : people_.restore(op.person, op.name, embedding, cut));
    return true;
  }

  Result<bool> take(const GalleryOp& op, const Vector& embedding) {
    const PersonId person = op.person;
    const auto row = row_of(person, embedding);
    if (!row) {
      if (how_ == Apply::kOnce) {
        missed_.insert(op.embedding);
      }
      return false;
    }
    remember(embedding, people_.cut_embedding(*row));
    const bool last = gallery().people()[*gallery().find(person)].embedding_count == 1;
    FACEPIPE_TRY(last ? people_.remove(person) : people_.remove_embedding(person, *row));
    return true;
  }

  Result<bool> unreject(PersonId person, const Vector& embedding) {
    const auto place = rejected_place(person, embedding);
    if (!place) {
      return false;
    }
    remember(embedding, people_.cut_rejected(person, *place));
    FACEPIPE_TRY(people_.unreject(person, *place));
    return true;
  }

  // What one operation takes away another may add elsewhere.
  void remember(const Vector& embedding, Vector cut) {
    if (!cut.empty()) {
      taken_[print_of(embedding)] = std::move(cut);
    }
  }

  [[nodiscard]] const Gallery& gallery() const { return people_.gallery(); }

  const std::span<const GalleryOp> ops_;
  KnownPeople& people_;
  const FindEmbedding& find_;
  const FindCutEmbedding& find_cut_;
  const Apply how_;
  const std::unordered_map<std::uint64_t, Embeddings> prints_;
  std::set<EmbeddingRef> missed_;  // that were to be taken, and were not there: not to be had elsewhere
  std::unordered_map<std::uint64_t, Vector> taken_;  // by the companion's network, by the print of the embedding
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

Result<std::size_t> apply(std::span<const GalleryOp> ops, KnownPeople& people, const FindEmbedding& find,
                          const FindCutEmbedding& find_cut, Apply how) {
  if (const auto person = taken_whole(ops, people.gallery()); person && how == Apply::kOnce) {
    FACEPIPE_TRY(people.remove(*person));
    return ops.size();
  }
  return Applying(ops, people, find, find_cut, how).run();
}

bool can_apply(std::span<const GalleryOp> ops, const KnownPeople& people, const FindEmbedding& find) {
  const auto prints = find_prints(ops, people);
  return std::ranges::all_of(ops, [&](const GalleryOp& op) {
    if (!has_embedding(op)) {
      return true;
    }
    const bool row = op.embedding.kind == EmbeddingRef::Kind::kRow && prints.contains(op.embedding.id);
    return row || find(op.embedding).has_value();
  });
}

}  // namespace facepipe::people
