// Settings: changed, and what they would do. Tested by desk_settings_test.cc.
#include <algorithm>

#include "people/desk_work.h"
#include "recognize/naming.h"

namespace facepipe::people {
namespace {

using Kind = GalleryOp::Kind;
using gallery::Gallery;

GalleryOp setting(Kind kind, std::optional<double> number) {
  return {.kind = kind, .number = number};
}

// kUnsupported unless a share of strangers decides in the gallery; kInvalidArgument for what is no share or quality.
Status check_naming(const Gallery& gallery, const SettingsChange& change, const std::optional<model::Manifest>& pack) {
  if (!pack) {
    return Error{ErrorCode::kUnsupported, "the share of strangers needs a pack, which is not open here"};
  }
  Gallery tried(gallery.origin());
  if (const auto share = change.strangers ? change.strangers : gallery.strangers()) {
    FACEPIPE_TRY(recognize::set_strangers(tried, *pack, *share));
  } else {
    return Error{ErrorCode::kUnsupported, "a quality needs a gallery that states a share of strangers"};
  }
  return tried.set_min_quality(change.min_quality.value_or(0));
}

void decide_naming(const Gallery& gallery, const SettingsChange& change, ChangeNote& note) {
  if (change.strangers && gallery.strangers() != change.strangers) {
    note.forward.gallery.push_back(setting(Kind::kStrangers, change.strangers));
    note.back.gallery.push_back(setting(Kind::kStrangers, gallery.strangers()));
  }
  if (change.min_quality && gallery.min_quality() != *change.min_quality) {
    note.forward.gallery.push_back(setting(Kind::kMinQuality, *change.min_quality));
    note.back.gallery.push_back(setting(Kind::kMinQuality, gallery.min_quality()));
  }
}

void decide_retention(const faces::Retention& now, const faces::RetentionValues& change, ChangeNote& note) {
  const faces::RetentionValues before = faces::values_of(now);
  for (const auto& [name, value] : change) {
    if (before.at(name) != value) {
      note.forward.retention.emplace(name, value);
      note.back.retention.emplace(name, before.at(name));
    }
  }
}

// As it was found when the face was recognised. Nothing: no rule decided then.
std::optional<recognize::Quality> told_quality(const faces::FaceRecord& face) {
  if (!face.quality) {
    return std::nullopt;
  }
  recognize::Quality quality{*face.quality, face.usable, {}};
  for (const std::string& reason : face.reasons) {
    if (const auto flaw = recognize::parse_flaw(reason)) {
      quality.flaws.push_back(*flaw);
    }
  }
  return quality;
}

// Counts a face in, by both rules.
class Comparison {
 public:
  Comparison(const Gallery& gallery, const recognize::NamingRule& before, const recognize::NamingRule& after)
      : gallery_(gallery), before_(before), after_(after) {}

  Status add(const faces::FaceRecord& face, std::span<const float> embedding, NamingEffect& effect) const {
    FACEPIPE_ASSIGN(const auto nearest, recognize::nearest_people(gallery_, before_, embedding, 2));
    const auto quality = told_quality(face);
    const auto name_by = [&](const recognize::NamingRule& rule) {
      const recognize::Identity identity = recognize::identify_among(gallery_, rule, nearest);
      const recognize::Identity judged = quality ? recognize::judged(identity, *quality, rule) : identity;
      return judged.known ? judged.name : std::string();
    };
    NamingEffect::Face both{face.id, name_by(before_), name_by(after_)};
    effect.faces += 1;
    effect.named_before += both.before.empty() ? 0U : 1U;
    effect.named_after += both.after.empty() ? 0U : 1U;
    if (both.before != both.after) {
      effect.changed.push_back(std::move(both));
    }
    return {};
  }

 private:
  const Gallery& gallery_;
  const recognize::NamingRule& before_;
  const recognize::NamingRule& after_;
};

constexpr int kEffectPages = 10;  // of faces, most of which may have no embedding any more

}  // namespace

Result<Changed> PeopleDesk::change_settings(const SettingsChange& change, std::string_view who) {
  FACEPIPE_TRY(faces::check(change.retention));
  Decided decided;
  decided.action = "settings.change";
  decided.event = "settings.changed";
  const auto retain = [&]() -> Status {
    if (!change.retention.empty()) {
      FACEPIPE_ASSIGN(faces::FaceStore* const store, work_->store());
      decide_retention(store->retention(), change.retention, decided.note);
    }
    return {};
  };
  if (!change.strangers && !change.min_quality) {
    FACEPIPE_ASSIGN(const FileLock lock, work_->lock());  // what it was stays until it is changed
    FACEPIPE_TRY(retain());
    return work_->change_kept(decided, who);
  }
  return work_->change(
      [&](const Gallery& gallery) -> Result<Decided> {
        FACEPIPE_TRY(check_naming(gallery, change, work_->parts().manifest));
        decide_naming(gallery, change, decided.note);
        FACEPIPE_TRY(retain());
        return decided;
      },
      who);
}

Result<NamingEffect> PeopleDesk::effect_of(const SettingsChange& change, const WorkLimit& limit) const {
  FACEPIPE_ASSIGN(faces::FaceStore* const store, work_->store());
  FACEPIPE_ASSIGN(const auto recognizer, work_->recognizer());
  const Gallery& gallery = recognizer->gallery();
  FACEPIPE_TRY(check_naming(gallery, change, work_->parts().manifest));
  const auto& before = recognizer->rule();
  if (!before) {
    return Error{ErrorCode::kUnsupported, "this gallery states no share of strangers"};
  }
  const recognize::NamingRule after = recognize::changed(*before, gallery, change.strangers.value_or(before->strangers),
                                                         change.min_quality.value_or(before->min_quality));
  const Comparison comparison(gallery, *before, after);
  NamingEffect effect;
  faces::PageRequest page{.limit = faces::kMaxPage, .after = {}};
  for (int pages = 0; pages < kEffectPages; ++pages) {
    FACEPIPE_ASSIGN(const auto found, store->faces({}, page));
    for (const faces::FaceRecord& face : found.records) {
      if (effect.faces == kEffectFaces) {
        return effect;
      }
      if (limit.reached()) {
        effect.complete = false;
        return effect;
      }
      if (face.mark == faces::Mark::kNoFace) {
        continue;
      }
      const auto embedding = store->face_embedding(face.id);
      if (embedding && std::cmp_equal(embedding->size(), gallery.origin().embedding_size)) {
        FACEPIPE_TRY(comparison.add(face, *embedding, effect));
      } else if (!embedding && embedding.error().code != ErrorCode::kNotFound) {
        return embedding.error();
      }
    }
    if (!found.next) {
      return effect;
    }
    page.after = *found.next;
  }
  return effect;
}

}  // namespace facepipe::people
