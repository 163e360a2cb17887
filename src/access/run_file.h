// How commands on the same data folder find a running server: the file server.json. Format: docs/formats/access.md
#pragma once

#include <filesystem>

#include "base/result.h"

namespace facepipe::access {

struct RunningServer {
  std::string url;    // "http://127.0.0.1:8080/": of the frame port, from this machine
  std::string token;  // LiveAccess::add_run_token's: of this run, random, may do everything
  // Of the certificate that it shows, in hexadecimal: it need not be one for `url`. Empty without TLS, and of releases
  // that did not write it.
  std::string certificate_sha256 = {};
  // Whose people it has, with every folder on the way; empty: the folder's own. Not written where it is no UTF-8.
  std::filesystem::path gallery = {};
};

inline constexpr std::string_view kRunFileName = "server.json";

// Writes it for its owner alone; remove_run_file takes it away again.
[[nodiscard]] Status write_run_file(const std::filesystem::path& data_dir, const RunningServer& server);
void remove_run_file(const std::filesystem::path& data_dir);
// Nothing: there is none. There may be one of a server that was killed: nobody listens there any more. kPermission
// where more than its owner can read it; kInvalidData.
[[nodiscard]] Result<std::optional<RunningServer>> read_run_file(const std::filesystem::path& data_dir);

}  // namespace facepipe::access
