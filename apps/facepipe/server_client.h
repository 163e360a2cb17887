// The API of the server that has a data folder open, for commands on that folder.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>

#include "access/run_file.h"
#include "base/json_reader.h"
#include "base/result.h"
#include "http/client.h"

namespace facepipe::app {

// For another command to be done with the faces of a folder that no server has open; as long as for its gallery.
inline constexpr std::chrono::seconds kStorePatience{10};

// Not thread-safe. Move-only.
class ServerClient {
 public:
  // Nothing: no server runs on the folder, or it has the people of another gallery than the one that is given. Errors:
  // of read_run_file, of a server that does not answer in time.
  [[nodiscard]] static Result<std::optional<ServerClient>> find(
      const std::filesystem::path& data_dir, const std::optional<std::filesystem::path>& gallery = std::nullopt);

  // Whose people it has (whole_path).
  [[nodiscard]] const std::filesystem::path& gallery() const { return gallery_; }

  // The answer's body where the status is 2xx. Else an error of the code that the status stands for, in the server's
  // words.
  [[nodiscard]] Result<std::string> call(const std::string& method, const std::string& target, std::string body = {},
                                         const std::string& content_type = "application/json");
  // The same of an answer in JSON.
  [[nodiscard]] Result<JsonDocument> json(const std::string& method, const std::string& target, std::string body = {});

 private:
  ServerClient(std::string token, std::filesystem::path gallery, http::Client client)
      : token_(std::move(token)), gallery_(std::move(gallery)), client_(std::move(client)) {}
  std::string token_;
  std::filesystem::path gallery_;
  http::Client client_;
};

}  // namespace facepipe::app
