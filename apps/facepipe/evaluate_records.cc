// What is computed of pictures, and kept, for `facepipe evaluate`. Tested by tests/e2e/test_evaluate.py.
#include <atomic>
#include <mutex>
#include <utility>

#include "base/file.h"
#include "base/hash.h"
#include "evaluate.h"
#include "evaluate/parallel.h"
#include "evaluate/record_cache.h"
#include "image/decode.h"
#include "output.h"
#include "progress.h"

namespace facepipe::app {
namespace {

constexpr std::size_t kNamedFailures = 5;

class RecordRun {
 public:
  RecordRun(const EvaluateOptions& options, std::span<const std::filesystem::path> files, evaluate::RecordCache& cache)
      : options_(options), files_(files), cache_(cache), progress_("photographs", files.size()) {
    result_.records.resize(files.size());
  }

  Result<PictureRecords> run(const ComputeRecord& compute,
                             const std::function<bool(const std::vector<float>&)>& valid) {
    evaluate::for_each_index(files_.size(), options_.jobs, [&](std::size_t i, std::size_t) {
      if (stopped_) {
        return;
      }
      if (const Status done = work(i, compute, valid); !done) {
        const std::lock_guard lock(mutex_);
        failure_ = failure_ ? failure_ : done.error();
        stopped_ = true;
      }
      progress_.set(++done_);
    });
    if (failure_) {
      return *failure_;
    }
    FACEPIPE_TRY(cache_.save());
    result_.from_cache = from_cache_;
    for (const PictureRecord& record : result_.records) {
      result_.unreadable += record.readable() ? 0U : 1U;
    }
    return std::move(result_);
  }

 private:
  // What goes wrong with a picture is its record's; an error is the cache's.
  Status work(std::size_t i, const ComputeRecord& compute,
              const std::function<bool(const std::vector<float>&)>& valid) {
    PictureRecord& record = result_.records[i];
    const auto encoded = read_file(files_[i], options_.decode.limits.max_bytes);
    if (!encoded) {
      record.error = encoded.error().message;
      return {};
    }
    const std::string key = sha256_hex(*encoded);
    if (auto kept = cache_.find(key); kept && valid(*kept)) {
      record.values = *std::move(kept);
      ++from_cache_;
      return {};
    }
    const auto picture = image::decode_image(*encoded, options_.decode);
    auto values = picture ? compute(picture->view()) : Result<std::vector<float>>(picture.error());
    if (!values) {
      record.error = files_[i].string() + ": " + with_way_out(values.error());
      return {};
    }
    record.values = *std::move(values);
    return cache_.put(key, record.values);
  }

  const EvaluateOptions& options_;
  std::span<const std::filesystem::path> files_;
  evaluate::RecordCache& cache_;
  ProgressBar progress_;
  PictureRecords result_;
  std::atomic<std::size_t> done_ = 0;
  std::atomic<std::size_t> from_cache_ = 0;
  std::atomic<bool> stopped_ = false;
  std::mutex mutex_;
  std::optional<Error> failure_;
};

void tell_unreadable(const PictureRecords& records) {
  std::size_t told = 0;
  for (const PictureRecord& record : records.records) {
    if (!record.readable() && told < kNamedFailures) {
      ++told;
      complain(record.error);
    }
  }
  if (records.unreadable > told) {
    complain("and " + std::to_string(records.unreadable - told) + " more pictures that cannot be read");
  }
}

}  // namespace

Result<PictureRecords> compute_records(const EvaluateOptions& options, std::string_view kind, std::string_view made_by,
                                       std::span<const std::filesystem::path> files, const ComputeRecord& compute,
                                       const std::function<bool(const std::vector<float>&)>& valid) {
  const std::string digest = sha256_hex(as_bytes(made_by));
  std::filesystem::path file;
  const std::filesystem::path& folder = options.cache.empty() ? options.out : options.cache;
  if (!folder.empty()) {
    FACEPIPE_TRY(make_folder(folder));
    constexpr std::size_t kShort = 16;  // digits, so that several packs may use one folder
    file = folder / (std::string(kind) + "-" + digest.substr(0, kShort) + ".tensors");
  }
  FACEPIPE_ASSIGN(const auto cache, evaluate::RecordCache::open(file, digest));
  FACEPIPE_ASSIGN(PictureRecords records, RecordRun(options, files, *cache).run(compute, valid));
  tell_unreadable(records);
  return records;
}

}  // namespace facepipe::app
