// facepipe erase: a person, everywhere in the data folder, and the proof.
#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <system_error>

#include "base/file.h"
#include "base/json_writer.h"
#include "base/seal.h"
#include "base/temporary_file.h"
#include "command.h"
#include "gallery/gallery.h"
#include "output.h"
#include "queue/store/maintenance.h"
#include "wire/messages.h"

namespace facepipe::app {
namespace {

namespace fs = std::filesystem;

struct Trace {
  std::filesystem::path file;
  std::string what;  // how often it is there, or why the file could not be read
};

struct Traces {
  std::size_t files = 0;      // that were read whole
  std::vector<Trace> found;   // the name is there
  std::vector<Trace> unread;  // nobody knows
};

constexpr std::string_view kDatabaseMagic{"SQLite format 3\0", 16};
// Starts of files whose content is packed: gzip, bzip2, xz, Zstandard, 7-Zip, LZ4.
constexpr std::array<std::string_view, 6> kPacked = {"\x1f\x8b",
                                                     "BZh",
                                                     "\xfd"
                                                     "7zXZ",
                                                     "\x28\xb5\x2f\xfd",
                                                     "7z\xbc\xaf",
                                                     "\x04\x22\x4d\x18"};

std::size_t count(std::string_view content, std::string_view text) {
  std::size_t found = 0;
  for (std::size_t at = content.find(text); at != std::string_view::npos; at = content.find(text, at + 1)) {
    ++found;
  }
  return found;
}

// A string of a pickle: its length in 4 bytes, little-endian, or in one behind the short form's opcode.
std::vector<std::string> pickled(const std::string& name) {
  constexpr std::size_t kShort = 255;
  std::string length;
  for (unsigned shift = 0; shift < 32; shift += 8) {
    length += static_cast<char>((name.size() >> shift) & 0xffU);
  }
  std::vector<std::string> forms = {"X" + length + name};
  if (name.size() <= kShort) {
    forms.push_back("\x8c" + length.substr(0, 1) + name);
  }
  return forms;
}

// A zip archive whose first member is compressed.
bool is_packed_zip(std::string_view content) {
  constexpr std::size_t kMethod = 8;
  return content.starts_with("PK\x03\x04") && content.size() > kMethod + 1 &&
         (content[kMethod] != 0 || content[kMethod + 1] != 0);
}

// The body of an answer that names the person, as the result or as the runner-up.
bool is_answer_about(std::string_view body, const std::string& name) {
  const auto answer = wire::parse_answer(body);
  return answer && (answer->result == name || answer->second == name);
}

class Search {
 public:
  Search(std::string name, const std::optional<SealingKey>& key, fs::path searched)
      : name_(std::move(name)), key_(key), searched_(std::move(searched)), forms_(pickled(name_)) {
    forms_.push_back(json_quote(name_));
  }

  void folder(const fs::path& path) {
    std::error_code error;
    std::vector<fs::path> entries;
    for (auto entry = fs::directory_iterator(path, error); !error && entry != fs::end(entry); entry.increment(error)) {
      entries.push_back(entry->path());
    }
    if (error) {
      traces_.unread.push_back({path, error.message()});
    }
    std::ranges::sort(entries);
    for (const fs::path& entry : entries) {
      const fs::file_status itself = fs::symlink_status(entry, error);
      const fs::file_status meant = fs::status(entry, error);
      if (fs::is_directory(itself)) {
        folder(entry);
      } else if (fs::is_directory(meant)) {
        traces_.unread.push_back({entry, "a link to another folder"});
      } else if (fs::is_regular_file(meant)) {
        file(entry);
      } else if (fs::is_symlink(itself) && fs::exists(meant)) {
        traces_.unread.push_back({entry, "a link to something that is no file"});
      }
    }
  }

  Traces take() { return std::move(traces_); }

 private:
  void file(const fs::path& path) {
    std::error_code error;
    if (fs::file_size(path, error) == 0 && !error) {
      return;
    }
    std::size_t places = 0;
    std::string why;
    bool database = false;
    {
      const auto mapped = MappedFile::open(path);
      if (!mapped) {
        traces_.unread.push_back({path, mapped.error().message});
        return;
      }
      const std::string_view content = as_text(mapped->bytes());
      for (const std::string& form : forms_) {
        places += count(content, form);
      }
      if (is_sealed(mapped->bytes())) {
        why = gallery(mapped->bytes(), places);
      } else if (std::ranges::any_of(kPacked, [&](std::string_view magic) { return content.starts_with(magic); }) ||
                 is_packed_zip(content)) {
        why = "compressed";
      }
      database = content.starts_with(kDatabaseMagic);
    }
    if (database && !fs::equivalent(path, searched_, error)) {
      why = store(path, places);
    }
    if (places > 0) {
      traces_.found.push_back({path, std::to_string(places) + " places"});
    }
    if (!why.empty()) {
      traces_.unread.push_back({path, why});
    } else {
      ++traces_.files;
    }
  }

  // Why it could not be read; empty: it was.
  std::string gallery(ByteView sealed, std::size_t& places) const {
    if (!key_) {
      return "encrypted: --key-file opens it";
    }
    const auto plain = key_->open(sealed, "gallery");
    if (!plain) {
      return plain.error().message;
    }
    for (const std::string& form : forms_) {
      places += count(as_text(*plain), form);
    }
    const auto opened = gallery::gallery_from_bytes(*plain);
    return opened ? "" : opened.error().message;
  }

