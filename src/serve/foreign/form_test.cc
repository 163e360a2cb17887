#include "serve/foreign/form.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace facepipe::serve {
namespace {

http::Request request_of(std::string type, std::string body) {
  return {.method = "POST",
          .target = "/",
          .headers = {{"content-type", std::move(type)}},
          .body = std::move(body),
          .peer = {}};
}

constexpr std::string_view kForm =
    "--xyz\r\nContent-Disposition: form-data; name=\"min_confidence\"\r\n\r\n0.45\r\n"
    "--xyz\r\nContent-Disposition: form-data; name=\"image\"; filename=\"image\"\r\n\r\nPIXELS\r\n--xyz--\r\n";

TEST(ForeignForm, MultipartWithAndWithoutABoundaryInItsHeader) {
  for (const char* type : {"multipart/form-data; boundary=xyz", "multipart/form-data", "", "text/plain"}) {
    auto read = ForeignForm::read(request_of(type, std::string(kForm)));
    ASSERT_TRUE(read) << type << ": " << read.error().message;
    const ForeignForm form = *std::move(read);
    EXPECT_EQ(form.number("min_confidence"), 0.45);
    ASSERT_NE(form.picture("image"), nullptr);
    EXPECT_EQ(as_text(form.picture("image")->encoded), "PIXELS");
    EXPECT_EQ(form.picture("anything"), form.picture("image"));  // the only one
  }
}

TEST(ForeignForm, UrlEncodedAndEmpty) {
  const auto form = ForeignForm::read(request_of("application/x-www-form-urlencoded", "api_key=a%20b&userid=Ann"));
  ASSERT_TRUE(form);
  EXPECT_EQ(form->field("api_key"), "a b");
  EXPECT_EQ(form->field("userid"), "Ann");
  EXPECT_EQ(form->field("other"), "");
  EXPECT_FALSE(form->number("userid"));
  EXPECT_TRUE(ForeignForm::read(request_of("", "")));
}

TEST(ForeignForm, JsonWithAPictureInBase64) {
  for (const char* body :
       {R"({"file":"UElYRUxT","limit":3})", R"({"file":"data:image/png;base64,UElYRUxT","limit":3})"}) {
    const auto form = ForeignForm::read(request_of("application/json", body));
    ASSERT_TRUE(form) << form.error().message;
    ASSERT_NE(form->picture("file"), nullptr);
    EXPECT_EQ(as_text(form->picture("file")->encoded), "PIXELS");
    EXPECT_EQ(form->number("limit"), 3);
  }
}

TEST(ForeignForm, WhatIsNoneOfTheseIsRefused) {
  EXPECT_EQ(ForeignForm::read(request_of("text/plain", "hello")).error().code, ErrorCode::kInvalidData);
  EXPECT_FALSE(ForeignForm::read(request_of("application/json", "{")));
  EXPECT_FALSE(ForeignForm::read(request_of("application/json", R"({"file":"***"})")));
  EXPECT_FALSE(ForeignForm::read(
      request_of("multipart/form-data", "--xyz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb")));
}

}  // namespace
}  // namespace facepipe::serve
