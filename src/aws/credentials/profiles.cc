// Tested by profiles_test.cc.
#include "aws/credentials/profiles.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/file.h"
#include "base/text.h"

namespace facepipe::aws {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

// "a  #b" -> "a": a comment needs a blank before it, so that values may hold both characters.
std::string_view without_comment(std::string_view value) {
  for (std::size_t i = 1; i < value.size(); ++i) {
    if ((value[i] == '#' || value[i] == ';') && is_blank(value[i - 1])) {
      return trimmed(value.substr(0, i));
    }
  }
  return value;
}

std::string one_space(std::string_view title) {
  std::string out;
  for (const char c : trimmed(title)) {
    if (!is_blank(c)) {
      out.push_back(c);
    } else if (out.back() != ' ') {
      out.push_back(' ');
    }
  }
  return out;
}

class Reader {
 public:
  explicit Reader(std::string_view what) : what_(what) {}

  Status line(std::string_view text) {
    ++number_;
    const bool indented = !text.empty() && is_blank(text.front());
    text = trimmed(text);
    if (text.empty() || text.front() == '#' || text.front() == ';') {
      return {};
    }
    if (text.front() == '[' && !indented) {
      return begin_section(text);
    }
    if (section_ == nullptr) {
      return bad("a section ([...]) before any setting");
    }
    return indented && !key_.empty() ? go_on(text) : setting(text, "");
  }

  [[nodiscard]] Ini take() && { return std::move(ini_); }

 private:
  [[nodiscard]] Error bad(std::string_view expected) const {
    return Error{ErrorCode::kInvalidData,
                 std::string(what_) + ": line " + std::to_string(number_) + ": expected " + std::string(expected)};
  }

  Status begin_section(std::string_view text) {
    const std::size_t end = text.find(']');
    const std::string title = end == std::string_view::npos ? std::string() : one_space(text.substr(1, end - 1));
    if (title.empty()) {
      return bad("a section's title between [ and ]");
    }
    section_ = &ini_[title];
    key_.clear();
    return {};
  }

  // `parent` is empty or ends in a dot.
  Status setting(std::string_view text, const std::string& parent) {
    const std::size_t equals = text.find('=');
    const std::string key = lower(trimmed(text.substr(0, equals)));
    if (equals == std::string_view::npos || key.empty()) {
      return bad("NAME = VALUE");
    }
    (*section_)[parent + key] = without_comment(trimmed(text.substr(equals + 1)));
    if (parent.empty()) {
      key_ = key;
    }
    return {};
  }

  Status go_on(std::string_view text) {
    std::string& value = (*section_)[key_];
    if (value.empty()) {
      return setting(text, key_ + ".");
    }
    value.append("\n").append(text);
    return {};
  }

