// The connections that read beside the committer.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <type_traits>
#include <vector>

#include "base/result.h"
#include "sqlite/sqlite.h"

namespace facepipe::faces {

// A few read connections that questions share. Thread-safe.
class Readers {
 public:
  // The file is open, and stays so while this lives.
  [[nodiscard]] static Result<std::unique_ptr<Readers>> open(const std::filesystem::path& file, std::size_t count);

  // `work(database)` on a connection that is free, waiting for one; all that it reads is of one state of the store.
  template <typename Work>
  auto read(const Work& work) -> std::invoke_result_t<const Work&, sqlite::Database&> {
    const Lease lease(*this);
    sqlite::Database& database = lease.database();
    FACEPIPE_TRY(database.statement("BEGIN").run());
    auto result = work(database);
    database.roll_back();
    return result;
  }

 private:
  explicit Readers(std::vector<std::unique_ptr<sqlite::Database>> all);
  class Lease {
   public:
    explicit Lease(Readers& readers);
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease();
    [[nodiscard]] sqlite::Database& database() const { return *database_; }

   private:
    Readers& readers_;
    sqlite::Database* database_;
  };

  std::vector<std::unique_ptr<sqlite::Database>> all_;
  std::mutex mutex_;
  std::condition_variable given_back_;
  std::vector<sqlite::Database*> free_;
};

}  // namespace facepipe::faces
