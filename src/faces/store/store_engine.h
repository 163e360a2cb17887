// The connections of an open store and the thread that writes: whatever the store is asked or told goes through here.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <type_traits>

#include "base/clock.h"
#include "base/file_lock.h"
#include "base/result.h"
#include "faces/store/readers.h"
#include "faces/store/retention.h"
#include "faces/store/rows.h"
#include "faces/store/sqlite_face_store.h"
#include "faces/store/traces.h"
#include "sqlite/committer.h"
#include "sqlite/log_room.h"

namespace facepipe::faces {

// Thread-safe.
class StoreEngine {
 public:
  // An open file, which is this process's.
  struct File {
    FileLock lock;  // first: it is given up when the file is closed
    sqlite::LogRoom room;
    std::unique_ptr<sqlite::Database> database;
    std::unique_ptr<Readers> readers;
    std::filesystem::path path;
  };
  // As SqliteFaceStore::open.
  [[nodiscard]] static Result<File> open_file(const std::filesystem::path& path,
                                              const SqliteFaceStore::Options& options);

  // Called on the committer's thread; what they use outlives the engine.
  struct Hooks {
    std::function<void()> committed;       // after each commit
    std::function<Retention()> retention;  // in force now
  };
  StoreEngine(File file, const SqliteFaceStore::Options& options, Hooks hooks);

  // A question, on a read connection.
  template <typename Work>
  auto ask(const Work& work) -> std::invoke_result_t<const Work&, const Tables&> {
    auto result = file_.readers->read([&](sqlite::Database& database) { return work(Tables{database, vault_}); });
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
      result.emplace(work(Tables{*file_.database, vault_}));
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

  // What was erased is in the file no more: freed bytes are overwritten as they are freed; the log still has them, and
  // rarely a page whose rows were moved, which only a file that is written anew is rid of.
  [[nodiscard]] Status forget_bytes(const Traces& traces);

  // Success, or the trouble that the store is in.
  [[nodiscard]] Status health();
  [[nodiscard]] std::int64_t now_ms() const { return to_ms(clock_.now()); }

 private:
  void set_health(Status health);
  void maintain();
  void try_again();

  const File file_;
  const Vault vault_;
  const Clock& clock_;
  const Hooks hooks_;
  std::mutex health_mutex_;
  Status health_;

  // Only the committer's thread.
  const std::function<std::chrono::milliseconds()> monotonic_;
  std::chrono::milliseconds last_trial_{};
  Sweeper sweeper_;

  sqlite::Committer committer_;  // last: its thread uses all the rest
};

}  // namespace facepipe::faces
