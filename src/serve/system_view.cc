// What GET /api/system and GET /api/settings tell of this run. Tested end to end by tests/e2e/test_api.py.
#include "serve/api/system_view.h"

#include <filesystem>
#include <system_error>

#include "serve/services.h"

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

std::string age_text(const faces::Retention::Age& age) {
  return age ? std::to_string(age->count()) + "s" : "forever";
}

std::map<std::string, std::string> fixed_settings(const ServeOptions& options) {
  std::map<std::string, std::string> fixed{{"address", options.address},
                                           {"tls", options.tls ? "yes" : "no"},
                                           {"threads", std::to_string(options.detect_threads)},
                                           {"workers", std::to_string(options.recognize_threads)},
                                           {"keep", options.keep ? "faces" : "none"},
                                           {"encrypted", options.key ? "yes" : "no"}};
  if (options.keep) {
    fixed["keep-known"] = age_text(options.keep->known);
    fixed["keep-unknown"] = age_text(options.keep->unknown);
    fixed["keep-frames"] = age_text(options.keep->frames);
    fixed["keep-visits"] = age_text(options.keep->visits);
    fixed["keep-events"] = age_text(options.keep->events);
    fixed["keep-changes"] = age_text(options.keep->changes);
    fixed["keep-bytes"] = std::to_string(options.keep->max_bytes);
  }
  return fixed;
}

}  // namespace

SystemView FramePort::system_view() {
  SystemView view;
  view.version = options_.version;
  view.started = system_clock().now();
  view.ready = [this] { return ready(); };
  view.people = [this]() -> std::optional<std::int64_t> {
    return models_.gallery() == nullptr ? std::nullopt : std::optional<std::int64_t>(models_.gallery()->people());
  };
  view.checks = [this] {
    std::vector<SystemCheck> checks{check_of("queues", storage_.store().health())};
    if (storage_.faces() != nullptr) {
      checks.push_back(check_of("faces", storage_.faces()->health()));
    }
    checks.push_back({"gallery", models_.healthy(), models_.healthy() ? "" : "the changed gallery cannot be loaded"});
    const bool access = storage_.access().known();
    checks.push_back({"access", access, access ? "" : "the changed access.json cannot be loaded"});
    checks.push_back(check_space(options_.data_dir));
    return checks;
  };
  view.queues = &storage_.store();
  view.queue_names = {std::string(kRequestQueue), std::string(kAnswerQueue), std::string(kRequestQueue) + "-dead"};
  view.dead_letters = std::string(kRequestQueue) + "-dead";
  view.fixed = fixed_settings(options_);
  view.outputs = outputs_.names();
  return view;
}

}  // namespace facepipe::serve
