// The format of AWS's shared config and credentials files: an ini file with one level of nesting.
// Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files", "Format of the config file".
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "aws/credentials/environment.h"
#include "base/result.h"

namespace facepipe::aws {

using IniSection = Environment;                              // by lower-case key; value_of reads it
using Ini = std::map<std::string, IniSection, std::less<>>;  // by title, runs of blanks in it made one space

// Lines that start with "#" or ";" are comments, and so is what follows a blank and one of them. An indented line goes
// on with the value above, or, where that is empty, is a setting of its own: "sqs =" and "  endpoint_url = U" give the
// key "sqs.endpoint_url". Of repeated sections and keys the last counts. kInvalidData naming `what` and the number of a
// line that is none of this; no line is ever quoted, for it may hold a secret.
[[nodiscard]] Result<Ini> parse_ini(std::string_view text, std::string_view what);

}  // namespace facepipe::aws
