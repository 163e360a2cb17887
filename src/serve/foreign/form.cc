// Tested by form_test.cc.
#include "serve/foreign/form.h"

#include "base/base64.h"
#include "base/json_reader.h"
#include "base/text.h"
#include "http/multipart.h"

namespace facepipe::serve {
namespace {

constexpr std::size_t kMaxStructure = 100'000;

bool is_picture_name(std::string_view name) {
  return name.starts_with("image") || name == "file" || name.ends_with("_image");
}

char first_of(std::string_view body) {
  const std::size_t at = body.find_first_not_of(" \t\r\n");
  return at == std::string_view::npos ? '\0' : body[at];
}

// "data:image/png;base64,AAAA" as well as AAAA.
std::string_view without_scheme(std::string_view text) {
  constexpr std::string_view kMark = ";base64,";
  const std::size_t mark = text.starts_with("data:") ? text.find(kMark) : std::string_view::npos;
  return mark == std::string_view::npos ? text : text.substr(mark + kMark.size());
}

}  // namespace

Result<ForeignForm> ForeignForm::read(http::Request request) {
  ForeignForm form;
  const std::string content_type(http::header(request.headers, "content-type"));
  form.body_ = std::make_unique<std::string>(std::move(request.body));
  const std::string_view text = *form.body_;
  if (http::looks_like_form(text) || http::media_type(content_type).starts_with("multipart/")) {
    FACEPIPE_ASSIGN(const auto parts, http::read_form(content_type, text));
    for (const http::FormPart& part : parts) {
      if (part.filename || is_picture_name(part.name)) {
        form.pictures_.push_back({part.name, part.filename.value_or(""), as_bytes(part.content)});
      } else {
        form.fields_.emplace(part.name, part.content);
      }
    }
    return form;
  }
  if (first_of(text) == '{') {
    FACEPIPE_ASSIGN(const JsonDocument json,
                    JsonDocument::parse_object(text, {.context = "the body", .max_structure = kMaxStructure}));
    FACEPIPE_TRY(json.root().each_field([&](std::string_view name, const JsonValue& value) -> Status {
      const auto content = value.as_string();
      if (content && is_picture_name(name)) {
        FACEPIPE_ASSIGN(Bytes decoded, base64_decode(without_scheme(*content)));
        form.decoded_.push_back(std::make_unique<Bytes>(std::move(decoded)));
        form.pictures_.push_back({std::string(name), "", *form.decoded_.back()});
      } else {
        form.fields_.emplace(name, content ? std::string(*content) : value.to_json());
      }
      return {};
    }));
    return form;
  }
  if (http::has_too_many_pairs(text)) {
    return Error{ErrorCode::kInvalidData, "a form of too many fields"};
  }
  if (!text.empty() && !http::media_type(content_type).starts_with("application/x-www-form-urlencoded")) {
    return Error{ErrorCode::kInvalidData, "expected a form (multipart or url-encoded) or JSON"};
  }
  for (auto& [name, value] : http::form_pairs(text)) {
    form.fields_.emplace(name, std::move(value));
  }
  return form;
}

std::string_view ForeignForm::field(std::string_view name) const {
  const auto found = fields_.find(name);
  return found == fields_.end() ? std::string_view() : std::string_view(found->second);
}

std::optional<double> ForeignForm::number(std::string_view name) const {
  return parse_number<double>(field(name));
}

const FormPicture* ForeignForm::picture(std::string_view name) const {
  for (const FormPicture& picture : pictures_) {
    if (picture.name == name) {
      return &picture;
    }
  }
  return pictures_.size() == 1 ? &pictures_.front() : nullptr;
}

}  // namespace facepipe::serve
