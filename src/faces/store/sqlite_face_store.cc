// Tested by face_store_test.cc and its neighbours
#include "faces/store/sqlite_face_store.h"

#include <atomic>
#include <map>
#include <mutex>

#include "base/file_lock.h"
#include "faces/ids.h"
#include "faces/store/batch.h"
#include "faces/store/erase.h"
#include "faces/store/key.h"
#include "faces/store/readers.h"
#include "faces/store/retention.h"
#include "faces/store/rows.h"
#include "faces/store/schema.h"
#include "sqlite/committer.h"
#include "sqlite/log_room.h"

namespace facepipe::faces {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kReaderPatience{5'000};
constexpr milliseconds kTrialInterval{1'000};
constexpr int kEraseRounds = 5;  // faces of the person may still come in, of a gallery that is just being replaced

milliseconds steady_time() {
  return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now().time_since_epoch());
}

// What a face of a usual size takes, taken and given back; rows begin with 1.
Status trial_write(const Tables& tables) {
  FACEPIPE_TRY(
      tables.database.statement("INSERT INTO frame_picture (frame, jpeg) VALUES (-1, zeroblob(262144))").run());
  return tables.database.statement("DELETE FROM frame_picture WHERE frame = -1").run();
}

template <typename Record, typename Id>
Result<Record> required(Result<std::optional<Record>> found, std::string_view what, const Id& id) {
  if (!found) {
    return found.error();
  }
  if (!*found) {
    std::string text;
    if constexpr (std::is_same_v<Id, std::string>) {
      text = id;
    } else if constexpr (std::is_same_v<Id, ChangeId>) {
      text = std::to_string(number(id));
    } else {
      text = to_text(id);
    }
    return Error{ErrorCode::kNotFound, "no " + std::string(what) + " " + text};
  }
  return **std::move(found);
}

struct Parts {
  FileLock lock;
  sqlite::LogRoom room;
  std::unique_ptr<sqlite::Database> database;
  std::unique_ptr<Readers> readers;
  std::filesystem::path file;
  Retention retention;  // in force
};

// A retention, and which of this opening it is.
struct InForce {
  Retention retention;
  std::int64_t turn = 0;
};

class Store final : public SqliteFaceStore {
 public:
  Store(Parts parts, const Options& options)
      : lock_(std::move(parts.lock)),
        room_(std::move(parts.room)),
        database_(std::move(parts.database)),
        readers_(std::move(parts.readers)),
        vault_(options.key),
        clock_(*options.clock),
        told_retention_(options.retention),
        changeable_(options.changeable_retention),
        in_force_{parts.retention, 0},
        monotonic_(options.monotonic ? options.monotonic : steady_time),
        sweeper_(*database_, room_, vault_, parts.file),
        committer_(*database_, {.committed = [this] { tell_listeners(); },
                                .maintain = [this] { maintain(); },
                                .make_room = [this] { (void)database_->checkpoint(); }}) {}

  Result<Written> write(const Batch& batch) override {
    FACEPIPE_TRY(check_changeable(batch.retention));
    InForce changed;
    auto written = change<Written>(
        [&](const Tables& tables) -> Result<Written> {
          FACEPIPE_ASSIGN(Written made, write_batch(tables, retention(), batch));
          if (!batch.retention.empty()) {
            FACEPIPE_ASSIGN(changed.retention, retention_in_force(tables, told_retention_, changeable_));
            changed.turn = ++retention_turns_;
          }
          return made;
        },
        [&](const Written& made) {
          if (!made.events.empty()) {
            last_event_ = made.events.back();
          }
        });
    if (written) {
      take_retention(changed);
    }
    return written;
  }

  Result<Page<FaceRecord>> faces(const FaceFilter& filter, const PageRequest& page) override {
    return ask([&](const Tables& tables) { return face_page(tables, filter, page); });
  }
  Result<FaceRecord> face(FaceId id) override {
    return required(ask([&](const Tables& tables) { return find_face(tables, id); }), "face", id);
  }
  Result<std::vector<FaceRecord>> find_faces(std::span<const FaceId> ids) override {
    if (ids.size() > kMaxPage) {
      return Error{ErrorCode::kInvalidArgument,
                   "expected at most " + std::to_string(kMaxPage) + " faces, got " + std::to_string(ids.size())};
    }
    return ask([&](const Tables& tables) -> Result<std::vector<FaceRecord>> {
      std::vector<FaceRecord> found;
      for (const FaceId id : ids) {
        FACEPIPE_ASSIGN(std::optional<FaceRecord> face, find_face(tables, id));
        if (face) {
          found.push_back(*std::move(face));
        }
      }
      return found;
    });
  }
  Result<Crop> face_crop(FaceId id) override {
    return ask([&](const Tables& tables) { return faces::face_crop(tables, id); });
  }
  Result<std::vector<float>> face_embedding(FaceId id) override {
    return ask([&](const Tables& tables) { return faces::face_embedding(tables, id); });
  }

