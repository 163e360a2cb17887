// What GET /api/system and GET /api/settings tell of this run. Tested end to end by tests/e2e/test_api.py.
#include <filesystem>
#include <system_error>

#include "base/json_writer.h"
#include "serve/apis.h"

namespace facepipe::serve {
namespace {

// Less is soon none: a frame of 50 megapixels as JPEG.
constexpr std::uintmax_t kLeastFreeBytes = std::uintmax_t{256} << 20U;

SystemCheck check_of(std::string name, const Status& status) {
  return {std::move(name), status.has_value(), status ? std::string() : status.error().message};
}

SystemCheck check_space(const std::filesystem::path& folder) {
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(folder, error);
  SystemCheck check{"space", !error && space.available >= kLeastFreeBytes, ""};
  if (!check.ok) {
    check.message = error ? error.message()
                          : "expected " + std::to_string(kLeastFreeBytes >> 20U) +
                                " MiB free for the data folder, got " + std::to_string(space.available >> 20U);
  }
  return check;
}

std::map<std::string, std::string> fixed_settings(const ServeOptions& options) {
  std::map<std::string, std::string> fixed{{"address", options.address},
                                           {"tls", options.tls ? "yes" : "no"},
                                           {"threads", std::to_string(options.detect_threads)},
                                           {"workers", std::to_string(options.recognize_threads)},
                                           {"keep", options.keep ? "faces" : "none"},
                                           {"encrypted", options.key ? "yes" : "no"}};
  if (options.strangers) {
    JsonWriter share;
    share.number(*options.strangers);
    fixed["strangers"] = std::move(share).text();
  }
  if (options.keep) {
    for (const auto& [name, value] : faces::values_of(*options.keep)) {
      if (!options.keep_changeable.contains(name)) {
        const std::string_view unit = name == faces::kBytesClass ? "" : "s";
        fixed["keep-" + name] = value ? std::to_string(*value) + std::string(unit) : "forever";
      }
    }
  }
  return fixed;
}

}  // namespace

SystemView Apis::system_view() const {
  SystemView view;
  view.version = ground_.options.version;
  view.started = system_clock().now();
  view.ready = frames_.ready;
  view.people = [this]() -> std::optional<std::int64_t> {
    return rooms_.models.gallery() == nullptr ? std::nullopt
                                              : std::optional<std::int64_t>(rooms_.models.gallery()->people());
  };
  view.checks = [this] {
    std::vector<SystemCheck> checks{check_of("queues", rooms_.storage.store().health())};
    if (rooms_.storage.faces() != nullptr) {
      checks.push_back(check_of("faces", rooms_.storage.faces()->health()));
    }
    checks.push_back(
        {"gallery", rooms_.models.healthy(), rooms_.models.healthy() ? "" : "the changed gallery cannot be loaded"});
    const bool access = rooms_.storage.access().known();
    checks.push_back({"access", access, access ? "" : "the changed access.json cannot be loaded"});
    checks.push_back(check_space(ground_.options.data_dir));
    return checks;
  };
  view.queues = &rooms_.storage.store();
  view.queue_names = {std::string(kRequestQueue), std::string(kAnswerQueue), std::string(kRequestQueue) + "-dead"};
  view.dead_letters = std::string(kRequestQueue) + "-dead";
  view.fixed = fixed_settings(ground_.options);
  view.outputs = rooms_.outputs.names();
  view.test_output = [this](const std::string& output, std::string_view who) -> Result<std::optional<OutputTest>> {
    FACEPIPE_ASSIGN(const std::optional<publish::Tested> tested, rooms_.outputs.test(output, who));
    if (!tested) {
      return std::optional<OutputTest>();
    }
    const publish::Outcome& outcome = tested->outcome;
    return std::optional(OutputTest{.key = tested->key,
                                    .delivered = outcome.kind == publish::Outcome::Kind::kDelivered,
                                    .status = outcome.status,
                                    .error = outcome.error,
                                    .took = tested->took});
  };
  view.frames = &ground_.metrics.recent_frames;
  view.answers = &ground_.metrics.recent_answers;
  return view;
}

}  // namespace facepipe::serve
