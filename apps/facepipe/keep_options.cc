// Tested by tests/e2e/test_keep.py.
#include "keep_options.h"

#include <algorithm>

#include "base/time_text.h"
#include "options.h"

namespace facepipe::app {
namespace {

constexpr std::string_view kKeepPrefix = "--keep-";  // and the class

Result<faces::Retention::Age> age_of(const std::string& text, const faces::RetentionClass& kind) {
  if (text == "forever") {
    return faces::Retention::Age();
  }
  FACEPIPE_ASSIGN(const std::chrono::seconds age, parse_duration(text));
  if (age < kind.least) {
    return Error{ErrorCode::kInvalidArgument, "expected at least " + std::to_string(kind.least.count()) + "s"};
  }
  return faces::Retention::Age(age);
}

}  // namespace

void KeepOptions::add_to(CLI::App& command) {
  add_setting(command, "--keep", keep,
              "What is kept in faces.db: `faces` (and visits, for as long as the next options say), or `none`: "
              "answers on the queue alone")
      ->check(CLI::IsMember({"faces", "none"}));
  const auto add = [&](const char* option, auto& value, const char* help) {
    return options_[std::string(option).substr(kKeepPrefix.size())] = add_setting(command, option, value, help);
  };
  // Checked as every option is, so that a settings file's error names its place, and whatever --keep says.
  const auto add_age = [&](const char* option, std::string& value, const char* help) {
    const auto kinds = faces::retention_classes();
    const auto kind =
        std::ranges::find(kinds, std::string_view(option).substr(kKeepPrefix.size()), &faces::RetentionClass::name);
    add(option, value, help)->check([kind = *kind](const std::string& text) {
      const auto age = age_of(text, kind);
      return age ? std::string() : age.error().message;
    });
  };
  add_age("--keep-known", known,
          "How long the picture and the embedding of a face that has a name stay (90s, 30m, 48h, 7d; 0: never "
          "written; forever)");
  add_age("--keep-unknown", unknown, "The same of a face that has none");
  add_age("--keep-frames", frames, "How long a small picture of each frame with a face stays");
  add_age("--keep-visits", visits, "How long it stays known who was seen when and where, without pictures");
  add_age("--keep-events", events, "How long events can be read again, and delivered");
  add_age("--keep-changes", changes, "How long it stays known who changed what, to be undone");
  add("--keep-bytes", bytes,
      "Bytes of faces.db, past which frames go early, then pictures of faces without a name, then of those with one; "
      "0: as the disk allows")
      ->transform(CLI::AsSizeValue(false))
      ->check(CLI::NonNegativeNumber);
}

faces::ClassNames KeepOptions::left_alone() const {
  faces::ClassNames names;
  for (const auto& [name, option] : options_) {
    if (option->count() == 0) {
      names.insert(name);
    }
  }
  return names;
}

Result<std::optional<faces::Retention>> KeepOptions::get() const {
  if (keep == "none") {
    return std::optional<faces::Retention>();
  }
  faces::Retention retention;
  retention.max_bytes = bytes;
  const std::map<std::string_view, const std::string*> texts{{"known", &known},   {"unknown", &unknown},
                                                             {"frames", &frames}, {"visits", &visits},
                                                             {"events", &events}, {"changes", &changes}};
  for (const faces::RetentionClass& each : faces::retention_classes()) {
    FACEPIPE_ASSIGN(retention.*each.age, age_of(*texts.at(each.name), each));
  }
  return std::optional(retention);
}

}  // namespace facepipe::app
