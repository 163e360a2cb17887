// Tested by face_store_test.cc and its neighbours
#include "faces/store/sqlite_face_store.h"

#include <map>
#include <mutex>

#include "faces/ids.h"
#include "faces/store/batch.h"
#include "faces/store/erasure.h"
#include "faces/store/retention.h"
#include "faces/store/rows.h"
#include "faces/store/store_engine.h"

namespace facepipe::faces {
namespace {

template <typename Record, typename Id>
Result<Record> required(Result<std::optional<Record>> found, std::string_view what, const Id& id) {
  if (!found) {
    return found.error();
  }
  if (!*found) {
    std::string text;
    if constexpr (std::is_convertible_v<Id, std::string_view>) {
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

// A retention, and which of this opening it is.
struct InForce {
  Retention retention;
  std::int64_t turn = 0;
};

class Store final : public SqliteFaceStore {
 public:
  Store(StoreEngine::File file, const Options& options, const Retention& in_force)
      : told_retention_(options.retention),
        changeable_(options.changeable_retention),
        in_force_{in_force, 0},
        engine_(std::move(file), options,
                {.committed = [this] { tell_listeners(); }, .retention = [this] { return retention(); }}) {}

  Result<Written> write(const Batch& batch) override {
    FACEPIPE_TRY(check_changeable(batch.retention));
    InForce changed;
    auto written = engine_.change<Written>(
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
    return ask(face_page, filter, page);
  }
  Result<FaceRecord> face(FaceId id) override { return one(find_face, "face", id); }
  Result<std::vector<FaceRecord>> find_faces(std::span<const FaceId> ids) override {
    if (ids.size() > kMaxPage) {
      return Error{ErrorCode::kInvalidArgument,
                   "expected at most " + std::to_string(kMaxPage) + " faces, got " + std::to_string(ids.size())};
    }
    return engine_.ask([&](const Tables& tables) -> Result<std::vector<FaceRecord>> {
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
  Result<Crop> face_crop(FaceId id) override { return ask(faces::face_crop, id); }
  Result<std::vector<float>> face_embedding(FaceId id) override { return ask(faces::face_embedding, id); }

  Result<Page<VisitRecord>> visits(const VisitFilter& filter, const PageRequest& page) override {
    return ask(visit_page, filter, page);
  }
  Result<VisitRecord> visit(VisitId id) override { return one(find_visit, "visit", id); }
  Result<Page<UnknownRecord>> unknowns(bool ignored_too, const PageRequest& page) override {
    return ask(unknown_page, ignored_too, page);
  }
  Result<UnknownRecord> unknown(UnknownId id) override { return one(find_unknown, "unknown", id); }
  Result<std::vector<std::string>> cameras() override { return ask(camera_names); }

  Result<Page<PictureRecord>> pictures(std::optional<PersonId> person, const PageRequest& page) override {
    return ask(picture_page, person, page);
  }
  Result<PictureRecord> picture(PictureId id) override { return one(find_picture, "picture", id); }
  Result<Crop> picture_crop(PictureId id) override { return ask(faces::picture_crop, id); }
  Result<std::vector<float>> picture_embedding(PictureId id) override { return ask(faces::picture_embedding, id); }

  Result<FramePicture> frame(std::string_view request_id) override {
    return one(find_frame, "frame of request", request_id);
  }
  Result<std::optional<FramePicture>> last_frame(const std::string& camera) override {
    return ask(faces::last_frame, camera);
  }

  Result<std::vector<Event>> events_after(EventId after, std::size_t limit) override {
    return ask(faces::events_after, after, limit);
  }
  Result<EventId> last_event() override { return ask(faces::last_event); }
  Result<Page<ChangeRecord>> changes(const PageRequest& page) override { return ask(change_page, page); }
  Result<ChangeRecord> change(ChangeId id) override { return one(find_change, "change", id); }

  Status set_outputs(std::span<const std::string> outputs) override { return tell(faces::set_outputs, outputs); }
  Result<std::vector<std::pair<Delivery, Event>>> due(const std::string& output, std::size_t limit) override {
    return ask(faces::due, output, limit, engine_.now_ms());
  }
  Status delivered(const std::string& output, std::span<const EventId> events) override {
    return tell(faces::delivered, output, events);
  }
  Status put_off(const Delivery& delivery) override { return tell(faces::put_off, delivery); }
  Result<Page<Delivery>> dead_deliveries(const PageRequest& page) override { return ask(dead_page, page); }
  Result<std::int64_t> retry_dead(const std::string& output) override {
    return engine_.change<std::int64_t>(
        [&](const Tables& tables) { return faces::retry_dead(tables, output, engine_.now_ms()); });
  }

  Retention retention() const override {
    const std::lock_guard lock(retention_mutex_);
    return in_force_.retention;
  }
  const ClassNames& changeable_retention() const override { return changeable_; }
  Result<RetentionLoss> loss_by(const RetentionValues& values) override {
    FACEPIPE_TRY(check(values));
    return ask(count_loss, values, engine_.now_ms());
  }

  Result<std::int64_t> erase(PersonId person) override {
    Traces traces;
    traces.add_id(to_text(person));
    return erase_by(
        engine_, [person](const Tables& tables) { return erase_person_step(tables, person); }, std::move(traces),
        person);
  }
  Result<std::int64_t> erase_face(FaceId id) override {
    return erase_by(engine_, [id](const Tables& tables) { return erase_face_step(tables, id); }, {}, std::nullopt);
  }
  Result<std::int64_t> erase(UnknownId unknown) override {
    return erase_by(
        engine_, [unknown](const Tables& tables) { return erase_unknown_step(tables, unknown); }, {}, std::nullopt);
  }

  Result<std::int64_t> erase_name(const std::string& name) override {
    Traces traces;
    traces.add_name(name);
    FACEPIPE_ASSIGN(const std::int64_t records, erase_mentions_of(engine_, traces, std::nullopt));
    FACEPIPE_TRY(engine_.forget_bytes(traces));
    return records;
  }

  Result<StoreCounts> counts() override { return ask(count_rows); }
  Status health() override { return engine_.health(); }

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
  // What `question` answers.
  template <typename Answer, typename... Parameters, typename... About>
  Answer ask(Answer (*question)(const Tables&, Parameters...), const About&... about) {
    return engine_.ask([&](const Tables& tables) { return question(tables, about...); });
  }
  // The same of a record that is to be there.
  template <typename Record, typename Parameter, typename Id>
  Result<Record> one(Result<std::optional<Record>> (*find)(const Tables&, Parameter), std::string_view what,
                     const Id& id) {
    return required(ask(find, id), what, id);
  }
  template <typename... Parameters, typename... What>
  Status tell(Status (*note)(const Tables&, Parameters...), const What&... what) {
    return engine_.change<void>([&](const Tables& tables) { return note(tables, what...); });
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

  const Retention told_retention_;
  const ClassNames changeable_;
  mutable std::mutex retention_mutex_;
  InForce in_force_;  // guarded by retention_mutex_

  // Only the committer's thread.
  EventId last_event_{};
  EventId told_event_{};
  std::int64_t retention_turns_ = 0;

  std::mutex listeners_mutex_;  // held while listeners run
  std::map<int, Listener> listeners_;
  int next_listener_ = 1;

  StoreEngine engine_;  // last: its thread uses all the rest
};

}  // namespace

Result<std::unique_ptr<SqliteFaceStore>> SqliteFaceStore::open(const std::filesystem::path& file,
                                                               const Options& options) {
  FACEPIPE_ASSIGN(StoreEngine::File opened, StoreEngine::open_file(file, options));
  const Vault vault(options.key);
  FACEPIPE_ASSIGN(const Retention retention,
                  retention_in_force(Tables{*opened.database, vault}, options.retention, options.changeable_retention));
  return std::unique_ptr<SqliteFaceStore>(std::make_unique<Store>(std::move(opened), options, retention));
}

}  // namespace facepipe::faces
