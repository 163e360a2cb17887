// AWS's shared config and credentials files: named profiles.
// Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files".
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "aws/credentials/environment.h"
#include "aws/credentials/ini.h"
#include "base/result.h"

namespace facepipe::aws {

struct Profiles {
  std::map<std::string, IniSection, std::less<>> by_name;   // both files' settings, the credentials file's before
  std::map<std::string, IniSection, std::less<>> services;  // the config file's [services NAME] sections
  std::string selected = "default";                         // AWS_PROFILE
  std::string files;                                        // the files that were looked at, for messages

  // Null: there is no such profile.
  [[nodiscard]] const IniSection* find(std::string_view name) const;
  // A setting of the selected profile, empty if absent. The view lives as long as this object.
  [[nodiscard]] std::string_view setting(std::string_view key) const;
};

// Reads AWS_CONFIG_FILE, else HOME/.aws/config, and AWS_SHARED_CREDENTIALS_FILE, else HOME/.aws/credentials; "~/" at
// the start of a path is HOME. A default file that is not there is empty. kInvalidArgument for a file that is named but
// not there, and for an AWS_PROFILE that neither file has; kInvalidData for a file of another format, kPermission for
// one that may not be read. At most 1 MiB a file.
[[nodiscard]] Result<Profiles> read_profiles(const Environment& environment);

}  // namespace facepipe::aws
