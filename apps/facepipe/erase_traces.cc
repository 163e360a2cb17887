// Tested by tests/e2e/test_queue.py.
#include "erase_traces.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "base/json_writer.h"
#include "faces/store/maintenance.h"
#include "gallery/gallery.h"
#include "queue/store/maintenance.h"
#include "wire/messages.h"

namespace facepipe::app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMappedGallery = "FPGALL\r\n\x03";
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

class Search {
 public:
  Search(std::string name, std::vector<std::string> embeddings, const std::optional<SealingKey>& key,
         std::vector<fs::path> searched)
      : name_(std::move(name)), key_(key), searched_(std::move(searched)), forms_(std::move(embeddings)) {
    std::ranges::move(pickled(name_), std::back_inserter(forms_));
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
    bool faces = false;
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
      } else if (content.starts_with(kMappedGallery)) {
        why = names(mapped->bytes(), places);
      } else if (std::ranges::any_of(kPacked, [&](std::string_view magic) { return content.starts_with(magic); }) ||
                 is_packed_zip(content)) {
        why = "compressed";
      }
      database = content.starts_with(kDatabaseMagic);
      faces = faces::is_face_store(mapped->bytes());
    }
    const auto is_searched = [&](const fs::path& other) { return fs::equivalent(path, other, error); };
    if (database && std::ranges::none_of(searched_, is_searched)) {
      why = faces ? face_store(path, places) : store(path, places);
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

  // Names are not in quotes in a gallery whose bulk is mapped. Why it could not be read; empty: it was.
  std::string names(ByteView bytes, std::size_t& places) const {
    const auto opened = gallery::gallery_from_bytes(bytes, nullptr);
    places += opened && places == 0 && gallery::mentions(*opened, name_) ? 1U : 0U;
    return opened ? "" : opened.error().message;
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

  std::string face_store(const fs::path& path, std::size_t& places) const {
    const auto mentions = faces::count_mentions(path, key_, name_);
    if (!mentions) {
      return mentions.error().message;
    }
    places = std::max(places, static_cast<std::size_t>(*mentions));
    return "";
  }

  std::string name_;
  const std::optional<SealingKey>& key_;
  std::vector<fs::path> searched_;
  std::vector<std::string> forms_;
  Traces traces_;
};

}  // namespace

bool is_answer_about(std::string_view body, const std::string& name) {
  const auto answer = wire::parse_answer(body);
  return answer && (answer->result == name || answer->second == name);
}

Traces find_traces(const std::filesystem::path& folder, const std::string& name,
                   const std::vector<std::string>& embeddings, const std::optional<SealingKey>& key,
                   std::vector<fs::path> searched) {
  Search search(name, embeddings, key, std::move(searched));
  search.folder(folder);
  return search.take();
}

}  // namespace facepipe::app
