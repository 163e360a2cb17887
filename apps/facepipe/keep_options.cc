// Tested by tests/e2e/test_keep.py.
#include "keep_options.h"

#include "base/time_text.h"
#include "options.h"

namespace facepipe::app {
namespace {

constexpr std::string_view kKeepPrefix = "--keep-";  // and the class

}  // namespace

void KeepOptions::add_to(CLI::App& command) {
  add_setting(command, "--keep", keep,
              "What is kept in faces.db: `faces` (and visits, for as long as the next options say), or `none`: "
              "answers on the queue alone")
      ->check(CLI::IsMember({"faces", "none"}));
  const auto add = [&](const char* option, auto& value, const char* help) {
    return options_[std::string(option).substr(kKeepPrefix.size())] = add_setting(command, option, value, help);
  };
  add("--keep-known", known,
      "How long the picture and the embedding of a face that has a name stay (90s, 30m, 48h, 7d; 0: never "
      "written; forever)");
  add("--keep-unknown", unknown, "The same of a face that has none");
  add("--keep-frames", frames, "How long a small picture of each frame with a face stays");
  add("--keep-visits", visits, "How long it stays known who was seen when and where, without pictures");
  add("--keep-events", events, "How long events can be read again, and delivered");
  add("--keep-changes", changes, "How long it stays known who changed what, to be undone");
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
    const std::string name = std::string(kKeepPrefix) + std::string(each.name);
    const std::string& text = *texts.at(each.name);
    faces::Retention::Age& age = retention.*each.age;
    if (text == "forever") {
      age.reset();
      continue;
    }
    FACEPIPE_ASSIGN(age, parse_duration(text).with_context(name));
    if (*age < each.least) {
      return Error{ErrorCode::kInvalidArgument,
                   name + ": expected at least " + std::to_string(each.least.count()) + "s"};
    }
  }
  return std::optional(retention);
}

}  // namespace facepipe::app
