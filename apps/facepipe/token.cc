// facepipe token: who may use a server.
#include <algorithm>
#include <memory>

#include "access/access_file.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/seal.h"
#include "base/time_text.h"
#include "command.h"
#include "output.h"

namespace facepipe::app {
namespace {

using access::AccessData;

struct TokenCommand {
  std::filesystem::path data;
  std::string name;
  std::string id;  // to revoke
  std::string role = "frames";
  bool uuid = false;
  [[nodiscard]] std::filesystem::path file() const { return data / access::kAccessFileName; }
};

Status check_name(const std::string& name) {
  const bool plain = std::none_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; });
  if (name.size() > access::kMaxNameBytes || !plain) {
    return Error{ErrorCode::kInvalidArgument, "--name: expected at most " + std::to_string(access::kMaxNameBytes) +
                                                  " bytes without control characters"};
  }
  return {};
}

template <typename Record>
Status append(std::vector<Record>& records, Record record) {
  if (records.size() >= access::kMaxRecords) {
    return Error{ErrorCode::kTooLarge, "there are " + std::to_string(records.size()) + " already: revoke one"};
  }
  records.push_back(std::move(record));
  return {};
}

template <typename Record>
Status remove(std::vector<Record>& records, const std::string& id) {
  if (std::erase_if(records, [&id](const Record& record) { return record.id == id; }) == 0) {
    return Error{ErrorCode::kNotFound, "there is none with the id '" + id + "'"};
  }
  return {};
}

Status new_token(const TokenCommand& command) {
  FACEPIPE_TRY(check_name(command.name));
  const std::string token = command.uuid ? random_uuid() : access::new_token();
  const std::string id = access::new_token_id();
  Status made = access::edit_access(command.file(), [&](AccessData& data) -> Status {
    FACEPIPE_TRY(append(data.tokens, {id, command.name, access::token_digest(token), format_utc(system_clock().now()),
                                      access::parse_role(command.role).value_or(access::Role::kFrames)}));
    // Shown before it becomes valid: one that nobody saw must not open anything.
    print_line(token);
    return flush_output();
  });
  FACEPIPE_TRY(std::move(made).with_context("no token was made"));
  complain("token " + id + " made; it is shown this once and not kept");
  return {};
}

Status new_sqs_key(const TokenCommand& command) {
  FACEPIPE_TRY(check_name(command.name));
  const access::KeyPair key = access::new_key_pair();
  Status made = access::edit_access(command.file(), [&](AccessData& data) -> Status {
    FACEPIPE_TRY(append(data.sqs_keys, {key.id, key.secret, command.name, format_utc(system_clock().now())}));
    print_line("AWS_ACCESS_KEY_ID=" + key.id);
    print_line("AWS_SECRET_ACCESS_KEY=" + key.secret);
    return flush_output();
  });
  FACEPIPE_TRY(std::move(made).with_context("no access key was made"));
  complain("the secret is shown this once; signatures cannot be checked without it, so " + command.file().string() +
           " keeps it");
  return {};
}

Status list(const TokenCommand& command, bool sqs_keys) {
  FACEPIPE_ASSIGN(const AccessData data, access::load_access(command.file()));
  if (sqs_keys) {
    for (const access::SqsKeyRecord& key : data.sqs_keys) {
      print_columns({key.id, key.created, key.name});
    }
  } else {
    for (const access::TokenRecord& token : data.tokens) {
      print_columns({token.id, token.created, token.name, access::role_name(token.role)});
    }
  }
  return {};
}

Status revoke(const TokenCommand& command, bool sqs_key) {
  const auto without = [&](AccessData& data) {
    return sqs_key ? remove(data.sqs_keys, command.id) : remove(data.tokens, command.id);
  };
  FACEPIPE_ASSIGN(AccessData known, access::load_access(command.file()));
  FACEPIPE_TRY(without(known));  // where it is not there nothing is made either: neither folder nor file
  return access::edit_access(command.file(), without);
}

void add_data_option(CLI::App& command, TokenCommand& options) {
  add_setting(command, "--data", options.data, "Folder of people and queues (FACEPIPE_DATA)");
}

using Action = Status (*)(const TokenCommand&);

// One of new, list, revoke.
CLI::App* add_action(CLI::App& parent, const char* name, const char* help, const std::shared_ptr<TokenCommand>& options,
                     Action action, int& status) {
  CLI::App* command = parent.add_subcommand(name, help);
  add_data_option(*command, *options);
  command->callback([options, action, &status] {
    if (const Status done = action(*options); !done) {
      status = report(done.error());
    }
  });
  return command;
}

}  // namespace

void add_token_command(CLI::App& app, const Environment& environment, int& status) {
  const auto options = std::make_shared<TokenCommand>();
  options->data = environment.data;
  CLI::App* token = app.add_subcommand("token", "Tokens of the frame port and access keys of the SQS port");
  token->require_subcommand(1);
  add_data_option(*token, *options);
  const char* const name_help = "What it is for, to know it again in the list";
  CLI::App* add = add_action(*token, "new", "Make a token and print it, once", options, new_token, status);
  add->alias("add");
  add->add_option("name,--name", options->name, name_help);
  add_setting(*add, "--role", options->role, "What it may do: send frames, read what is kept, or manage (everything)")
      ->check(CLI::IsMember(std::vector<std::string>(access::kRoleNames.begin(), access::kRoleNames.end())));
  add->add_flag("--uuid", options->uuid, "In the form of a UUID, for clients that take no other key (CompreFace's)");
  add_action(
      *token, "list", "Tokens: id, time, name, role", options, [](const TokenCommand& c) { return list(c, false); },
      status);
  add_action(
      *token, "revoke", "Take a token back", options, [](const TokenCommand& c) { return revoke(c, false); }, status)
      ->add_option("id", options->id, "Its id, as `list` shows it")
      ->required();
  CLI::App* keys = token->add_subcommand("sqs-key", "Access keys of the SQS port");
  keys->require_subcommand(1);
  add_data_option(*keys, *options);
  add_action(*keys, "new", "Make an access key and print it, once", options, new_sqs_key, status)
      ->add_option("--name", options->name, name_help);
  add_action(
      *keys, "list", "Access keys: id, time, name", options, [](const TokenCommand& c) { return list(c, true); },
      status);
  add_action(
      *keys, "revoke", "Take an access key back", options, [](const TokenCommand& c) { return revoke(c, true); },
      status)
      ->add_option("id", options->id, "Its id")
      ->required();
}

void add_key_command(CLI::App& app, int& status) {
  CLI::App* key = app.add_subcommand("key", "Keys that encrypt what is stored");
  key->require_subcommand(1);
  CLI::App* make = key->add_subcommand("new", "Make a key; whoever loses it loses what it encrypted");
  const auto file = std::make_shared<std::filesystem::path>();
  make->add_option("file", *file, "The file to write it to; must not exist")->required();
  make->callback([file, &status] {
    const Status made = SealingKey::make_file(*file);
    status = made ? kExitSuccess : report(made.error());
  });
}

}  // namespace facepipe::app
