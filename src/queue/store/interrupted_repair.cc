// Tested by interrupted_repair_test.cc
#include "queue/store/interrupted_repair.h"

#include <algorithm>
#include <system_error>

#include "base/file_lock.h"
#include "base/temporary_file.h"

namespace facepipe::queue {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kUnfinished = ".new";
constexpr std::string_view kRepaired = ".repaired-";
constexpr std::string_view kDamaged = ".damaged-";
constexpr std::string_view kLog = "-wal";

fs::path beside(const fs::path& file, std::string_view suffix) {
  return file.native() + std::string(suffix);
}

bool has_content(const fs::path& file) {
  std::error_code error;
  return fs::is_regular_file(file, error) && fs::file_size(file, error) > 0 && !error;
}

std::string id_of(const fs::path& file, const fs::path& repaired) {
  return repaired.filename().native().substr(file.filename().native().size() + kRepaired.size());
}

Error interrupted(const fs::path& file, const fs::path& found) {
  return {ErrorCode::kInvalidData,
          "queue store " + file.string() + ": missing, but " + found.string() +
              " lies beside it, of a repair that was cut off or a copy in part: facepipe doctor --repair makes a store "
              "of a damaged one; move it out of the folder to begin with an empty store"};
}

}  // namespace

std::filesystem::path unfinished_store(const std::filesystem::path& file) {
  return beside(file, kUnfinished);
}

std::filesystem::path repaired_store(const std::filesystem::path& file, std::string_view id) {
  return beside(file, std::string(kRepaired) + std::string(id));
}

std::filesystem::path damaged_store(const std::filesystem::path& file, std::string_view id) {
  return beside(file, std::string(kDamaged) + std::string(id));
}

RepairFiles find_repair_files(const std::filesystem::path& file) {
  RepairFiles found;
  found.store = has_content(file);
  found.log = has_content(beside(file, kLog));
  found.unfinished = has_content(unfinished_store(file));
  const std::string repaired = file.filename().native() + std::string(kRepaired);
  const std::string damaged = file.filename().native() + std::string(kDamaged);
  std::error_code error;
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  for (auto entry = fs::directory_iterator(folder, error); !error && entry != fs::end(entry); entry.increment(error)) {
    const std::string name = entry->path().filename().native();
    if (name.ends_with(kLog) || name.ends_with("-shm") || name.ends_with("-journal") || !has_content(entry->path())) {
      continue;
    }
    if (name.starts_with(repaired)) {
      found.repaired.push_back(beside(file, name.substr(file.filename().native().size())));
    } else if (name.starts_with(damaged)) {
      found.damaged.push_back(beside(file, name.substr(file.filename().native().size())));
    }
  }
  std::ranges::sort(found.repaired);
  std::ranges::sort(found.damaged);
  return found;
}

Status rename_durably(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error) {
    return Error{ErrorCode::kPermission,
                 "cannot rename " + from.string() + " to " + to.string() + ": " + error.message()};
  }
  return flush_folder(to.parent_path());
}

Status put_in_place(const std::filesystem::path& file, std::string_view id, const RepairStep& step) {
  const fs::path log = beside(file, kLog);
  std::error_code error;
  if (fs::exists(log, error)) {
    FACEPIPE_TRY(rename_durably(log, beside(damaged_store(file, id), kLog)));
  }
  if (step) {
    step("log put aside");
  }
  FACEPIPE_TRY(rename_durably(repaired_store(file, id), file));
  if (step) {
    step("in place");
  }
  return {};
}

Status settle_interrupted_repair(const std::filesystem::path& file) {
  RepairFiles found = find_repair_files(file);
  if (found.store) {
    return {};
  }
  if (found.repaired.empty()) {
    if (!found.damaged.empty()) {
      return interrupted(file, found.damaged.back());
    }
    if (found.unfinished) {
      return interrupted(file, unfinished_store(file));
    }
    return found.log ? interrupted(file, beside(file, kLog)) : Status{};
  }
  FACEPIPE_ASSIGN(const FileLock lock, FileLock::acquire(file));
  found = find_repair_files(file);  // the repair may have been alive, and have ended
  if (found.store || found.repaired.empty()) {
    return found.store ? Status{} : interrupted(file, found.damaged.empty() ? file : found.damaged.back());
  }
  return put_in_place(file, id_of(file, found.repaired.back()), {});
}

void remove_unfinished_repair(const std::filesystem::path& file) {
  std::vector<fs::path> left = find_repair_files(file).repaired;
  left.push_back(unfinished_store(file));
  std::error_code ignored;
  for (const fs::path& path : left) {
    for (const std::string_view suffix : {"", "-wal", "-shm", "-journal"}) {
      fs::remove(beside(path, suffix), ignored);
    }
  }
}

}  // namespace facepipe::queue
