// Tested by face_store_retention_test.cc
#include "faces/store/retention.h"

#include <sys/statvfs.h>

#include <limits>

#include "faces/store/schema.h"

namespace facepipe::faces {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPause{5'000};
constexpr milliseconds kBetweenSteps{100};  // while there is work: the commits of frames come first
constexpr milliseconds kBetweenLogs{30'000};
constexpr milliseconds kBetweenCameras{3'600'000};
constexpr milliseconds kJump{60'000};             // of the wall clock: it was set
constexpr milliseconds kDoubt{3'600'000};         // after that nothing expires for so long
constexpr std::int64_t kStep = 100;               // rows of a class in one step
constexpr std::int64_t kKeptFreePages = 2'048;    // 8 MiB stay in the file for what comes next
constexpr std::int64_t kDiskReserve = 512 << 20;  // stays free on the disk: for queues, gallery and logs

Result<std::vector<std::int64_t>> expired(const Tables& tables, std::string_view sql, std::int64_t before_ms,
                                          std::int64_t limit = kStep) {
  sqlite::Statement select = tables.database.statement(sql);
  select.bind(before_ms, limit);
  return select.all([&] { return select.integer(0); });
}

// How many of those that `sql` finds went.
Result<std::int64_t> remove_each(const Tables& tables, std::string_view sql, std::int64_t before_ms,
                                 Status (*remove)(const Tables&, std::int64_t), std::int64_t limit = kStep) {
  FACEPIPE_ASSIGN(const std::vector<std::int64_t> rows, expired(tables, sql, before_ms, limit));
  for (const std::int64_t row : rows) {
    FACEPIPE_TRY(remove(tables, row));
  }
  return static_cast<std::int64_t>(rows.size());
}

constexpr std::string_view kKnownContent =
    "SELECT seq FROM face INDEXED BY face_content WHERE content <> 0 AND known = 1 AND time_ms < ? "
    "ORDER BY time_ms LIMIT ?";
constexpr std::string_view kUnknownContent =
    "SELECT seq FROM face INDEXED BY face_content WHERE content <> 0 AND known = 0 AND time_ms < ? "
    "ORDER BY time_ms LIMIT ?";
constexpr std::string_view kFrames = "SELECT seq FROM frame WHERE time_ms < ? ORDER BY time_ms LIMIT ?";

Status remove_visit_row(const Tables& tables, std::int64_t id) {
  return remove_visit(tables, static_cast<VisitId>(id));
}

// Its records say it still: who looks at them sees that they were of one stranger.
Status remove_unknown_row(const Tables& tables, std::int64_t seq) {
  return tables.database.statement("DELETE FROM unknown WHERE seq = ?").bind(seq).run();
}

Status remove_change_row(const Tables& tables, std::int64_t id) {
  return tables.database.statement("DELETE FROM change WHERE id = ?").bind(id).run();
}

Status remove_event_row(const Tables& tables, std::int64_t id) {
  return remove_event(tables, static_cast<EventId>(id));
}

// In their order, and none that an output still has to deliver.
Result<std::int64_t> expire_events(const Tables& tables, std::int64_t before_ms) {
  FACEPIPE_ASSIGN(
      const std::vector<std::int64_t> events,
      expired(tables,
              "SELECT id FROM event WHERE time_ms < ? AND id < ifnull((SELECT min(event) FROM (SELECT "
              "(SELECT event FROM delivery INDEXED BY delivery_pending WHERE output = output.id AND dead = 0 "
              "ORDER BY event LIMIT 1) AS event FROM output)), 9223372036854775807) ORDER BY id LIMIT ?",
              before_ms));
  for (const std::int64_t event : events) {
    FACEPIPE_TRY(remove_event_row(tables, event));
  }
  if (!events.empty()) {
    FACEPIPE_TRY(tables.database.statement("UPDATE store SET forgotten_event = max(forgotten_event, ?)")
                     .bind(events.back())
                     .run());
  }
  return static_cast<std::int64_t>(events.size());
}

// Some of one class: frames, then nobody's faces, then people's.
Result<std::int64_t> remove_oldest(const Tables& tables) {
  constexpr std::int64_t kFew = 5;
  constexpr std::int64_t kEver = std::numeric_limits<std::int64_t>::max();
  using Remove = Status (*)(const Tables&, std::int64_t);
  for (const auto& [sql, remove] : {std::pair<std::string_view, Remove>(kFrames, remove_frame),
                                    std::pair<std::string_view, Remove>(kUnknownContent, remove_content),
                                    std::pair<std::string_view, Remove>(kKnownContent, remove_content)}) {
    FACEPIPE_ASSIGN(const std::int64_t gone, remove_each(tables, sql, kEver, remove, kFew));
    if (gone > 0) {
      return gone;
    }
  }
  return std::int64_t{0};
}

}  // namespace

bool keeps_content(const Retention& retention, const FaceRecord& face) {
  const Retention::Age& age = is_known(face) ? retention.known : retention.unknown;
  return age != std::chrono::seconds{0};
}

bool keeps_frames(const Retention& retention) {
  return retention.frames != std::chrono::seconds{0};
}

Status Sweeper::step(Clock::TimePoint now, milliseconds passed) {
  if (passed < next_) {
    return {};
  }
  std::int64_t gone = 0;
  const bool believed = is_steady(now, passed);
  const Status done = database_.transact([&]() -> Status {
    const Tables tables{database_, vault_};
    if (believed) {
      FACEPIPE_ASSIGN(gone, expire(tables, to_ms(now)));
    }
    FACEPIPE_ASSIGN(const std::int64_t for_room, make_room(tables));
    gone += for_room;
    if (passed >= next_cameras_) {
      next_cameras_ = passed + kBetweenCameras;
      FACEPIPE_TRY(remove_unused_cameras(tables));
    }
    return {};
  });
  next_ = passed + kPause;
  if (!done) {
    return done.error();
  }
  FACEPIPE_ASSIGN(const bool gave_back, give_back());
  if (gone > 0 || gave_back) {
    next_ = passed + kBetweenSteps;
    log_holds_freed_ = true;
  }
  if (log_holds_freed_ && passed >= next_log_) {
    // A reader that is in its way only puts it off.
    const bool emptied = room_.empty_log(database_, milliseconds{0}).has_value();
    log_holds_freed_ = !emptied;
    next_log_ = passed + (emptied ? kBetweenLogs : kBetweenSteps);
  }
  return {};
}

// A machine's clock may be set to a far future and back (no battery, time from the network): what would go then is
// gone.
bool Sweeper::is_steady(Clock::TimePoint now, milliseconds passed) {
  const milliseconds ahead = now.time_since_epoch() - passed;
  if (ahead_ && std::chrono::abs(ahead - *ahead_) > kJump) {
    steady_from_ = passed + kDoubt;
  }
  ahead_ = ahead;
  return passed >= steady_from_;
}

Result<std::int64_t> Sweeper::expire(const Tables& tables, std::int64_t now_ms) const {
  std::int64_t gone = 0;
  const auto expire_class = [&](const Retention::Age& age, auto&& work) -> Status {
    if (!age) {
      return {};
    }
    FACEPIPE_ASSIGN(const std::int64_t count, work(now_ms - std::chrono::milliseconds(*age).count()));
    gone += count;
    return {};
  };
  const auto rows = [&](std::string_view sql, Status (*remove)(const Tables&, std::int64_t)) {
    return [&tables, sql, remove](std::int64_t before_ms) { return remove_each(tables, sql, before_ms, remove); };
  };
  FACEPIPE_TRY(expire_class(retention_.frames, rows(kFrames, remove_frame)));
  FACEPIPE_TRY(expire_class(retention_.unknown, rows(kUnknownContent, remove_content)));
  FACEPIPE_TRY(expire_class(retention_.known, rows(kKnownContent, remove_content)));
  FACEPIPE_TRY(expire_class(retention_.unknown,
                            rows("SELECT seq FROM unknown INDEXED BY unknown_ignored WHERE ignored = 0 AND last_ms < ? "
                                 "ORDER BY last_ms LIMIT ?",
                                 remove_unknown_row)));
  FACEPIPE_TRY(expire_class(
      retention_.visits,
      rows("SELECT seq FROM face INDEXED BY face_bare WHERE content = 0 AND time_ms < ? ORDER BY time_ms LIMIT ?",
           remove_face)));
  FACEPIPE_TRY(expire_class(retention_.visits,
                            rows("SELECT id FROM visit WHERE last_ms < ? ORDER BY last_ms LIMIT ?", remove_visit_row)));
  FACEPIPE_TRY(
      expire_class(retention_.events, [&](std::int64_t before_ms) { return expire_events(tables, before_ms); }));
  FACEPIPE_TRY(expire_class(retention_.changes,
                            rows("SELECT id FROM change WHERE time_ms < ? ORDER BY id LIMIT ?", remove_change_row)));
  return gone;
}

// Pages that are free count as room.
Result<std::int64_t> Sweeper::make_room(const Tables& tables) const {
  FACEPIPE_ASSIGN(const std::int64_t limit, limit_bytes());
  FACEPIPE_ASSIGN(std::int64_t used, used_bytes());
  std::int64_t gone = 0;
  while (used > limit && gone < kStep) {
    FACEPIPE_ASSIGN(const std::int64_t now, remove_oldest(tables));
    if (now == 0) {
      break;
    }
    gone += now;
    FACEPIPE_ASSIGN(used, used_bytes());
  }
  return gone;
}

Result<std::int64_t> Sweeper::used_bytes() const {
  FACEPIPE_ASSIGN(const std::int64_t pages, database_.query_integer("PRAGMA page_count"));
  FACEPIPE_ASSIGN(const std::int64_t free, database_.query_integer("PRAGMA freelist_count"));
  return (pages - free) * kPageBytes;
}

Result<std::int64_t> Sweeper::limit_bytes() const {
  std::int64_t limit = retention_.max_bytes > 0 ? retention_.max_bytes : std::numeric_limits<std::int64_t>::max();
  struct statvfs disk{};
  if (::statvfs(file_.c_str(), &disk) == 0) {
    FACEPIPE_ASSIGN(const std::int64_t pages, database_.query_integer("PRAGMA page_count"));
    const auto left = static_cast<std::int64_t>(disk.f_bavail) * static_cast<std::int64_t>(disk.f_frsize);
    limit = std::min(limit, std::max(std::int64_t{0}, pages * kPageBytes + left - kDiskReserve));
  }
  return limit;
}

Result<bool> Sweeper::give_back() const {
  FACEPIPE_ASSIGN(const std::int64_t free, database_.query_integer("PRAGMA freelist_count"));
  if (free <= kKeptFreePages) {
    return false;
  }
  FACEPIPE_TRY(database_.execute("PRAGMA incremental_vacuum(1024)"));
  return true;
}

}  // namespace facepipe::faces
