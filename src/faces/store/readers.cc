// Tested by face_store_test.cc
#include "faces/store/readers.h"

#include "faces/store/schema.h"

namespace facepipe::faces {

Result<std::unique_ptr<Readers>> Readers::open(const std::filesystem::path& file, std::size_t count) {
  std::vector<std::unique_ptr<sqlite::Database>> all;
  for (std::size_t i = 0; i < count; ++i) {
    FACEPIPE_ASSIGN(std::unique_ptr<sqlite::Database> database, sqlite::Database::open_reader(file, kStoreKind));
    all.push_back(std::move(database));
  }
  return std::unique_ptr<Readers>(new Readers(std::move(all)));
}

Readers::Readers(std::vector<std::unique_ptr<sqlite::Database>> all) : all_(std::move(all)) {
  for (const auto& database : all_) {
    free_.push_back(database.get());
  }
}

Readers::Lease::Lease(Readers& readers) : readers_(readers), database_(nullptr) {
  std::unique_lock lock(readers_.mutex_);
  readers_.given_back_.wait(lock, [this] { return !readers_.free_.empty(); });
  database_ = readers_.free_.back();
  readers_.free_.pop_back();
}

Readers::Lease::~Lease() {
  {
    const std::lock_guard lock(readers_.mutex_);
    readers_.free_.push_back(database_);
  }
  readers_.given_back_.notify_one();
}

}  // namespace facepipe::faces
