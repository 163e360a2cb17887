// Tested by config_test.cc.
#include "config.h"

#include <algorithm>
#include <array>
#include <ranges>

#include "base/json_writer.h"
#include "base/process.h"
#include "base/text.h"

namespace facepipe::lambda_app {
namespace {

constexpr std::string_view kPrefix = "FACEPIPE_";
constexpr std::array<std::string_view, 12> kSettings = {
    "FACEPIPE_PACK",    "FACEPIPE_GALLERY",  "FACEPIPE_GALLERY_REFRESH_S", "FACEPIPE_FACES",   "FACEPIPE_STRANGERS",
    "FACEPIPE_CROP",    "FACEPIPE_EXIF",     "FACEPIPE_MIN_FACE_PX",       "FACEPIPE_THREADS", "FACEPIPE_LOG_LEVEL",
    "FACEPIPE_METRICS", "FACEPIPE_MAX_FACES"};

// The handlers' names: the Python original's, and ours.
struct HandlerName {
  std::string_view name;
  Stage stage;
  stage::FaceSelection faces;  // unless FACEPIPE_FACES says otherwise: the original's clients expect one answer
};
constexpr std::array<HandlerName, 4> kHandlers = {{
    {"fd_lambda.lambda_handler", Stage::kDetection, stage::FaceSelection::kLargest},
    {"fr_lambda.lambda_handler", Stage::kRecognition, stage::FaceSelection::kLargest},
    {"face-detection", Stage::kDetection, stage::FaceSelection::kAll},
    {"face-recognition", Stage::kRecognition, stage::FaceSelection::kAll},
}};

Error bad_setting(std::string_view name, std::string_view expected, std::string_view got) {
  return Error{ErrorCode::kInvalidArgument,
               std::string(name) + ": expected " + std::string(expected) + ", got " +
                   (got.empty() ? std::string("nothing") : json_quote(got.substr(0, 200)))};
}

std::string_view first_of(const Environment& variables, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (const std::string_view value = value_of(variables, name); !value.empty()) {
      return value;
    }
  }
  return {};
}

template <typename T>
using Choices = std::span<const std::pair<std::string_view, T>>;

// One of the words of `choices`; `into` stays as it is where the variable is not set.
template <typename T>
Status read_choice(const Environment& variables, std::string_view name, std::type_identity_t<Choices<T>> choices,
                   T& into) {
  const std::string_view value = value_of(variables, name);
  if (value.empty()) {
    return {};
  }
  for (const auto& [word, meaning] : choices) {
    if (value == word) {
      into = meaning;
      return {};
    }
  }
  return bad_setting(name, joined(std::views::keys(choices), ", "), value);
}

Status read_number(const Environment& variables, std::string_view name, int least, int most, int& into) {
  const std::string_view value = value_of(variables, name);
  if (value.empty()) {
    return {};
  }
  const auto number = parse_number<int>(value);
  if (!number || *number < least || *number > most) {
    return bad_setting(name, std::to_string(least) + " to " + std::to_string(most), value);
  }
  into = *number;
  return {};
}

Status read_share(const Environment& variables, std::string_view name, std::optional<double>& into) {
  const std::string_view value = value_of(variables, name);
  if (value.empty()) {
    return {};
  }
  const auto number = parse_number<double>(value);
  if (!number || !(*number > 0 && *number < 1)) {
    return bad_setting(name, "a number above 0 and below 1", value);
  }
  into = number;
  return {};
}

// A misspelt setting must not be silently without effect.
Status check_names(const Environment& variables) {
  for (const auto& [name, value] : variables) {
    if (name.starts_with(kPrefix) && !value.empty() && std::ranges::find(kSettings, name) == kSettings.end()) {
      return Error{ErrorCode::kInvalidArgument, name + ": no such setting; known are " + joined(kSettings, ", ")};
    }
  }
  return {};
}

Status read_handler(const Environment& variables, Config& config) {
  const std::string_view name = value_of(variables, "_HANDLER");
  for (const HandlerName& handler : kHandlers) {
    if (name == handler.name) {
      config.stage = handler.stage;
      config.faces = handler.faces;
      return {};
    }
  }
  return bad_setting("_HANDLER (the image's CMD)", joined(std::views::transform(kHandlers, &HandlerName::name), ", "),
                     name);
}

Result<std::string> read_queue_url(const Environment& variables, std::string_view name, bool required) {
  const std::string_view value = value_of(variables, name);
  const bool good = value.starts_with("https://") || value.starts_with("http://");
  if (!good && (required || !value.empty())) {
    return bad_setting(name, "a queue URL (https://...)", value);
  }
  return std::string(value);
}

Status read_settings(const Environment& variables, Config& config) {
  using stage::CropStyle;
  using stage::FaceSelection;
  constexpr std::array<std::pair<std::string_view, FaceSelection>, 2> kFaces = {
      {{"largest", FaceSelection::kLargest}, {"all", FaceSelection::kAll}}};
  constexpr std::array<std::pair<std::string_view, CropStyle>, 2> kCrops = {
      {{"source", CropStyle::kSource}, {"classic", CropStyle::kClassic}}};
  constexpr std::array<std::pair<std::string_view, bool>, 2> kExif = {{{"apply", true}, {"ignore", false}}};
  constexpr std::array<std::pair<std::string_view, bool>, 2> kMetrics = {{{"emf", true}, {"off", false}}};
  constexpr std::array<std::pair<std::string_view, LogLevel>, 4> kLevels = {{{"debug", LogLevel::kDebug},
                                                                             {"info", LogLevel::kInfo},
                                                                             {"warning", LogLevel::kWarning},
                                                                             {"error", LogLevel::kError}}};
  FACEPIPE_TRY(read_choice<LogLevel>(variables, "FACEPIPE_LOG_LEVEL", kLevels, config.log_level));
  FACEPIPE_TRY(read_choice<FaceSelection>(variables, "FACEPIPE_FACES", kFaces, config.faces));
  FACEPIPE_TRY(read_choice<CropStyle>(variables, "FACEPIPE_CROP", kCrops, config.crop));
  FACEPIPE_TRY(read_choice<bool>(variables, "FACEPIPE_EXIF", kExif, config.apply_exif_orientation));
  FACEPIPE_TRY(read_choice<bool>(variables, "FACEPIPE_METRICS", kMetrics, config.metrics));
  FACEPIPE_TRY(read_number(variables, "FACEPIPE_MIN_FACE_PX", 12, 1000, config.min_face_px));
  FACEPIPE_TRY(read_number(variables, "FACEPIPE_MAX_FACES", 1, 100'000, config.max_faces));
  FACEPIPE_TRY(read_number(variables, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", 1, 1'000'000, config.memory_mib));
  FACEPIPE_TRY(read_number(variables, "FACEPIPE_GALLERY_REFRESH_S", 0, 86'400, config.gallery_refresh_s));
  FACEPIPE_TRY(read_share(variables, "FACEPIPE_STRANGERS", config.strangers));
  return read_number(variables, "FACEPIPE_THREADS", 1, 64, config.threads);
}

void read_paths(const Environment& variables, Config& config) {
  if (const std::string_view model = value_of(variables, "MODEL_PATH"); !model.empty()) {
    config.model = model;
  }
  if (const std::string_view gallery = first_of(variables, {"FACEPIPE_GALLERY", "MODEL_WT_PATH"}); !gallery.empty()) {
    config.gallery = gallery;
  }
  if (const std::string_view pack = value_of(variables, "FACEPIPE_PACK"); !pack.empty()) {
    config.pack = pack;
  }
}

}  // namespace

Result<Config> read_config(const char* const* environ_block) {
  const Environment variables = read_environment(environ_block);
  FACEPIPE_TRY(check_names(variables));
  Config config;
  FACEPIPE_TRY(read_handler(variables, config));
  FACEPIPE_TRY(read_settings(variables, config));
  const bool detection = config.stage == Stage::kDetection;
  FACEPIPE_ASSIGN(config.request_queue_url, read_queue_url(variables, "SQS_REQUEST_QUEUE_URL", detection));
  FACEPIPE_ASSIGN(config.response_queue_url, read_queue_url(variables, "SQS_RESPONSE_QUEUE_URL", !detection));
  config.region = first_of(variables, {"REGION", "AWS_REGION", "AWS_DEFAULT_REGION"});
  config.sqs_endpoint = first_of(variables, {"AWS_ENDPOINT_URL_SQS", "AWS_ENDPOINT_URL"});
  config.s3_endpoint = first_of(variables, {"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"});
  config.function_name = value_of(variables, "AWS_LAMBDA_FUNCTION_NAME");
  FACEPIPE_ASSIGN(config.credentials, aws::credentials_from_environment(variables));
  read_paths(variables, config);
  return config;
}

}  // namespace facepipe::lambda_app
