// AWS's shared config and credentials files: named profiles.
// Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files".
#pragma once

#include <functional>
#include <map>

#include "base/process.h"
#include "base/result.h"

namespace facepipe::aws {

// --- The format of AWS's shared config and credentials files: an ini file with one level of nesting.
// Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files", "Format of the config file".
using IniSection = Environment;                              // by lower-case key; value_of reads it
using Ini = std::map<std::string, IniSection, std::less<>>;  // by title, runs of blanks in it made one space

// Lines that start with "#" or ";" are comments, and so is what follows a blank and one of them. An indented line goes
// on with the value above, or, where that is empty, is a setting of its own: "sqs =" and "  endpoint_url = U" give the
// key "sqs.endpoint_url". Of repeated sections and keys the last counts. kInvalidData naming `what` and the number of a
// line that is none of this; no line is ever quoted, for it may hold a secret.
[[nodiscard]] Result<Ini> parse_ini(std::string_view text, std::string_view what);

struct Profiles {
  std::map<std::string, IniSection, std::less<>> by_name;   // both files' settings, the credentials file's before
  std::map<std::string, IniSection, std::less<>> services;  // the config file's [services NAME] sections
  std::string selected = "default";                         // AWS_PROFILE, else AWS_DEFAULT_PROFILE
  std::string files;                                        // the files that were looked at, for messages

  // Null: there is no such profile.
  [[nodiscard]] const IniSection* find(std::string_view name) const;
  // A setting of the selected profile, empty if absent. The view lives as long as this object.
  [[nodiscard]] std::string_view setting(std::string_view key) const;
};

// Reads AWS_CONFIG_FILE, else HOME/.aws/config, and AWS_SHARED_CREDENTIALS_FILE, else HOME/.aws/credentials; "~/" at
// the start of a path is HOME. A default file that is not there is empty. Beside an access key of the credentials file
// no credential_process counts, nor the config file's session token, which is another key's. kInvalidArgument for a
// file that is named but not there, and for a profile that is selected and in neither file; kInvalidData for a file of
// another format, kPermission for one that may not be read. At most 1 MiB a file.
[[nodiscard]] Result<Profiles> read_profiles(const Environment& environment);

}  // namespace facepipe::aws
