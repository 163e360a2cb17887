// How long what is kept stays.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "base/result.h"

namespace facepipe::faces {

// By age, of each class; absent: for ever; 0: it is not kept at all. Enrolled pictures stay until they are removed.
struct Retention {
  using Age = std::optional<std::chrono::seconds>;
  Age known = std::chrono::hours{7 * 24};  // crops and embeddings of faces that are somebody's
  Age unknown = std::chrono::hours{48};    // of nobody's, and groups of unknown faces, unless they are ignored
  Age frames = std::chrono::seconds{0};
  Age visits = std::chrono::hours{30 * 24};    // visits, and faces without crop and embedding
  Age events = std::chrono::hours{7 * 24};     // 0 is not possible
  Age changes = std::chrono::hours{365 * 24};  // the audit log; 0 is not possible
  // Of the file. Past it frames go, then crops of nobody's, then of people's, the oldest first. 0: as the disk allows.
  std::int64_t max_bytes = std::int64_t{10} << 30U;
};

// Nothing goes by its age, nor by the size of the file.
[[nodiscard]] Retention keep_everything();

// The classes by their names, which options and the API have too.
struct RetentionClass {
  std::string_view name;
  Retention::Age Retention::* age;
  std::chrono::seconds least;  // of an age
};
[[nodiscard]] std::span<const RetentionClass> retention_classes();
inline constexpr std::string_view kBytesClass = "bytes";                 // Retention::max_bytes
inline constexpr std::int64_t kMaxAgeS = std::int64_t{36'500} * 86'400;  // of a change; past it: for ever
inline constexpr std::int64_t kMaxRetainedBytes = std::int64_t{1} << 50U;

// Of some classes or all: the age in seconds, absent for ever; or bytes.
using RetentionValues = std::map<std::string, std::optional<std::int64_t>, std::less<>>;
using ClassNames = std::set<std::string, std::less<>>;

[[nodiscard]] RetentionValues values_of(const Retention& retention);
// kInvalidArgument naming the class, what was expected and what came.
[[nodiscard]] Status check(const RetentionValues& values);
// What check() takes.
void set_values(const RetentionValues& values, Retention& retention);

// {"known":604800,"frames":null}
void write(JsonWriter& json, const RetentionValues& values);
// What write() wrote. kInvalidData, check()'s errors.
[[nodiscard]] Result<RetentionValues> read_retention_values(const JsonValue& json);

// What goes at once if a retention becomes shorter: beyond what goes without that.
struct RetentionLoss {
  std::int64_t faces = 0;     // their crop and embedding
  std::int64_t records = 0;   // faces without any
  std::int64_t unknowns = 0;  // groups of unknown faces
  std::int64_t frames = 0;
  std::int64_t visits = 0;
  std::int64_t events = 0;
  std::int64_t changes = 0;
  std::int64_t bytes = 0;  // of crops and frames, about; and of the file above a new limit
};

}  // namespace facepipe::faces
