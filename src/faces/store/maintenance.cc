// Tested by face_store_maintenance_test.cc
#include "faces/store/maintenance.h"

#include <algorithm>
#include <set>
#include <system_error>

#include "base/file_lock.h"
#include "base/temporary_file.h"
#include "base/time_text.h"
#include "faces/pages.h"
#include "faces/store/erase.h"
#include "faces/store/key.h"
#include "faces/store/rows.h"
#include "faces/store/schema.h"
#include "faces/store/sqlite_face_store.h"
#include "sqlite/backup.h"

namespace facepipe::faces {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kAtOnce{0};

struct Opened {
  std::optional<FileLock> lock;  // absent: a process has the store
  std::unique_ptr<sqlite::Database> database;
};

Status check_there(const fs::path& file) {
  std::error_code ignored;
  return fs::is_regular_file(file, ignored)
             ? Status{}
             : Error{ErrorCode::kNotFound, "face store " + file.string() + ": no such file"};
}

// With the lock, or beside the process that has it.
Result<Opened> open_for_reading(const fs::path& file) {
  FACEPIPE_TRY(check_there(file));
  Opened opened;
  auto lock = FileLock::acquire(file, kAtOnce);
  if (!lock && lock.error().code != ErrorCode::kTimeout) {
    return std::move(lock).error();
  }
  if (lock) {
    opened.lock = *std::move(lock);
    FACEPIPE_ASSIGN(opened.database, sqlite::Database::open(file, kStoreKind));
  } else {
    FACEPIPE_ASSIGN(opened.database, sqlite::Database::open_reader(file, kStoreKind));
  }
  return opened;
}

// Every record's small parts, opened.
Status read_records(const Tables& tables, FaceStoreCheck& check) {
  constexpr std::array<std::string_view, 5> kSql = {"SELECT id, details FROM face", "SELECT id, details FROM visit",
                                                    "SELECT id, details FROM picture", "SELECT id, json FROM event",
                                                    "SELECT id, json FROM change"};
  constexpr std::array<std::string_view, 5> kParts = {part::kFace, part::kVisit, part::kPicture, part::kEvent,
                                                      part::kChange};
  for (std::size_t i = 0; i < kSql.size(); ++i) {
    sqlite::Statement rows = tables.database.statement(kSql.at(i));
    FACEPIPE_TRY(rows.each([&] {
      const auto id = static_cast<std::uint64_t>(rows.integer(0));
      check.unreadable += tables.vault.open(rows.blob(1), kParts.at(i), id).has_value() ? 0 : 1;
    }));
  }
  return {};
}

Status read_state(const Tables& tables, FaceStoreCheck& check) {
  FACEPIPE_ASSIGN(check.format_version, tables.database.query_integer("PRAGMA user_version"));
  FACEPIPE_ASSIGN(const std::int64_t key_bytes, tables.database.query_integer("SELECT length(key_id) FROM store"));
  check.sealed = key_bytes > 0;
  FACEPIPE_ASSIGN(check.dead_deliveries, tables.database.query_integer(
                                             "SELECT count(*) FROM delivery INDEXED BY delivery_dead WHERE dead = 1"));
  FACEPIPE_ASSIGN(check.counts, count_rows(tables));
  return {};
}

fs::path with(const fs::path& file, std::string_view suffix) {
  return file.native() + std::string(suffix);
}

// Pictures by their numbers: where a row cannot be read the next ones are tried all the same.
Result<std::int64_t> copy_pictures(const Tables& from, FaceStore& into, std::int64_t& lost) {
  constexpr std::int64_t kMostGone = 10'000;  // numbers in a row without a picture
  std::int64_t copied = 0;
  std::int64_t gone = 0;
  for (std::int64_t seq = 1; gone < kMostGone; ++seq, ++gone) {
    sqlite::Statement select = from.database.statement("SELECT id FROM picture WHERE seq = ?");
    select.bind(seq);
    const auto found = select.step();
    if (!found) {
      ++lost;
    }
    if (!found || !*found) {
      continue;
    }
    gone = 0;
    const auto id = static_cast<PictureId>(select.integer(0));
    auto record = find_picture(from, id);
    auto crop = picture_crop(from, id);
    auto embedding = picture_embedding(from, id);
    if (!record || !*record || !crop || !embedding) {
      ++lost;
      continue;
    }
    const Batch batch{.pictures = {{**std::move(record), *std::move(embedding), *std::move(crop)}}};
    FACEPIPE_TRY(into.write(batch));
    ++copied;
  }
  return copied;
}

// Whom the mentions say to have been called so.
Result<std::set<PersonId>> called(const Tables& tables, const Traces& traces) {
  std::set<PersonId> people;
  for (MentionSearch search; !search.done;) {
    FACEPIPE_ASSIGN(const std::vector<Mention> found, find_mentions(tables, traces, search));
    for (const auto& [where, row] : found) {
      FACEPIPE_ASSIGN(const auto who, whom_it_names(tables, traces, {where, row}));
      people.insert(who.begin(), who.end());
    }
  }
  return people;
}

}  // namespace

Result<FaceStoreCheck> check_face_store(const fs::path& file, const std::optional<SealingKey>& key) {
  FACEPIPE_ASSIGN(const Opened opened, open_for_reading(file));
  sqlite::Database& database = *opened.database;
  FaceStoreCheck check;
  check.in_use = !opened.lock;
  const auto application = database.query_integer("PRAGMA application_id");
  if (!application || *application != kApplicationId) {
    check.problems.push_back(application ? "another kind of database" : application.error().message);
    return check;
  }
  if (!check.in_use) {
    check.problems = database.problems();
  }
  const Vault vault(key);
  const Tables tables{database, vault};
  if (const Status read = read_state(tables, check); !read) {
    check.problems.push_back(read.error().message);
  }
  if (check.in_use || !check.problems.empty()) {
    return check;
  }
  if (check.sealed) {
    FACEPIPE_TRY(check_key(database, key).with_context("face store " + file.string()));
  }
  FACEPIPE_TRY(read_records(tables, check));
  return check;
}

