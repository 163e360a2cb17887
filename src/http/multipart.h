// Forms as browsers and curl -F send them (multipart/form-data: RFC 7578 and RFC 2046), read as views of the body:
// nothing is copied but names. No transport is known here: bytes and a Content-Type in, parts out.
#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"

namespace facepipe::http {

// More is no frame: a form that holds one has half a dozen parts with headers of a hundred bytes.
inline constexpr std::size_t kMaxFormParts = 64;
inline constexpr std::size_t kMaxPartHeaderBytes = 8192;
inline constexpr std::size_t kMaxBoundaryBytes = 70;  // RFC 2046

struct FormPart {
  std::string name;                     // empty if it has none
  std::optional<std::string> filename;  // set: an upload, not a field
  std::string transfer_encoding;        // lower-case; empty: the bytes as they are
  std::string_view content;             // of the body that was read
};

// "multipart/form-data" of "Multipart/Form-Data; boundary=x": lower-case, without parameters and blanks.
[[nodiscard]] std::string media_type(std::string_view content_type);

// Whether a body begins as a form does, whatever its type says: a boundary line and a header of a part.
[[nodiscard]] bool looks_like_form(std::string_view body);

// Every part in order; what stands before the first boundary and behind the last is nobody's. The boundary is that of
// `content_type`; where it names none, the body's first line. Line breaks may be CR LF or LF alone. kInvalidData says
// what is wrong with the form (no boundary, not ended, a bad header); kTooLarge past the limits above, before anything
// is kept; kUnsupported for a form within a form. Nothing of the body is quoted. Views live as long as `body`.
[[nodiscard]] Result<std::vector<FormPart>> read_form(std::string_view content_type, std::string_view body);

}  // namespace facepipe::http
