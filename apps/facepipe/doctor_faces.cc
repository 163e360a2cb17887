// Tested by tests/e2e/test_keep.py.
#include "doctor_faces.h"

#include <algorithm>
#include <set>

#include "base/hash.h"
#include "faces/store/maintenance.h"

namespace facepipe::app {
namespace {

constexpr std::int64_t kMebibyte = 1 << 20;

std::string contents(const faces::FaceStoreCheck& check) {
  const faces::StoreCounts& counts = check.counts;
  return std::to_string(counts.faces) + " faces (" + std::to_string(counts.crops) + " with a picture), " +
         std::to_string(counts.visits) + " visits, " + std::to_string(counts.unknowns) + " groups of strangers, " +
         std::to_string(counts.pictures) + " enrolled pictures, " + std::to_string(counts.frames) + " frames, " +
         std::to_string(counts.events) + " events; " + std::to_string(counts.bytes / kMebibyte) + " MiB, " +
         (check.sealed ? "encrypted" : "not encrypted");
}

FacesFinding repaired(const std::filesystem::path& file, const std::optional<SealingKey>& key) {
  const auto salvage = faces::salvage_face_store(file, key, system_clock());
  if (!salvage) {
    return {.trouble = true, .text = salvage.error().message};
  }
  return {.trouble = salvage->lost > 0,
          .note = true,
          .text = "begun anew: " + std::to_string(salvage->pictures) + " enrolled pictures recovered, " +
                  std::to_string(salvage->lost) +
                  " lost; faces and visits are in the damaged file alone: " + salvage->damaged.string()};
}

// An embedding of somebody, to be compared exactly: a digest, since a gallery may have a million.
std::pair<gallery::PersonId, std::uint64_t> mark(gallery::PersonId person, std::span<const float> embedding) {
  Xxh64 hash;
  hash.update(std::as_bytes(embedding));
  return {person, hash.digest()};
}

// Pictures and the gallery's embeddings.
std::optional<FacesFinding> disagreement(const std::filesystem::path& file, const std::optional<SealingKey>& key,
                                         const gallery::Gallery& gallery) {
  std::set<std::pair<gallery::PersonId, std::uint64_t>> rows;
  for (std::size_t row = 0; row < gallery.embedding_count(); ++row) {
    rows.insert(mark(gallery.people()[gallery.owner(row)].id, gallery.embedding(row)));
  }
  std::int64_t strays = 0;
  const std::size_t all = rows.size();
  std::set<std::pair<gallery::PersonId, std::uint64_t>> shown;
  const Status read =
      faces::each_picture(file, key, [&](const faces::PictureRecord& picture, std::span<const float> embedding) {
        const auto one = mark(picture.person, embedding);
        if (rows.contains(one)) {
          shown.insert(one);
        } else {
          ++strays;
        }
      });
  if (!read) {
    return FacesFinding{.trouble = true, .text = read.error().message};
  }
  if (strays == 0 && shown.size() == all) {
    return std::nullopt;
  }
  return FacesFinding{.note = true,
                      .text = std::to_string(strays) + " enrolled pictures are of nobody in the gallery; " +
                              std::to_string(all - shown.size()) +
                              " embeddings of the gallery have no picture (enrolled by an earlier release, or with "
                              "--keep none)"};
}

}  // namespace

std::vector<FacesFinding> examine_faces(const std::filesystem::path& file, const std::optional<SealingKey>& key,
                                        const std::optional<gallery::Gallery>& gallery, bool repair) {
  const auto check = faces::check_face_store(file, key);
  if (!check && check.error().code == ErrorCode::kNotFound) {
    return {{.note = true, .text = "no faces are kept yet (facepipe serve makes faces.db, unless --keep none)"}};
  }
  if (!check) {
    return {{.trouble = true, .text = check.error().message}};
  }
  if (!check->problems.empty()) {
    return {repair ? repaired(file, key)
                   : FacesFinding{.trouble = true,
                                  .text = file.string() + ": damaged (" + check->problems.front() +
                                          "): facepipe doctor --repair begins it anew with the enrolled pictures"}};
  }
  std::vector<FacesFinding> findings;
  findings.push_back(
      {.note = check->in_use,
       .text = contents(*check) + (check->in_use ? "; in use by a running server: not looked through" : "")});
  if (check->unreadable > 0) {
    findings.push_back({.trouble = true, .text = std::to_string(check->unreadable) + " records do not open"});
  }
  if (check->dead_deliveries > 0) {
    findings.push_back({.note = true,
                        .text = std::to_string(check->dead_deliveries) +
                                " events were given up by their webhook; they can be sent again"});
  }
  const bool readable = !check->sealed || key;
  if (auto finding = gallery && readable ? disagreement(file, key, *gallery) : std::nullopt) {
    findings.push_back(*std::move(finding));
  }
  return findings;
}

}  // namespace facepipe::app
