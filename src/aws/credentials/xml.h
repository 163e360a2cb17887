// As much of XML as the answers of AWS's query protocol use.
#pragma once

#include <functional>
#include <map>

#include "base/result.h"

namespace facepipe::aws {

using XmlLeaves = std::map<std::string, std::string, std::less<>>;

// The text of every element that holds no element, by its path ("AssumeRoleResponse/AssumeRoleResult/..."); of equal
// paths the first. Attributes are skipped, entities are XML's five and numeric ones. kInvalidData naming `what`, never
// its content: for what is not well-formed, for comments, CDATA, document types and processing instructions, for text
// beside elements, and past 64 KiB, a depth of 16 or 256 leaves: no answer of the services needs any of them.
[[nodiscard]] Result<XmlLeaves> parse_xml(std::string_view xml, std::string_view what);

}  // namespace facepipe::aws
