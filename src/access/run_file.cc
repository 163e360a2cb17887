// Tested by run_file_test.cc.
#include "access/run_file.h"

#include <system_error>

#include "base/bytes.h"
#include "base/file.h"
#include "base/json_reader.h"
#include "base/json_writer.h"
#include "base/text.h"

namespace facepipe::access {
namespace {

constexpr std::size_t kMaxRunFile = std::size_t{64} << 10U;  // with a path in it, escaped at worst
constexpr mode_t kNotTheOwners = 077;

}  // namespace

Status write_run_file(const std::filesystem::path& data_dir, const RunningServer& server) {
  JsonWriter json;
  json.begin_object().key("url").string(server.url).key("token").string(server.token);
  if (!server.certificate_sha256.empty()) {
    json.key("certificate_sha256").string(server.certificate_sha256);
  }
  if (!server.gallery.empty() && is_utf8(server.gallery.native())) {
    json.key("gallery").string(server.gallery.native());
  }
  json.end_object();
  return write_file_atomically(data_dir / kRunFileName, as_bytes(std::move(json).text() + "\n"), /*private_file=*/true);
}

void remove_run_file(const std::filesystem::path& data_dir) {
  std::error_code ignored;  // a file that stays names a port that nobody listens on
  std::filesystem::remove(data_dir / kRunFileName, ignored);
}

Result<std::optional<RunningServer>> read_run_file(const std::filesystem::path& data_dir) {
  const std::filesystem::path file = data_dir / kRunFileName;
  auto content = read_file_and_version(file, kMaxRunFile);
  if (!content) {
    return content.error().code == ErrorCode::kNotFound ? Result<std::optional<RunningServer>>(std::nullopt)
                                                        : std::move(content).error();
  }
  if ((content->version.mode & kNotTheOwners) != 0) {
    return Error{ErrorCode::kPermission, file.string() + ": expected a file that its owner alone can read"};
  }
  const std::string context = file.string();
  FACEPIPE_ASSIGN(const JsonDocument document,
                  JsonDocument::parse_object(as_text(content->bytes), {.context = context}));
  RunningServer server;
  FACEPIPE_ASSIGN(server.url, document["url"].text());
  FACEPIPE_ASSIGN(server.token, document["token"].text());
  if (document["certificate_sha256"].type() != JsonType::kAbsent) {
    FACEPIPE_ASSIGN(server.certificate_sha256, document["certificate_sha256"].text());
  }
  if (document["gallery"].type() != JsonType::kAbsent) {
    FACEPIPE_ASSIGN(server.gallery, document["gallery"].text());
  }
  return std::optional(std::move(server));
}

}  // namespace facepipe::access