  Result<Page<VisitRecord>> visits(const VisitFilter& filter, const PageRequest& page) override {
    return ask([&](const Tables& tables) { return visit_page(tables, filter, page); });
  }
  Result<VisitRecord> visit(VisitId id) override {
    return required(ask([&](const Tables& tables) { return find_visit(tables, id); }), "visit", id);
  }
  Result<Page<UnknownRecord>> unknowns(bool ignored_too, const PageRequest& page) override {
    return ask([&](const Tables& tables) { return unknown_page(tables, ignored_too, page); });
  }
  Result<UnknownRecord> unknown(UnknownId id) override {
    return required(ask([&](const Tables& tables) { return find_unknown(tables, id); }), "unknown", id);
  }
  Result<std::vector<std::string>> cameras() override {
    return ask([&](const Tables& tables) { return camera_names(tables); });
  }

  Result<Page<PictureRecord>> pictures(std::optional<PersonId> person, const PageRequest& page) override {
    return ask([&](const Tables& tables) { return picture_page(tables, person, page); });
  }
  Result<PictureRecord> picture(PictureId id) override {
    return required(ask([&](const Tables& tables) { return find_picture(tables, id); }), "picture", id);
  }
  Result<Crop> picture_crop(PictureId id) override {
    return ask([&](const Tables& tables) { return faces::picture_crop(tables, id); });
  }
  Result<std::vector<float>> picture_embedding(PictureId id) override {
    return ask([&](const Tables& tables) { return faces::picture_embedding(tables, id); });
  }

  Result<FramePicture> frame(std::string_view request_id) override {
    return required(ask([&](const Tables& tables) { return find_frame(tables, request_id); }), "frame of request",
                    std::string(request_id));
  }
  Result<std::optional<FramePicture>> last_frame(const std::string& camera) override {
    return ask([&](const Tables& tables) { return faces::last_frame(tables, camera); });
  }

  Result<std::vector<Event>> events_after(EventId after, std::size_t limit) override {
    return ask([&](const Tables& tables) { return faces::events_after(tables, after, limit); });
  }
  Result<EventId> last_event() override {
    return ask([&](const Tables& tables) { return faces::last_event(tables); });
  }
  Result<Page<ChangeRecord>> changes(const PageRequest& page) override {
    return ask([&](const Tables& tables) { return change_page(tables, page); });
  }
  Result<ChangeRecord> change(ChangeId id) override {
    return required(ask([&](const Tables& tables) { return find_change(tables, id); }), "change", id);
  }

  Status set_outputs(std::span<const std::string> outputs) override {
    return change<void>([&](const Tables& tables) { return faces::set_outputs(tables, outputs); });
  }
  Result<std::vector<std::pair<Delivery, Event>>> due(const std::string& output, std::size_t limit) override {
    return ask([&](const Tables& tables) { return faces::due(tables, output, limit, to_ms(clock_.now())); });
  }
  Status delivered(const std::string& output, std::span<const EventId> events) override {
    return change<void>([&](const Tables& tables) { return faces::delivered(tables, output, events); });
  }
  Status put_off(const Delivery& delivery) override {
    return change<void>([&](const Tables& tables) { return faces::put_off(tables, delivery); });
  }
  Result<Page<Delivery>> dead_deliveries(const PageRequest& page) override {
    return ask([&](const Tables& tables) { return dead_page(tables, page); });
  }
  Result<std::int64_t> retry_dead(const std::string& output) override {
    return change<std::int64_t>(
        [&](const Tables& tables) { return faces::retry_dead(tables, output, to_ms(clock_.now())); });
  }

  Retention retention() const override {
    const std::lock_guard lock(retention_mutex_);
    return in_force_.retention;
  }
  const ClassNames& changeable_retention() const override { return changeable_; }
  Result<RetentionLoss> loss_by(const RetentionValues& values) override {
    FACEPIPE_TRY(check(values));
    return ask([&](const Tables& tables) { return count_loss(tables, values, to_ms(clock_.now())); });
  }

