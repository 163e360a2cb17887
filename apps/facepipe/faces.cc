// facepipe faces list | show | export, facepipe visits list | show | export
#include <memory>

#include "base/file.h"
#include "base/hex.h"
#include "base/id.h"
#include "base/table.h"
#include "command.h"
#include "kept.h"
#include "kept_table.h"
#include "output.h"
#include "server_client.h"

namespace facepipe::app {
namespace {

constexpr std::size_t kMaxLimit = 1'000'000'000;

struct KeptCommand {
  Kept::Kind kind = Kept::Kind::kFaces;
  GalleryOption gallery;
  std::string camera;
  std::string person;
  std::string from;
  std::string to;
  std::string visit;
  std::string mark;
  bool known = false;
  bool unknown = false;
  bool open = false;
  std::size_t limit = 50;
  std::string format = "json";
  std::string id;
  std::filesystem::path image;
};

// The id of somebody of that name; what is nobody's name, and is an id, is that.
Result<std::string> person_id(const KeptCommand& command) {
  const std::string& text = command.person;
  const Error missing{ErrorCode::kNotFound, "--person: there is nobody of the name '" + text + "'"};
  FACEPIPE_ASSIGN(auto client, ServerClient::find(command.gallery.data));
  std::string found;
  if (client) {
    // Those who have the text in their names, which may be many.
    const std::string first = "/api/people?limit=500&name=" + percent_encode(text);
    for (std::string target = first; !target.empty() && found.empty();) {
      FACEPIPE_ASSIGN(const JsonDocument page, client->json("GET", target));
      FACEPIPE_TRY(page["items"].each_item([&](const JsonValue& person) -> Status {
        if (person["name"].as_string() == text) {
          found = std::string(person["id"].as_string().value_or(""));
        }
        return {};
      }));
      const auto next = page["next"].as_string();
      target = next ? first + "&cursor=" + percent_encode(*next) : "";
    }
  } else if (const auto gallery = command.gallery.load()) {
    if (const auto id = gallery->id_of(text)) {
      found = id_text(static_cast<std::uint64_t>(*id));
    }
  } else if (gallery.error().code != ErrorCode::kNotFound) {
    return gallery.error();
  }
  if (found.empty() && parse_id(text)) {
    found = text;
  }
  return found.empty() ? Result<std::string>(missing) : Result<std::string>(found);
}

Result<std::string> query_of(const KeptCommand& command) {
  std::string query;
  const auto add = [&query](std::string_view name, const std::string& value) {
    if (!value.empty()) {
      query += (query.empty() ? "" : "&") + std::string(name) + "=" + percent_encode(value);
    }
  };
  add("camera", command.camera);
  add("from", command.from);
  add("to", command.to);
  add("visit", command.visit);
  add("mark", command.mark);
  add("known", command.known ? "true" : command.unknown ? "false" : "");
  add("open", command.open ? "true" : "");
  if (!command.person.empty()) {
    FACEPIPE_ASSIGN(const std::string id, person_id(command));
    add("person", id);
  }
  return query;
}

Result<std::unique_ptr<Kept>> open_kept(const KeptCommand& command) {
  FACEPIPE_ASSIGN(const auto key, command.gallery.key.load());
  return Kept::open(command.gallery.data, key);
}

// Calls `take` for at most `limit` records; 0: all.
Status each(const KeptCommand& command, std::size_t limit, const std::function<void(const JsonValue&)>& take) {
  FACEPIPE_ASSIGN(const std::string query, query_of(command));
  FACEPIPE_ASSIGN(const auto kept, open_kept(command));
  std::size_t taken = 0;
  return kept->list(command.kind, query, [&](const JsonValue& record) -> Result<bool> {
    take(record);
    return ++taken != limit;
  });
}

Status list(const KeptCommand& command) {
  std::vector<std::vector<std::string>> rows;
  FACEPIPE_TRY(each(command, command.limit,
                    [&](const JsonValue& record) { rows.push_back(short_cells(command.kind, record)); }));
  if (rows.empty()) {
    return {};
  }
  const std::vector<Column> columns(rows.front().size(), Column::kLeft);
  print_text(format_table(columns, rows, output_columns()));
  return {};
}

Status show(const KeptCommand& command) {
  FACEPIPE_ASSIGN(const auto kept, open_kept(command));
  FACEPIPE_ASSIGN(const std::string record, kept->show(command.kind, command.id));
  print_line(record);
  if (!command.image.empty()) {
    FACEPIPE_ASSIGN(const std::string picture, kept->face_image(command.id));
    FACEPIPE_TRY(write_file_atomically(command.image, as_bytes(picture), /*private_file=*/true));
  }
  return {};
}

Status export_all(const KeptCommand& command) {
  const bool csv = command.format == "csv";
  if (csv) {
    print_line(csv_line(export_columns(command.kind)));
  }
  return each(command, 0, [&](const JsonValue& record) {
    print_line(csv ? csv_line(export_cells(command.kind, record)) : record.to_json());
  });
}

void add_filters(CLI::App& command, KeptCommand& options) {
  command.add_option("--camera", options.camera, "Of that camera");
  command.add_option("--person", options.person, "Of that person, by name or id");
  command.add_option("--from", options.from, "Since then, as 2026-01-02T03:04:05Z");
  command.add_option("--to", options.to, "Before then");
  CLI::Option* const known = command.add_flag("--known", options.known, "Who has a name");
  command.add_flag("--unknown", options.unknown, "Who has none")->excludes(known);
  if (options.kind == Kept::Kind::kFaces) {
    command.add_option("--visit", options.visit, "Of that visit");
    command.add_option("--mark", options.mark, "Of which that was said: none, assigned, rejected, ignored, not-a-face");
  } else {
    command.add_flag("--open", options.open, "That are not over");
  }
}

using Work = Status (*)(const KeptCommand&);

CLI::App* add_work(CLI::App& parent, const char* name, const char* help, const Environment& environment,
                   const std::shared_ptr<KeptCommand>& options, Work work, int& status) {
  CLI::App* const command = parent.add_subcommand(name, help);
  options->gallery.add_to(*command, environment);
  command->callback([options, work, &status] {
    if (const Status done = work(*options); !done) {
      status = report(done.error());
    }
  });
  return command;
}

void add_kept_command(CLI::App& app, const char* name, const char* help, Kept::Kind kind,
                      const Environment& environment, int& status) {
  const auto options = std::make_shared<KeptCommand>();
  options->kind = kind;
  CLI::App* const kept = app.add_subcommand(name, help);
  kept->require_subcommand(1);
  options->gallery.add_to(*kept, environment);
  CLI::App* const shown = add_work(*kept, "list", "A table, the newest first", environment, options, list, status);
  add_filters(*shown, *options);
  add_setting(*shown, "--limit", options->limit, "At most so many; 0: all")
      ->check(CLI::Range(std::size_t{0}, kMaxLimit));
  CLI::App* const one = add_work(*kept, "show", "One, as JSON", environment, options, show, status);
  one->add_option("id", options->id, "Its id, as `list` shows it")->required()->check([](const std::string& text) {
    return parse_id(text) ? std::string() : "expected 16 lower-case hexadecimal characters";
  });
  if (kind == Kept::Kind::kFaces) {
    one->add_option("--image", options->image, "Write its picture to this file");
  }
  CLI::App* const all = add_work(*kept, "export", "All, for programs", environment, options, export_all, status);
  add_filters(*all, *options);
  add_setting(*all, "--format", options->format, "json: an object a line; csv: with a line of names before them")
      ->check(CLI::IsMember({"json", "csv"}));
}

}  // namespace

void add_kept_commands(CLI::App& app, const Environment& environment, int& status) {
  add_kept_command(app, "faces", "Faces that were seen and kept", Kept::Kind::kFaces, environment, status);
  add_kept_command(app, "visits", "Who was there, when and where", Kept::Kind::kVisits, environment, status);
}

}  // namespace facepipe::app
