#include "serve/api/body.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/base64.h"

namespace facepipe::serve {
namespace {

using ::testing::HasSubstr;

const std::string kJpeg = "\xFF\xD8\xFF\xE0 and more";

ApiRequest request(const std::string& type, const std::string& body) {
  ApiRequest made;
  made.request.method = "POST";
  if (!type.empty()) {
    made.request.headers = {{"content-type", type}};
  }
  made.request.body = body;
  return made;
}

std::string part(const std::string& name, const std::string& filename, const std::string& content) {
  return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"" +
         (filename.empty() ? "" : "; filename=\"" + filename + "\"") + "\r\n\r\n" + content + "\r\n";
}

ErrorCode code(const Operation& operation, ApiRequest made) {
  const Status read = read_body(operation, made);
  EXPECT_FALSE(read);
  return read ? ErrorCode::kInternal : read.error().code;
}

Operation one_picture() {
  Operation operation;
  operation.picture = PictureBody{};
  return operation;
}

Operation pictures_and_name() {
  Operation operation;
  operation.picture = PictureBody{.pictures = {"pictures"},
                                  .many = true,
                                  .raw = false,
                                  .json = false,
                                  .form = {{.name = "name", .required = true, .low = 1, .high = 9}}};
  return operation;
}

TEST(Body, APictureByItselfInAFormAndInJson) {
  const struct {
    const char* type;
    std::string body;
  } cases[] = {{"image/jpeg", kJpeg},
               {"", kJpeg},
               {"multipart/form-data; boundary=b", part("picture", "a.jpg", kJpeg) + "--b--\r\n"},
               {"multipart/form-data; boundary=b", part("file", "a.jpg", kJpeg) + "--b--\r\n"},
               {"application/json", R"({"picture":")" + base64_encode(as_bytes(kJpeg)) + "\"}"}};
  for (const auto& test : cases) {
    ApiRequest made = request(test.type, test.body);
    const Status read = read_body(one_picture(), made);
    ASSERT_TRUE(read) << test.type << ": " << read.error().message;
    ASSERT_EQ(made.pictures.size(), 1U) << test.type;
    EXPECT_EQ(as_text(made.pictures[0].bytes), kJpeg) << test.type;
    EXPECT_EQ(made.pictures[0].name, "picture");
  }
}

TEST(Body, ManyPicturesAndAField) {
  ApiRequest made =
      request("multipart/form-data; boundary=b", part("name", "", "Ann") + part("pictures", "a.jpg", "1") +
                                                     part("pictures[]", "b.jpg", "2") + "--b--\r\n");
  ASSERT_TRUE(read_body(pictures_and_name(), made));
  ASSERT_EQ(made.pictures.size(), 2U);
  EXPECT_EQ(made.pictures[1].label, "b.jpg");
  EXPECT_EQ(made.body.text("name"), "Ann");
  EXPECT_EQ(code(pictures_and_name(),
                 request("multipart/form-data; boundary=b", part("pictures", "a.jpg", "1") + "--b--\r\n")),
            ErrorCode::kInvalidData)
      << "no name";
  EXPECT_EQ(
      code(pictures_and_name(), request("multipart/form-data; boundary=b", part("name", "", "Ann") + "--b--\r\n")),
      ErrorCode::kInvalidData)
      << "no picture";
}

TEST(Body, WhatCannotBeTaken) {
  EXPECT_EQ(code(one_picture(), request("text/plain", "hello")), ErrorCode::kUnsupported);
  EXPECT_EQ(code(one_picture(), request("", "hello")), ErrorCode::kUnsupported);
  EXPECT_EQ(code(one_picture(), request("application/json", "{}")), ErrorCode::kInvalidData);
  EXPECT_EQ(code(one_picture(), request("application/json", R"({"picture":"!"})")), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code(one_picture(), request("multipart/form-data; boundary=b", "no form")), ErrorCode::kInvalidData);
  EXPECT_EQ(code(one_picture(), request("multipart/form-data; boundary=b",
                                        part("picture", "a", "1") + part("picture", "b", "2") + "--b--\r\n")),
            ErrorCode::kInvalidData);
  EXPECT_EQ(code(pictures_and_name(), request("image/jpeg", kJpeg)), ErrorCode::kUnsupported);
}

TEST(Body, AJsonBodyNeedsItsTypeAndMayBeLeftOutWhereItSaysSo) {
  Operation operation;
  operation.json = {{{.name = "flag", .kind = Field::Kind::kBoolean}}};
  EXPECT_EQ(code(operation, request("", "{}")), ErrorCode::kUnsupported);
  EXPECT_EQ(code(operation, request("text/plain", "{}")), ErrorCode::kUnsupported);
  ApiRequest made = request("application/json; charset=utf-8", R"({"flag":true})");
  ASSERT_TRUE(read_body(operation, made));
  EXPECT_EQ(made.body.boolean("flag"), true);
  operation.json_optional = true;
  ApiRequest empty = request("", "");
  EXPECT_TRUE(read_body(operation, empty));
  Operation none;
  EXPECT_EQ(code(none, request("application/json", "{}")), ErrorCode::kInvalidData);
}

}  // namespace
}  // namespace facepipe::serve
