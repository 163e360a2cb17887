// Tested by tests/e2e/test_keep.py.
#include "keep_options.h"

#include "base/time_text.h"
#include "options.h"

namespace facepipe::app {

void KeepOptions::add_to(CLI::App& command) {
  add_setting(command, "--keep", keep,
              "What is kept in faces.db: `faces` (and visits, for as long as the next options say), or `none`: "
              "answers on the queue alone")
      ->check(CLI::IsMember({"faces", "none"}));
  add_setting(command, "--keep-known", known,
              "How long the picture and the embedding of a face that has a name stay (90s, 30m, 48h, 7d; 0: never "
              "written; forever)");
  add_setting(command, "--keep-unknown", unknown, "The same of a face that has none");
  add_setting(command, "--keep-frames", frames, "How long a small picture of each frame with a face stays");
  add_setting(command, "--keep-visits", visits,
              "How long it stays known who was seen when and where, without pictures");
  add_setting(command, "--keep-events", events, "How long events can be read again, and delivered");
  add_setting(command, "--keep-changes", changes, "How long it stays known who changed what, to be undone");
  add_setting(command, "--keep-bytes", bytes,
              "Bytes of faces.db, past which frames go early, then pictures of faces without a name, then of those "
              "with one; 0: as the disk allows")
      ->transform(CLI::AsSizeValue(false))
      ->check(CLI::NonNegativeNumber);
}

Result<std::optional<faces::Retention>> KeepOptions::get() const {
  if (keep == "none") {
    return std::optional<faces::Retention>();
  }
  faces::Retention retention;
  retention.max_bytes = bytes;
  constexpr std::chrono::seconds kNever{0};
  constexpr std::chrono::seconds kShortest{60};  // of what has to be read by others
  const auto read = [](const std::string& name, const std::string& text, std::chrono::seconds least,
                       faces::Retention::Age& age) -> Status {
    if (text == "forever") {
      age.reset();
      return {};
    }
    FACEPIPE_ASSIGN(age, parse_duration(text).with_context(name));
    return *age >= least ? Status{} : Error{ErrorCode::kInvalidArgument, name + ": expected at least 60s"};
  };
  FACEPIPE_TRY(read("--keep-known", known, kNever, retention.known));
  FACEPIPE_TRY(read("--keep-unknown", unknown, kNever, retention.unknown));
  FACEPIPE_TRY(read("--keep-frames", frames, kNever, retention.frames));
  FACEPIPE_TRY(read("--keep-visits", visits, kShortest, retention.visits));
  FACEPIPE_TRY(read("--keep-events", events, kShortest, retention.events));
  FACEPIPE_TRY(read("--keep-changes", changes, kShortest, retention.changes));
  return std::optional(retention);
}

}  // namespace facepipe::app
