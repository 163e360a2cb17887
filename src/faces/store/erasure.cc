// Tested by face_store_erase_test.cc
#include "faces/store/erasure.h"

namespace facepipe::faces {
namespace {

constexpr int kRounds = 5;  // faces of the person may still come in, of a gallery that is just being replaced

Result<std::int64_t> erase_steps(StoreEngine& engine, const std::function<Result<Erased>(const Tables&)>& step,
                                 Traces& traces) {
  std::int64_t records = 0;
  while (true) {
    FACEPIPE_ASSIGN(const Erased erased, engine.change<Erased>(step));
    traces.add(erased.traces);
    if (erased.records == 0) {
      return records;
    }
    records += erased.records;
  }
}

}  // namespace

Result<std::int64_t> erase_mentions_of(StoreEngine& engine, const Traces& traces, std::optional<PersonId> person) {
  std::int64_t records = 0;
  for (MentionSearch search; !search.done;) {
    FACEPIPE_ASSIGN(const std::vector<Mention> found,
                    engine.ask([&](const Tables& tables) { return find_mentions(tables, traces, search); }));
    if (!found.empty()) {
      FACEPIPE_ASSIGN(const Erased erased, engine.change<Erased>([&](const Tables& tables) {
        return erase_mentions(tables, traces, person, found);
      }));
      records += erased.records;
    }
  }
  return records;
}

Result<std::int64_t> erase_by(StoreEngine& engine, const std::function<Result<Erased>(const Tables&)>& step,
                              Traces traces, std::optional<PersonId> person) {
  std::int64_t records = 0;
  for (int round = 0; round < kRounds; ++round) {
    FACEPIPE_ASSIGN(std::int64_t now, erase_steps(engine, step, traces));
    if (person) {
      FACEPIPE_ASSIGN(const std::int64_t mentions, erase_mentions_of(engine, traces, person));
      now += mentions;
    }
    records += now;
    if (now == 0) {
      break;  // the round before this one left nothing
    }
  }
  FACEPIPE_TRY(engine.forget_bytes(traces));
  return records;
}

}  // namespace facepipe::faces