  std::string store(const fs::path& path, std::size_t& places) const {
    const auto search =
        queue::search_store(path, key_, [this](std::string_view body) { return is_answer_about(body, name_); });
    if (!search) {
      return search.error().message;
    }
    if (search->found > 0) {
      places = std::max(places, static_cast<std::size_t>(search->found));
    }
    if (search->unread > 0) {
      return std::to_string(search->unread) + " messages cannot be read (damaged, or encrypted with another key)";
    }
    return search->whole ? "" : "damaged: not every message could be reached";
  }

  std::string name_;
  const std::optional<SealingKey>& key_;
  fs::path searched_;
  std::vector<std::string> forms_;
  Traces traces_;
};

// Every file below `folder`: byte by byte for the name as JSON (in quotes, so that a name that is part of another one
// is not found in that) and as pickle (with its length) have it; encrypted galleries and the stores of repairs and
// back-ups are opened with `key` besides. `searched`: a store whose messages were looked at already. Folders and files
// that cannot be read, links to folders and compressed files are in `unread`.
Traces find_traces(const std::filesystem::path& folder, const std::string& name, const std::optional<SealingKey>& key,
                   const std::filesystem::path& searched) {
  Search search(name, key, searched);
  search.folder(folder);
  return search.take();
}

struct EraseCommand {
  GalleryOption gallery;
  std::string name;
};

// True if the person was there.
Result<bool> erase_from_gallery(const EraseCommand& command) {
  std::error_code ignored;
  if (!fs::exists(command.gallery.path(), ignored)) {
    return false;
  }
  bool known = false;
  FACEPIPE_TRY(command.gallery.edit([&](gallery::KnownPeople& people) -> Status {
    const auto person = people.gallery().id_of(command.name);
    known = person.has_value();
    return known ? people.remove(*person) : Status();  // saved in any case: a companion may have held them
  }));
  return known;
}

// Answers that name the person. `unreadable`: messages that stay, because nobody can tell.
Result<std::int64_t> erase_from_queues(const EraseCommand& command, const std::optional<SealingKey>& key,
                                       std::int64_t& unreadable) {
  auto erased = queue::erase_messages(
      command.gallery.data / "queues.db", key,
      [&command](std::string_view body) { return is_answer_about(body, command.name); }, &unreadable);
  if (!erased && erased.error().code == ErrorCode::kNotFound) {
    return std::int64_t{0};
  }
  return erased;
}

// What could be seen, and what could not.
int conclude(const EraseCommand& command, const Traces& traces, std::int64_t unreadable) {
  const std::string folder = command.gallery.data.string();
  print_line("searched: " + std::to_string(traces.files) + " files of " + folder);
  for (const Trace& trace : traces.found) {
    print_line("found: " + trace.file.string() + ", " + trace.what);
  }
  if (unreadable > 0) {
    print_line("not read: " + (command.gallery.data / "queues.db").string() + ", " + std::to_string(unreadable) +
               " messages whose content cannot be read");
  }
  for (const Trace& trace : traces.unread) {
    print_line("not read: " + trace.file.string() + ", " + trace.what);
  }
  const bool all_read = traces.unread.empty() && unreadable == 0;
  if (traces.found.empty()) {
    print_line(all_read ? "the name is in none of them"
                        : "the name is in none of those that were read; whether it is in the others is not known");
  }
  return traces.found.empty() && all_read ? kExitSuccess : kExitFailure;
}

Result<int> erase(const EraseCommand& command) {
  FACEPIPE_ASSIGN(const std::optional<SealingKey> key, command.gallery.key.load());
  // The queues first: while a server runs they are refused, and nothing is half done.
  std::int64_t unreadable = 0;
  auto answers = erase_from_queues(command, key, unreadable);
  if (!answers) {
    return answers.error().code == ErrorCode::kUnavailable
               ? answers.error().with_context("stop facepipe serve first, so that its queues can be searched")
               : answers.error();
  }
  FACEPIPE_ASSIGN(const bool known, erase_from_gallery(command));
  // Whole galleries that writers who were killed left.
  const std::size_t left = remove_dead_temporaries(command.gallery.path()) +
                           remove_dead_temporaries(gallery::companion_file(command.gallery.path()));
  print_line(std::string("gallery: ") + (known ? "removed, with every embedding" : "no such person"));
  print_line("queues: " + std::to_string(*answers) + " answers erased");
  if (left > 0) {
    print_line("removed: " + std::to_string(left) + " files that interrupted writes left");
  }
  return conclude(command, find_traces(command.gallery.data, command.name, key, command.gallery.data / "queues.db"),
                  unreadable);
}

}  // namespace

void add_erase_command(CLI::App& app, const Environment& environment, int& status) {
  const auto options = std::make_shared<EraseCommand>();
  CLI::App* command = app.add_subcommand(
      "erase",
      "Erase a person from the gallery and from the queued answers of a stopped server, and search for traces");
  options->gallery.add_to(*command, environment);
  command->add_option("name", options->name, "The person's name")->required();
  command->callback([options, &status] {
    const Result<int> done = erase(*options);
    status = done ? *done : report(done.error());
  });
}

}  // namespace facepipe::app