  Result<std::int64_t> erase(PersonId person) override {
    Traces traces;
    traces.add_id(to_text(person));
    return erase_by([person](const Tables& tables) { return erase_person_step(tables, person); }, std::move(traces),
                    person);
  }
  Result<std::int64_t> erase_face(FaceId id) override {
    return erase_by([id](const Tables& tables) { return erase_face_step(tables, id); }, {}, std::nullopt);
  }
  Result<std::int64_t> erase(UnknownId unknown) override {
    return erase_by([unknown](const Tables& tables) { return erase_unknown_step(tables, unknown); }, {}, std::nullopt);
  }

  Result<std::int64_t> erase_name(const std::string& name) override {
    Traces traces;
    traces.add_name(name);
    FACEPIPE_ASSIGN(const std::int64_t records, erase_mentions_of(traces, std::nullopt));
    FACEPIPE_TRY(forget_bytes(traces));
    return records;
  }

  Result<StoreCounts> counts() override {
    return ask([](const Tables& tables) { return count_rows(tables); });
  }
  Status health() override {
    const std::lock_guard lock(health_mutex_);
    return health_;
  }

  int add_listener(Listener listener) override {
    const std::lock_guard lock(listeners_mutex_);
    const int id = next_listener_++;
    listeners_.emplace(id, std::move(listener));
    return id;
  }
  void remove_listener(int id) override {
    const std::lock_guard lock(listeners_mutex_);
    listeners_.erase(id);
  }

 private:
  // A question, on a read connection.
  template <typename Work>
  auto ask(const Work& work) -> std::invoke_result_t<const Work&, const Tables&> {
    auto result = readers_->read([&](sqlite::Database& database) { return work(Tables{database, vault_}); });
    if (!result && result.error().code == ErrorCode::kInvalidData) {
      set_health(result.error());
    }
    return result;
  }

  // A change, durable when this returns; `then(value)` runs with it, on the committer's thread.
  template <typename Value, typename Work, typename Then>
  Result<Value> change(const Work& work, const Then& then) {
    std::optional<Result<Value>> result;
    const Status done = committer_.execute([&]() -> Status {
      result.emplace(work(Tables{*database_, vault_}));
      if (!*result) {
        return result->error();
      }
      then(**result);
      return {};
    });
    if (!done) {
      if (sqlite::is_store_trouble(done.error())) {
        set_health(done);
      }
      return done.error();
    }
    set_health({});
    return *std::move(result);
  }
  template <typename Value, typename Work>
  Result<Value> change(const Work& work) {
    if constexpr (std::is_void_v<Value>) {
      struct Nothing {};
      const auto done = change<Nothing>(
          [&](const Tables& tables) -> Result<Nothing> {
            FACEPIPE_TRY(work(tables));
            return Nothing{};
          },
          [](const Nothing&) {});
      return done ? Status{} : Status(done.error());
    } else {
      return change<Value>(work, [](const Value&) {});
    }
  }

  // Steps until there is nothing left; then where others name it; then the file is looked through.
  template <typename Step>
  Result<std::int64_t> erase_by(const Step& step, Traces traces, std::optional<PersonId> person) {
    std::int64_t records = 0;
    for (int round = 0; round < kEraseRounds; ++round) {
      FACEPIPE_ASSIGN(std::int64_t now, erase_steps(step, traces));
      if (person) {
        FACEPIPE_ASSIGN(const std::int64_t mentions, erase_mentions_of(traces, person));
        now += mentions;
      }
      records += now;
      if (now == 0) {
        break;  // the round before this one left nothing
      }
    }
    FACEPIPE_TRY(forget_bytes(traces));
    return records;
  }

  template <typename Step>
  Result<std::int64_t> erase_steps(const Step& step, Traces& traces) {
    std::int64_t records = 0;
    while (true) {
      FACEPIPE_ASSIGN(const Erased erased, change<Erased>(step));
      traces.add(erased.traces);
      if (erased.records == 0) {
        return records;
      }
      records += erased.records;
    }
  }

  Result<std::int64_t> erase_mentions_of(const Traces& traces, std::optional<PersonId> person) {
    std::int64_t records = 0;
    for (MentionSearch search; !search.done;) {
      FACEPIPE_ASSIGN(const std::vector<Mention> found,
                      ask([&](const Tables& tables) { return find_mentions(tables, traces, search); }));
      if (!found.empty()) {
        FACEPIPE_ASSIGN(const Erased erased, change<Erased>([&](const Tables& tables) {
                          return erase_mentions(tables, traces, person, found);
                        }));
        records += erased.records;
      }
    }
    return records;
  }

