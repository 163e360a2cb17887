// facepipe queue list | show | redrive | purge | backup
#include <array>
#include <chrono>
#include <limits>
#include <memory>

#include "annotate.h"
#include "base/file.h"
#include "base/json_writer.h"
#include "base/table.h"
#include "command.h"
#include "output.h"
#include "queue/store/maintenance.h"
#include "queue/store/queue_store.h"
#include "queue_admin.h"
#include "wire/messages.h"

namespace facepipe::app {
namespace {

struct QueueCommand {
  Environment environment;
  std::filesystem::path data;
  KeyOption key;
  AwsOption aws;
  std::string name;
  std::string target;
  std::int64_t shown = 20;
  std::int64_t limit = 0;  // of a redrive; 0: all
  std::filesystem::path faces;
  std::filesystem::path file;
  bool json = false;
  bool yes = false;
};

// Whole seconds since then; a clock that went back makes none.
std::int64_t age_s(Clock::TimePoint time) {
  const auto age = std::chrono::duration_cast<std::chrono::seconds>(system_clock().now() - time).count();
  return age < 0 ? 0 : age;
}

Result<std::unique_ptr<QueueAdmin>> open(const QueueCommand& command) {
  if (!command.aws.endpoint.empty()) {
    return open_remote_queues(command.aws);
  }
  FACEPIPE_ASSIGN(const std::optional<SealingKey> key, command.key.load());
  return open_local_queues(command.data, key);
}

int exit_status(const Status& status) {
  return status ? kExitSuccess : report(status.error());
}

void print_counts(const std::string& name, const QueueCounts& counts, bool json,
                  std::vector<std::vector<std::string>>& rows) {
  const std::int64_t oldest = counts.oldest_sent_at ? age_s(*counts.oldest_sent_at) : -1;
  if (json) {
    JsonWriter line;
    line.begin_object().key("queue").string(name);
    line.key("visible").integer(counts.visible).key("in_flight").integer(counts.in_flight);
    line.key("delayed").integer(counts.delayed);
    if (oldest >= 0) {
      line.key("oldest_s").integer(oldest);
    }
    line.key("dead_letter_queue").string(counts.dead_letter_queue).end_object();
    print_line(std::move(line).text());
    return;
  }
  rows.push_back({name, std::to_string(counts.visible), std::to_string(counts.in_flight),
                  std::to_string(counts.delayed), oldest < 0 ? "-" : std::to_string(oldest) + " s",
                  counts.dead_letter_queue});
}

Status list(const QueueCommand& command) {
  FACEPIPE_ASSIGN(const std::unique_ptr<QueueAdmin> queues, open(command));
  FACEPIPE_ASSIGN(const std::vector<std::string> names, queues->names());
  std::vector<std::vector<std::string>> rows = {
      {"queue", "waiting", "in flight", "delayed", "oldest", "dead letters to"}};
  for (const std::string& name : names) {
    FACEPIPE_ASSIGN(const QueueCounts counts, queues->counts(name));
    print_counts(name, counts, command.json, rows);
  }
  if (!command.json) {
    constexpr std::array<Column, 6> kColumns = {Column::kLeft,   Column::kNumber, Column::kNumber,
                                                Column::kNumber, Column::kNumber, Column::kLeft};
    print_text(format_table(kColumns, rows, output_columns()));
  }
  return {};
}

// What is told of a message: never its face, nor a name.
struct Shown {
  std::string request_id;
  int face_index = 0;
  Bytes face;
  std::string reason;
};

Shown read_message(const queue::StoredMessage& message) {
  Shown shown;
  if (auto face = wire::parse_face_message(message.body, &shown.request_id)) {
    shown.face_index = face->face_index;
    shown.face = std::move(face->face);
  } else if (const auto answer = wire::parse_answer(message.body)) {
    shown.request_id = answer->request_id;
    shown.face_index = answer->face_index;
  }
  const auto reason = message.attributes.find(std::string(queue::kReasonAttribute));
  if (!message.unreadable.empty()) {
    shown.reason = message.unreadable;
    return shown;
  }
  shown.reason = reason == message.attributes.end() ? message.failure : reason->second.value;
  return shown;
}

std::string_view to_string(queue::MessageState state) {
  switch (state) {
    case queue::MessageState::kInFlight:
      return "in flight";
    case queue::MessageState::kDelayed:
      return "delayed";
    case queue::MessageState::kVisible:
      break;
  }
  return "waiting";
}

void print_message(const queue::StoredMessage& message, const Shown& shown, bool json) {
  if (json) {
    JsonWriter line;
    line.begin_object().key("message_id").string(message.message_id).key("request_id").string(shown.request_id);
    line.key("face_index").integer(shown.face_index).key("state").string(to_string(message.state));
    line.key("receive_count").integer(message.receive_count).key("age_s").integer(age_s(message.sent_at));
    line.key("readable").boolean(message.unreadable.empty());
    line.key("bytes").integer(static_cast<std::int64_t>(message.body.size()));
    line.key("face_bytes").integer(static_cast<std::int64_t>(shown.face.size()));
    line.key("from").string(message.dead_letter_source).key("reason").string(shown.reason).end_object();
    print_line(std::move(line).text());
    return;
  }
  // Quoted, since an id is a stranger's text: it must not be taken for more than that.
  print_line(message.message_id + "  request " + json_quote(shown.request_id) + " face " +
             std::to_string(shown.face_index) + "  " + std::string(to_string(message.state)) + ", received " +
             std::to_string(message.receive_count) + " times, sent " + std::to_string(age_s(message.sent_at)) +
             " s ago, " + std::to_string(message.body.size()) + " bytes (face " + std::to_string(shown.face.size()) +
             ")" + (shown.reason.empty() ? "" : "  reason: " + json_quote(shown.reason)));
}

// The face under the message's id, in a folder and a file for their owner alone.
Status write_face(const std::filesystem::path& folder, const queue::StoredMessage& message, const Bytes& face,
                  UniqueNames& names) {
  FACEPIPE_TRY(make_private_folder(folder));
  const std::string_view text = as_text(face);
  const char* suffix = text.starts_with("\x89PNG") ? ".png" : text.starts_with("RIFF") ? ".webp" : ".jpg";
  // Ids of other servers may hold anything.
  std::string name;
  for (const char c : message.message_id) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    name += plain ? c : '_';
  }
  return write_file_atomically(names.take(folder / name, suffix), face, true);
}

Status show(const QueueCommand& command) {
  FACEPIPE_ASSIGN(const std::unique_ptr<QueueAdmin> queues, open(command));
  FACEPIPE_ASSIGN(const auto messages, queues->peek(command.name, command.shown));
  UniqueNames names;
  for (const queue::StoredMessage& message : messages) {
    const Shown shown = read_message(message);
    print_message(message, shown, command.json);
    if (!command.faces.empty() && !shown.face.empty()) {
      FACEPIPE_TRY(write_face(command.faces, message, shown.face, names));
    }
  }
  return {};
}

Status redrive(const QueueCommand& command) {
  FACEPIPE_ASSIGN(const std::unique_ptr<QueueAdmin> queues, open(command));
  const std::int64_t limit = command.limit > 0 ? command.limit : std::numeric_limits<std::int64_t>::max();
  FACEPIPE_ASSIGN(const std::int64_t moved, queues->redrive(command.name, command.target, limit));
  FACEPIPE_ASSIGN(const QueueCounts left, queues->counts(command.name));
  print_line(std::to_string(moved) + " messages moved, " + std::to_string(left.total()) + " left on " + command.name);
  return {};
}

Status purge(const QueueCommand& command) {
  if (!command.yes) {
    return Error{ErrorCode::kInvalidArgument,
                 "purge deletes every message of " + command.name + ", those in flight too: say --yes"};
  }
  FACEPIPE_ASSIGN(const std::unique_ptr<QueueAdmin> queues, open(command));
  FACEPIPE_ASSIGN(const QueueCounts counts, queues->counts(command.name));
  FACEPIPE_TRY(queues->purge(command.name));
  print_line(std::to_string(counts.total()) + " messages deleted from " + command.name);
  return {};
}

Status backup(const QueueCommand& command) {
  if (!command.aws.endpoint.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 "backup copies the store of a stopped server's folder (--data), not what --endpoint has"};
  }
  FACEPIPE_TRY(queue::backup_store(command.data / queue::kQueueFile, command.file));
  print_line(command.file.string() + " written");
  return {};
}

