// Tested by face_store_retention_test.cc
#include "faces/store/retention.h"

#include <sys/statvfs.h>

#include <array>
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
constexpr std::int64_t kMostCounted = 1'000'000;  // rows of a class that would go
constexpr std::int64_t kMostRead = 10'000;        // pictures whose length is looked at for an estimate
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

// Rows of a class: those before a time, the oldest first, so many of them; and how one goes.
struct Rows {
  Retention::Age Retention::* age;
  std::string_view select;
  Status (*remove)(const Tables&, std::int64_t);
  std::int64_t RetentionLoss::* loss;
  std::string_view pictures;  // of those rows, with their lengths; empty: they have none
};

constexpr std::string_view kCrops = "SELECT length(picture) FROM (%) AS found JOIN crop ON crop.face = found.seq";
constexpr Rows kFrames{&Retention::frames, "SELECT seq FROM frame WHERE time_ms < ? ORDER BY time_ms LIMIT ?",
                       remove_frame, &RetentionLoss::frames,
                       "SELECT length(jpeg) FROM (%) AS found JOIN frame_picture ON frame_picture.frame = found.seq"};
constexpr Rows kUnknownContent{
    &Retention::unknown,
    "SELECT seq FROM face INDEXED BY face_content WHERE content <> 0 AND known = 0 AND time_ms < ? "
    "ORDER BY time_ms LIMIT ?",
    remove_content, &RetentionLoss::faces, kCrops};
constexpr Rows kKnownContent{
    &Retention::known,
    "SELECT seq FROM face INDEXED BY face_content WHERE content <> 0 AND known = 1 AND time_ms < ? "
    "ORDER BY time_ms LIMIT ?",
    remove_content, &RetentionLoss::faces, kCrops};
constexpr std::array<Rows, 7> kRows = {
    {kFrames,
     kUnknownContent,
     kKnownContent,
     {&Retention::unknown,
      "SELECT seq FROM unknown INDEXED BY unknown_ignored WHERE ignored = 0 AND last_ms < ? ORDER BY last_ms LIMIT ?",
      remove_unknown_row, &RetentionLoss::unknowns, ""},
     {&Retention::visits,
      "SELECT seq FROM face INDEXED BY face_bare WHERE content = 0 AND time_ms < ? ORDER BY time_ms LIMIT ?",
      remove_face, &RetentionLoss::records, ""},
     {&Retention::visits, "SELECT id FROM visit WHERE last_ms < ? ORDER BY last_ms LIMIT ?", remove_visit_row,
      &RetentionLoss::visits, ""},
     {&Retention::changes, "SELECT id FROM change WHERE time_ms < ? ORDER BY id LIMIT ?", remove_change_row,
      &RetentionLoss::changes, ""}}};

Result<std::int64_t> expire(const Tables& tables, const Retention& retention, std::int64_t now_ms) {
  std::int64_t gone = 0;
  const auto before = [&](const Retention::Age& age) { return now_ms - milliseconds(*age).count(); };
  for (const Rows& rows : kRows) {
    if (const Retention::Age& age = retention.*rows.age) {
      FACEPIPE_ASSIGN(const std::int64_t count, remove_each(tables, rows.select, before(age), rows.remove));
      gone += count;
    }
  }
  if (retention.events) {
    FACEPIPE_ASSIGN(const std::int64_t count, expire_events(tables, before(retention.events)));
    gone += count;
  }
  return gone;
}

// Some of one class: frames, then nobody's faces, then people's.
Result<std::int64_t> remove_oldest(const Tables& tables) {
  constexpr std::int64_t kFew = 5;
  constexpr std::int64_t kEver = std::numeric_limits<std::int64_t>::max();
  for (const Rows* rows : {&kFrames, &kUnknownContent, &kKnownContent}) {
    FACEPIPE_ASSIGN(const std::int64_t gone, remove_each(tables, rows->select, kEver, rows->remove, kFew));
    if (gone > 0) {
      return gone;
    }
  }
  return std::int64_t{0};
}

// Pages that are free count as room.
Result<std::int64_t> used_bytes(sqlite::Database& database) {
  FACEPIPE_ASSIGN(const std::int64_t pages, database.query_integer("PRAGMA page_count"));
  FACEPIPE_ASSIGN(const std::int64_t free, database.query_integer("PRAGMA freelist_count"));
  return (pages - free) * kPageBytes;
}

