// Tested by record_cache_test.cc.
#include "evaluate/record_cache.h"

#include <span>

#include "base/bytes.h"
#include "base/file.h"
#include "base/hash.h"
#include "weights/tensor_file.h"

namespace facepipe::evaluate {
namespace {

constexpr std::string_view kMadeBy = "made_by";
constexpr std::string_view kDigest = "xxh64";

std::string digest_of_records(const weights::StateDict& records) {
  Xxh64 hash;
  for (const auto& [key, tensor] : records) {
    hash.update(as_bytes(key + '\n' + std::to_string(tensor.values.size()) + '\n'));
    hash.update(std::as_bytes(std::span(tensor.values)));
  }
  return to_hex(hash.digest());
}

std::string metadata_of(const weights::TensorFile& file, std::string_view name) {
  const auto entry = file.metadata.find(name);
  return entry == file.metadata.end() ? "" : entry->second;
}

}  // namespace

Result<std::unique_ptr<RecordCache>> RecordCache::open(std::filesystem::path file, std::string made_by,
                                                       std::chrono::seconds save_interval) {
  std::unique_ptr<RecordCache> cache(new RecordCache(std::move(file), std::move(made_by), save_interval));
  if (!cache->file_.empty()) {
    FACEPIPE_TRY(cache->load());
  }
  return cache;
}

Status RecordCache::load() {
  auto bytes = read_file(file_, weights::ReadLimits{}.max_file_bytes);
  if (!bytes) {
    return bytes.error().code == ErrorCode::kNotFound ? Status() : Status(bytes.error());
  }
  const std::string remove = "; remove it to start anew";
  auto file = weights::read_tensor_file(*bytes);
  if (!file) {
    return Error{file.error().code, file_.string() + ": " + file.error().message + remove};
  }
  if (metadata_of(*file, kMadeBy) != made_by_) {
    return Error{ErrorCode::kMismatch,
                 file_.string() + ": expected what this model and these options made, found another's work" + remove};
  }
  const std::string digest = digest_of_records(file->tensors);
  if (metadata_of(*file, kDigest) != digest) {
    return Error{ErrorCode::kInvalidData, file_.string() + ": expected content of the digest \"" +
                                              metadata_of(*file, kDigest) + "\", found " + digest + ": it is damaged" +
                                              remove};
  }
  for (auto& [key, tensor] : file->tensors) {
    records_.emplace(key, std::move(tensor.values));
  }
  return {};
}

std::optional<std::vector<float>> RecordCache::find(std::string_view key) const {
  const std::lock_guard lock(mutex_);
  const auto entry = records_.find(key);
  return entry == records_.end() ? std::nullopt : std::optional(entry->second);
}

Status RecordCache::put(std::string_view key, std::vector<float> values) {
  const std::lock_guard lock(mutex_);
  records_.insert_or_assign(std::string(key), std::move(values));
  changed_ = true;
  return std::chrono::steady_clock::now() - saved_at_ < save_interval_ ? Status() : write();
}

Status RecordCache::save() {
  const std::lock_guard lock(mutex_);
  return changed_ ? write() : Status();
}

Status RecordCache::write() {
  if (!file_.empty()) {
    weights::TensorFile file;
    for (const auto& [key, values] : records_) {
      file.tensors[key] = {{static_cast<std::int64_t>(values.size())}, values};
    }
    file.metadata[std::string(kMadeBy)] = made_by_;
    file.metadata[std::string(kDigest)] = digest_of_records(file.tensors);
    FACEPIPE_TRY(write_file_atomically(file_, weights::write_tensor_file(file), /*private_file=*/true));
  }
  changed_ = false;
  saved_at_ = std::chrono::steady_clock::now();
  return {};
}

}  // namespace facepipe::evaluate