void add_common_options(CLI::App& command, QueueCommand& options) {
  options.data = options.environment.data;
  add_setting(command, "--data", options.data, "Folder of the stopped server (FACEPIPE_DATA)");
  options.key.add_to(command, options.environment);
  options.aws.add_to(command, "Amazon's SQS alone");
}

CLI::App* add(CLI::App& queues, const std::shared_ptr<QueueCommand>& options, int& status, const char* name,
              const char* description, Status (*run)(const QueueCommand&)) {
  CLI::App* command = queues.add_subcommand(name, description);
  add_common_options(*command, *options);
  command->callback([options, &status, run] { status = exit_status(run(*options)); });
  return command;
}

}  // namespace

void add_queue_command(CLI::App& app, const Environment& environment, int& status) {
  CLI::App* queues = app.add_subcommand("queue", "The queues of a stopped server, or of a server of the SQS API");
  queues->require_subcommand(1);
  const auto options = std::make_shared<QueueCommand>();
  options->environment = environment;
  add_common_options(*queues, *options);

  add(*queues, options, status, "list", "Every queue: messages waiting, in flight, delayed; the oldest's age", list)
      ->add_flag("--json", options->json, "A JSON line a queue");

  CLI::App* show_command =
      add(*queues, options, status, "show", "Messages: ids, receipts, age, why they failed; never their faces", show);
  show_command->add_option("queue", options->name, "The queue's name")->required();
  add_setting(*show_command, "--limit", options->shown, "At most so many messages")->check(CLI::Range(1, 100'000));
  show_command->add_option("--faces", options->faces, "Write the faces into this folder, for their owner's eyes alone");
  show_command->add_flag("--json", options->json, "A JSON line a message");

  CLI::App* redrive_command =
      add(*queues, options, status, "redrive", "Move messages of a dead-letter queue back, in order", redrive);
  redrive_command->add_option("queue", options->name, "The dead-letter queue's name")->required();
  redrive_command->add_option("--to", options->target, "The queue to move them to; default: where each came from");
  redrive_command->add_option("--limit", options->limit, "At most so many messages; default: all")
      ->check(CLI::PositiveNumber);

  CLI::App* purge_command = add(*queues, options, status, "purge", "Delete every message of a queue", purge);
  purge_command->add_option("queue", options->name, "The queue's name")->required();
  purge_command->add_flag("--yes", options->yes, "Yes, delete them");

  add(*queues, options, status, "backup", "Copy a stopped server's queues into a new file", backup)
      ->add_option("file", options->file, "The new file")
      ->required();
}

}  // namespace facepipe::app
