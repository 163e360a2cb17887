// A request of an API that this project did not make: pictures and fields, in whichever of the forms its clients send.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "http/message.h"

namespace facepipe::serve {

struct FormPicture {
  std::string name;      // of the part or the field
  std::string filename;  // empty if it has none
  ByteView encoded;      // of the form's body
};

// Movable; the pictures stay where they are.
class ForeignForm {
 public:
  // Multipart, with or without a boundary in its header; url-encoded; JSON, whose texts are fields. The body is what it
  // begins as, whatever its type says. A part is a picture if it has a filename, or is named image..., file or
  // ..._image. kInvalidData for what is none of these, and for a form that is not whole. Nothing of it is quoted.
  [[nodiscard]] static Result<ForeignForm> read(http::Request request);

  // Of the first field of that name; empty without one.
  [[nodiscard]] std::string_view field(std::string_view name) const;
  // A number within [low, high] of a field, or nothing: absent, or no number.
  [[nodiscard]] std::optional<double> number(std::string_view name) const;
  [[nodiscard]] const std::vector<FormPicture>& pictures() const { return pictures_; }
  // The picture of that name, else the only one there is; null without one. Of JSON the field, in base64.
  [[nodiscard]] const FormPicture* picture(std::string_view name) const;

 private:
  std::unique_ptr<std::string> body_;            // stays where it is when the form moves
  std::vector<std::unique_ptr<Bytes>> decoded_;  // of base64
  std::multimap<std::string, std::string, std::less<>> fields_;
  std::vector<FormPicture> pictures_;
};

}  // namespace facepipe::serve