Result<std::int64_t> count_before(const Tables& tables, std::string_view select, std::int64_t before_ms) {
  sqlite::Statement count = tables.database.statement_once("SELECT count(*) FROM (" + std::string(select) + ")");
  FACEPIPE_TRY(count.bind(before_ms, kMostCounted).step());
  return count.integer(0);
}

// Of the pictures of `count` rows, by those that were read.
Result<std::int64_t> bytes_before(const Tables& tables, const Rows& rows, std::int64_t before_ms, std::int64_t count) {
  if (rows.pictures.empty() || count == 0) {
    return std::int64_t{0};
  }
  std::string sql(rows.pictures);
  sql.replace(sql.find('%'), 1, rows.select);
  std::int64_t read = 0;
  std::int64_t bytes = 0;
  sqlite::Statement lengths = tables.database.statement_once(sql);
  FACEPIPE_TRY(lengths.bind(before_ms, kMostRead).each([&] {
    bytes += lengths.integer(0);
    ++read;
  }));
  return count > kMostRead && read > 0 ? bytes / read * count : bytes;
}

}  // namespace

Result<RetentionLoss> count_loss(const Tables& tables, const RetentionValues& values, std::int64_t now_ms) {
  Retention retention = keep_everything();
  set_values(values, retention);
  RetentionLoss loss;
  const auto before = [&](const Retention::Age& age) { return now_ms - milliseconds(*age).count(); };
  for (const Rows& rows : kRows) {
    if (const Retention::Age& age = retention.*rows.age) {
      FACEPIPE_ASSIGN(const std::int64_t count, count_before(tables, rows.select, before(age)));
      FACEPIPE_ASSIGN(const std::int64_t bytes, bytes_before(tables, rows, before(age), count));
      loss.*rows.loss += count;
      loss.bytes += bytes;
    }
  }
  if (retention.events) {
    FACEPIPE_ASSIGN(loss.events, count_before(tables, "SELECT id FROM event WHERE time_ms < ? ORDER BY id LIMIT ?",
                                              before(retention.events)));
  }
  if (retention.max_bytes > 0) {
    FACEPIPE_ASSIGN(const std::int64_t used, used_bytes(tables.database));
    loss.bytes = std::max(loss.bytes, used - retention.max_bytes);
  }
  return loss;
}

bool keeps_content(const Retention& retention, const FaceRecord& face) {
  const Retention::Age& age = is_known(face) ? retention.known : retention.unknown;
  return age != std::chrono::seconds{0};
}

bool keeps_group(const Retention& retention, const UnknownRecord& group) {
  return group.ignored || retention.unknown != std::chrono::seconds{0};
}

bool keeps_frames(const Retention& retention) {
  return retention.frames != std::chrono::seconds{0};
}

Status Sweeper::step(const Retention& retention, Clock::TimePoint now, milliseconds passed) {
  if (passed < next_) {
    return {};
  }
  std::int64_t gone = 0;
  const bool believed = is_steady(now, passed);
  const Status done = database_.transact([&]() -> Status {
    const Tables tables{database_, vault_};
    if (believed) {
      FACEPIPE_ASSIGN(gone, expire(tables, retention, to_ms(now)));
    }
    FACEPIPE_ASSIGN(const std::int64_t for_room, make_room(tables, retention.max_bytes));
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

Result<std::int64_t> Sweeper::make_room(const Tables& tables, std::int64_t max_bytes) const {
  FACEPIPE_ASSIGN(const std::int64_t limit, limit_bytes(max_bytes));
  FACEPIPE_ASSIGN(std::int64_t used, used_bytes(database_));
  std::int64_t gone = 0;
  while (used > limit && gone < kStep) {
    FACEPIPE_ASSIGN(const std::int64_t now, remove_oldest(tables));
    if (now == 0) {
      break;
    }
    gone += now;
    FACEPIPE_ASSIGN(used, used_bytes(database_));
  }
  return gone;
}

Result<std::int64_t> Sweeper::limit_bytes(std::int64_t max_bytes) const {
  std::int64_t limit = max_bytes > 0 ? max_bytes : std::numeric_limits<std::int64_t>::max();
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