  // Freed bytes are overwritten as they are freed; the log still has them, and rarely a page whose rows were moved,
  // which only a file that is written anew is rid of.
  Status forget_bytes(const Traces& traces) {
    const auto empty_log = [this] { return room_.empty_log(*database_, kReaderPatience); };
    FACEPIPE_TRY(committer_.run_between(empty_log));
    FACEPIPE_ASSIGN(const bool found,
                    readers_->read([&](const sqlite::Database& database) { return traces.are_in_file(database); }));
    return !found ? Status{} : committer_.run_between([&]() -> Status {
      FACEPIPE_TRY(database_->execute("VACUUM"));
      return empty_log();
    });
  }

  void set_health(Status health) {
    const std::lock_guard lock(health_mutex_);
    health_ = std::move(health);
  }

  // On the committer's thread, after a commit.
  void tell_listeners() {
    if (last_event_ == told_event_) {
      return;
    }
    told_event_ = last_event_;
    const std::lock_guard lock(listeners_mutex_);
    for (const auto& [id, listener] : listeners_) {
      listener(last_event_);
    }
  }

  Status check_changeable(const RetentionValues& values) const {
    FACEPIPE_TRY(check(values));
    for (const auto& [name, value] : values) {
      if (!changeable_.contains(name)) {
        return Error{ErrorCode::kMismatch, "how long \"" + name +
                                               "\" is kept was set where the server was started (--keep-" + name +
                                               ") and cannot be changed here"};
      }
    }
    return {};
  }

  // Of two changes the one that was written later counts, whoever comes first here.
  void take_retention(const InForce& changed) {
    const std::lock_guard lock(retention_mutex_);
    if (changed.turn > in_force_.turn) {
      in_force_ = changed;
    }
  }

  void maintain() {
    try_again();
    // A failure loses nothing: the same rows are due at the next step, and a store in trouble tells its callers.
    (void)sweeper_.step(retention(), clock_.now(), monotonic_());
  }

  // Whoever waits for a store in trouble may write nothing meanwhile. A damaged file stays in trouble until it is
  // repaired: a write may well succeed.
  void try_again() {
    const milliseconds now = monotonic_();
    if (const Status state = health();
        state || state.error().code == ErrorCode::kInvalidData || now - last_trial_ < kTrialInterval) {
      return;
    }
    last_trial_ = now;
    (void)database_->checkpoint();
    set_health(database_->transact([this] { return trial_write(Tables{*database_, vault_}); }));
  }

  const FileLock lock_;         // first: it is given up when the file is closed
  const sqlite::LogRoom room_;  // likewise
  const std::unique_ptr<sqlite::Database> database_;
  const std::unique_ptr<Readers> readers_;
  const Vault vault_;
  const Clock& clock_;
  const Retention told_retention_;
  const ClassNames changeable_;
  mutable std::mutex retention_mutex_;
  InForce in_force_;  // guarded by retention_mutex_

  // Only the committer's thread.
  EventId last_event_{};
  EventId told_event_{};
  std::int64_t retention_turns_ = 0;
  milliseconds last_trial_{};
  const std::function<milliseconds()> monotonic_;
  Sweeper sweeper_;

  std::mutex health_mutex_;
  Status health_;

  std::mutex listeners_mutex_;  // held while listeners run
  std::map<int, Listener> listeners_;
  int next_listener_ = 1;

  sqlite::Committer committer_;  // last: its thread uses all the rest
};

Result<FileLock> take(const std::filesystem::path& file) {
  auto lock = FileLock::acquire(file, milliseconds{0});
  if (!lock && lock.error().code == ErrorCode::kTimeout) {
    return Error{ErrorCode::kUnavailable, "face store " + file.string() + ": another process has it open"};
  }
  return lock;
}

}  // namespace

Result<std::unique_ptr<SqliteFaceStore>> SqliteFaceStore::open(const std::filesystem::path& file,
                                                               const Options& options) {
  FACEPIPE_ASSIGN(FileLock lock, take(file));
  sqlite::LogRoom room;  // before the connections, which are to be closed first
  room.lend(file);
  FACEPIPE_ASSIGN(std::unique_ptr<sqlite::Database> database, open_database(file, options.max_file_bytes));
  FACEPIPE_TRY(agree_on_key(*database, Vault(options.key)).with_context("face store " + file.string()));
  room.take(file);
  FACEPIPE_ASSIGN(std::unique_ptr<Readers> readers,
                  Readers::open(file, static_cast<std::size_t>(std::max(1, options.readers))));
  const Vault vault(options.key);
  FACEPIPE_ASSIGN(const Retention retention,
                  retention_in_force(Tables{*database, vault}, options.retention, options.changeable_retention));
  return std::unique_ptr<SqliteFaceStore>(std::make_unique<Store>(
      Parts{std::move(lock), std::move(room), std::move(database), std::move(readers), file, retention}, options));
}

}  // namespace facepipe::faces
