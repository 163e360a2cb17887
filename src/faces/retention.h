// How long what is kept stays.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

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

}  // namespace facepipe::faces