  std::string_view what_;
  int number_ = 0;
  Ini ini_;
  IniSection* section_ = nullptr;  // null before the first
  std::string key_;                // the setting that an indented line belongs to
};

constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20U;
constexpr std::string_view kNoFile = "/dev/null";  // how AWS's own documents switch a file off

struct File {
  std::string path;  // empty: none
  Ini sections;
};

Result<File> read_shared_file(const Environment& environment, std::string_view variable,
                              std::string_view default_name) {
  File file;
  file.path = value_of(environment, variable);
  const bool named = !file.path.empty();
  const std::string_view home = value_of(environment, "HOME");
  if (!named && !home.empty()) {
    file.path = std::string(home).append("/.aws/").append(default_name);
  } else if (file.path.starts_with("~/") && !home.empty()) {
    file.path.replace(0, 1, home);
  }
  if (file.path.empty() || file.path == kNoFile) {
    return file;
  }
  // Also where HOME is another user's, who lets nobody in: the default file is then no file of ours.
  std::error_code ignored;
  if (!named && !std::filesystem::exists(file.path, ignored)) {
    return file;
  }
  auto content = read_file(file.path, kMaxFileBytes);
  if (!content) {
    Error error = std::move(content).error();
    error.code = error.code == ErrorCode::kNotFound ? ErrorCode::kInvalidArgument : error.code;
    return named ? error.with_context(variable) : error;
  }
  FACEPIPE_ASSIGN(file.sections, parse_ini(as_text(*content), file.path));
  return file;
}

// "profile x" with prefix "profile" -> "x"; nothing for a title without the prefix. Names may stand in double quotes.
std::string_view name_after(std::string_view title, std::string_view prefix) {
  if (!title.starts_with(prefix) || title.size() <= prefix.size() || title[prefix.size()] != ' ') {
    return {};
  }
  std::string_view name = title.substr(prefix.size() + 1);
  if (name.size() > 2 && name.front() == '"' && name.back() == '"') {
    name = name.substr(1, name.size() - 2);
  }
  return name;
}

// The second variable is older than the first, and the aws CLI's and some SDKs' still.
Status select_profile(const Environment& environment, Profiles& profiles) {
  for (const char* const variable : {"AWS_PROFILE", "AWS_DEFAULT_PROFILE"}) {
    const std::string_view name = value_of(environment, variable);
    if (name.empty()) {
      continue;
    }
    profiles.selected = name;
    if (profiles.find(name) == nullptr) {
      return Error{ErrorCode::kInvalidArgument, std::string(variable) + ": there is no profile '" + first_line(name) +
                                                    "' in " + (profiles.files.empty() ? "any file" : profiles.files)};
    }
    break;
  }
  return {};
}

void add_settings(IniSection& into, IniSection&& more) {
  for (auto& [key, value] : more) {
    into[key] = std::move(value);
  }
}

}  // namespace

Result<Ini> parse_ini(std::string_view text, std::string_view what) {
  if (text.starts_with(kByteOrderMark)) {
    text.remove_prefix(kByteOrderMark.size());
  }
  Reader reader(what);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    FACEPIPE_TRY(reader.line(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return std::move(reader).take();
}

const IniSection* Profiles::find(std::string_view name) const {
  const auto found = by_name.find(name);
  return found == by_name.end() ? nullptr : &found->second;
}

std::string_view Profiles::setting(std::string_view key) const {
  const IniSection* const profile = find(selected);
  return profile == nullptr ? std::string_view() : value_of(*profile, key);
}

Result<Profiles> read_profiles(const Environment& environment) {
  FACEPIPE_ASSIGN(File config, read_shared_file(environment, "AWS_CONFIG_FILE", "config"));
  FACEPIPE_ASSIGN(File credentials, read_shared_file(environment, "AWS_SHARED_CREDENTIALS_FILE", "credentials"));
  Profiles profiles;
  profiles.files = credentials.path + (credentials.path.empty() || config.path.empty() ? "" : ", ") + config.path;
  // Of [default] and [profile default] the latter counts alone.
  if (config.sections.contains("profile default")) {
    config.sections.erase("default");
  }
  for (auto& [title, settings] : config.sections) {
    if (title == "default") {
      add_settings(profiles.by_name[title], std::move(settings));
    } else if (const std::string_view name = name_after(title, "profile"); !name.empty()) {
      add_settings(profiles.by_name[std::string(name)], std::move(settings));
    } else if (const std::string_view service = name_after(title, "services"); !service.empty()) {
      add_settings(profiles.services[std::string(service)], std::move(settings));
    }
  }
  for (auto& [title, settings] : credentials.sections) {
    IniSection& profile = profiles.by_name[title];
    if (settings.contains("aws_access_key_id")) {  // it takes no other key's token, and goes before a program
      profile.erase("aws_session_token");
      profile.erase("credential_process");
      settings.erase("credential_process");
    }
    add_settings(profile, std::move(settings));
  }
  FACEPIPE_TRY(select_profile(environment, profiles));
  return profiles;
}

}  // namespace facepipe::aws