Status each_picture(const fs::path& file, const std::optional<SealingKey>& key,
                    const std::function<void(const PictureRecord&, std::span<const float>)>& take) {
  FACEPIPE_ASSIGN(const Opened opened, open_for_reading(file));
  const Vault vault(key);
  const Tables tables{*opened.database, vault};
  return each_page(
      kMaxPage, [&](const PageRequest& page) { return picture_page(tables, std::nullopt, page); },
      [&](const std::vector<PictureRecord>& pictures) -> Status {
        for (const PictureRecord& picture : pictures) {
          FACEPIPE_ASSIGN(const std::vector<float> embedding, picture_embedding(tables, picture.id));
          take(picture, embedding);
        }
        return {};
      });
}

Status backup_face_store(const fs::path& file, const fs::path& target) {
  FACEPIPE_ASSIGN(const Opened opened, open_for_reading(file));
  FACEPIPE_TRY(opened.database->execute("PRAGMA query_only = OFF"));  // the copy is written, nothing else can be
  return sqlite::back_up(*opened.database, target);
}

Result<FaceSalvage> salvage_face_store(const fs::path& file, const std::optional<SealingKey>& key, const Clock& clock) {
  FACEPIPE_TRY(check_there(file));
  auto lock = FileLock::acquire(file, kAtOnce);
  if (!lock) {
    return Error{ErrorCode::kUnavailable, "face store " + file.string() + ": another process has it open"};
  }
  const fs::path made = with(file, ".new");
  std::error_code ignored;
  for (const std::string_view suffix : {"", "-wal", "-shm"}) {
    fs::remove(with(made, suffix), ignored);
  }
  FaceSalvage salvage;
  {
    SqliteFaceStore::Options options;
    options.key = key;
    for (const auto& [name, value] : values_of(options.retention)) {
      options.changeable_retention.insert(name);
    }
    FACEPIPE_ASSIGN(const std::unique_ptr<SqliteFaceStore> store, SqliteFaceStore::open(made, options));
    const auto damaged = sqlite::Database::open(file, kStoreKind);
    if (damaged) {
      const Vault vault(key);
      if (const auto changed = stored_retention({**damaged, vault}); changed && !changed->empty()) {
        const Batch batch{.retention = *changed};
        FACEPIPE_TRY(store->write(batch));
      }
      FACEPIPE_ASSIGN(salvage.pictures, copy_pictures({**damaged, vault}, *store, salvage.lost));
    }
  }
  salvage.damaged = with(file, ".damaged-" + to_basic_time(clock.now()));
  std::error_code error;
  fs::rename(with(file, "-wal"), with(salvage.damaged, "-wal"), ignored);
  fs::remove(with(file, "-shm"), ignored);
  fs::rename(file, salvage.damaged, error);
  if (!error) {
    fs::rename(made, file, error);
  }
  if (error) {
    return Error{ErrorCode::kUnavailable, "cannot put " + file.string() + " aside: " + error.message()};
  }
  fs::remove(with(made, ".lock"), ignored);
  FACEPIPE_TRY(flush_folder(file.parent_path()));
  return salvage;
}

Result<std::int64_t> erase_from_face_store(const fs::path& file, const std::optional<SealingKey>& key,
                                           std::optional<PersonId> person, const std::string& name) {
  FACEPIPE_TRY(check_there(file));
  SqliteFaceStore::Options options;
  options.key = key;
  options.retention = keep_everything();  // nothing else goes
  FACEPIPE_ASSIGN(const std::unique_ptr<SqliteFaceStore> store, SqliteFaceStore::open(file, options));
  Traces traces;
  traces.add_name(name);
  const Vault vault(key);
  FACEPIPE_ASSIGN(const std::unique_ptr<sqlite::Database> reader, sqlite::Database::open_reader(file, kStoreKind));
  FACEPIPE_ASSIGN(std::set<PersonId> people, called({*reader, vault}, traces));
  if (person) {
    people.insert(*person);
  }
  std::int64_t records = 0;
  for (const PersonId one : people) {
    FACEPIPE_ASSIGN(const std::int64_t erased, store->erase(one));
    records += erased;
  }
  FACEPIPE_ASSIGN(const std::int64_t mentions, store->erase_name(name));
  return records + mentions;
}

Result<std::int64_t> count_mentions(const fs::path& file, const std::optional<SealingKey>& key,
                                    const std::string& name) {
  FACEPIPE_ASSIGN(const Opened opened, open_for_reading(file));
  FACEPIPE_TRY(check_key(*opened.database, key));
  Traces traces;
  traces.add_name(name);
  const Vault vault(key);
  std::int64_t count = 0;
  for (MentionSearch search; !search.done;) {
    FACEPIPE_ASSIGN(const std::vector<Mention> found, find_mentions({*opened.database, vault}, traces, search));
    count += static_cast<std::int64_t>(found.size());
  }
  return count;
}

bool is_face_store(ByteView start) {
  constexpr std::size_t kApplicationAt = 68;  // SQLite's file format: 4 bytes, big-endian
  if (!as_text(start).starts_with("SQLite format 3") || start.size() < kApplicationAt + 4) {
    return false;
  }
  std::int64_t id = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    id = id << 8 | std::to_integer<std::int64_t>(start[kApplicationAt + i]);
  }
  return id == kApplicationId;
}

}  // namespace facepipe::faces
