#include "http/multipart.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <string>

namespace facepipe::http {
namespace {

constexpr std::string_view kType = "multipart/form-data; boundary=X";

// What curl -F sends: two fields and an upload.
std::string curl_form() {
  return "--X\r\nContent-Disposition: form-data; name=\"request_id\"\r\n\r\nr1\r\n"
         "--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a \\\"b\\\".jpg\"\r\n"
         "Content-Type: image/jpeg\r\n\r\n\xFF\xD8\r\n--Y\r\n\xFF\xD9\r\n"
         "--X--\r\n";
}

std::string error_of(std::string_view type, std::string_view body) {
  const auto parts = read_form(type, body);
  return parts ? "no error" : parts.error().message;
}

TEST(MediaType, IsLowerCaseWithoutParameters) {
  EXPECT_EQ(media_type("Multipart/Form-Data; boundary=x"), "multipart/form-data");
  EXPECT_EQ(media_type(" image/PNG "), "image/png");
  EXPECT_EQ(media_type(""), "");
}

TEST(Form, ReadsWhatCurlSends) {
  const std::string body = curl_form();
  const auto parts = read_form(kType, body);
  ASSERT_TRUE(parts) << parts.error().message;
  ASSERT_EQ(parts->size(), 2U);
  EXPECT_EQ((*parts)[0].name, "request_id");
  EXPECT_FALSE((*parts)[0].filename);
  EXPECT_EQ((*parts)[0].content, "r1");
  EXPECT_EQ((*parts)[1].name, "file");
  EXPECT_EQ((*parts)[1].filename, "a \"b\".jpg");
  EXPECT_EQ((*parts)[1].content, "\xFF\xD8\r\n--Y\r\n\xFF\xD9");
  EXPECT_GE((*parts)[1].content.data(), body.data()) << "a view, not a copy";
  EXPECT_LT((*parts)[1].content.data(), body.data() + body.size());
}

TEST(Form, TheBoundaryIsTheBodysWhereTheTypeHasNone) {
  for (const char* type :
       {"multipart/form-data", "", "multipart/form-data; boundary=", "multipart/form-data; charset=x"}) {
    const auto parts = read_form(type, curl_form());
    ASSERT_TRUE(parts) << type << ": " << parts.error().message;
    EXPECT_EQ(parts->size(), 2U);
  }
}

TEST(Form, TakesWhatClientsWrite) {
  const std::pair<const char*, const char*> forms[] = {
      {"multipart/form-data; charset=utf-8; BOUNDARY=\"a b\"",
       "--a b\r\ncontent-disposition:form-data;name=n\r\n\r\nv\r\n--a b--"},
      {"multipart/form-data; boundary=X", "--X\nContent-Disposition: form-data; name=\"n\"\n\nv\n--X--\n"},
      {"multipart/form-data; boundary=X",
       "preamble\r\n--X \t\r\nContent-Disposition: form-data;\r\n name=\"n\"\r\n\r\nv\r\n--X--epilogue"},
      {"multipart/form-data; boundary=X",
       "\r\n--X\r\nA: b\r\nContent-Disposition: form-data; x=\";name=no\"; name=\"n\"\r\n\r\nv\r\n--X--"},
  };
  for (const auto& [type, body] : forms) {
    const auto parts = read_form(type, body);
    ASSERT_TRUE(parts) << body << ": " << parts.error().message;
    ASSERT_EQ(parts->size(), 1U) << body;
    EXPECT_EQ((*parts)[0].name, "n") << body;
    EXPECT_EQ((*parts)[0].content, "v") << body;
  }
  const auto old_urllib3 =
      read_form("",
                "--X\r\nContent-Disposition: form-data; name=\"f\"; filename*=utf-8''T%C3%BCr.jpg\r\n"
                "Content-Transfer-Encoding: BASE64\r\n\r\n\r\n--X--");
  ASSERT_TRUE(old_urllib3) << old_urllib3.error().message;
  EXPECT_EQ((*old_urllib3)[0].filename, "utf-8''T%C3%BCr.jpg");
  EXPECT_EQ((*old_urllib3)[0].transfer_encoding, "base64");
  EXPECT_EQ((*old_urllib3)[0].content, "");
  const auto no_headers = read_form("", "--X\r\n\r\n--X--");
  ASSERT_TRUE(no_headers) << no_headers.error().message;
  EXPECT_EQ((*no_headers)[0].content, "");
  EXPECT_EQ(read_form(kType, "--X--")->size(), 0U);
}

TEST(Form, SaysWhatIsWrong) {
  EXPECT_EQ(error_of("multipart/form-data", "hello"),
            "form: the Content-Type names no boundary, and the body does not begin with one");
  EXPECT_EQ(error_of("multipart/form-data; boundary=" + std::string(71, 'a'), curl_form()),
            "form: the boundary of the Content-Type has 71 bytes; expected 1 to 70 printable ones");
  EXPECT_EQ(error_of("multipart/form-data; boundary=Z", curl_form()), "form: its boundary is not in the body");
  EXPECT_EQ(error_of(kType, "--X\r\nContent-Disposition: form-data; name=\"secret\"\r\n"),
            "form: a part ends within its headers");
  EXPECT_EQ(error_of(kType, "--X\r\nA: b\r\n\r\nvalue"),
            "form: the last part has no boundary behind it (a body cut short?)");
  EXPECT_EQ(error_of(kType, "--X\r\nno header\r\n\r\nvalue\r\n--X--"),
            "form: expected \"Name: value\" or a blank line before a part's content");
  EXPECT_EQ(error_of(kType, "--X\r\nContent-Type: multipart/mixed; boundary=Y\r\n\r\n--Y--\r\n--X--"),
            "form: a form within a form is not taken");
}

TEST(Form, LimitsAreExact) {
  std::string parts;
  for (std::size_t i = 0; i < kMaxFormParts; ++i) {
    parts += "--X\r\n\r\nv\r\n";
  }
  EXPECT_EQ(read_form(kType, parts + "--X--")->size(), kMaxFormParts);
  EXPECT_EQ(error_of(kType, parts + "--X\r\n\r\nv\r\n--X--"), "form: more than 64 parts");
  const auto with_header_of = [](std::size_t bytes) {
    return "--X\r\nA: " + std::string(bytes - 7, 'b') + "\r\n\r\nv\r\n--X--";  // "A: ", two line ends
  };
  EXPECT_TRUE(read_form(kType, with_header_of(kMaxPartHeaderBytes)));
  EXPECT_EQ(error_of(kType, with_header_of(kMaxPartHeaderBytes + 1)),
            "form: the headers of a part have more than 8192 bytes");
}

TEST(Form, LooksLikeOneOnlyIfItBeginsAsOne) {
  EXPECT_TRUE(looks_like_form(curl_form()));
  EXPECT_TRUE(looks_like_form("\r\n--a b\ncontent-TYPE: x"));
  for (const char* other : {"", "--", "--X", "--X\r\n", "--X\r\nhello", "X\r\nContent-Type: x", "{\"a\":1}"}) {
    EXPECT_FALSE(looks_like_form(other)) << other;
  }
}

TEST(Form, EveryTruncationAndDamagedByteIsSurvived) {
  const std::string body = curl_form();
  for (std::size_t length = 0; length + 4 < body.size(); ++length) {  // up to the closing dashes
    EXPECT_FALSE(read_form(kType, body.substr(0, length))) << length;
  }
  std::mt19937 random(13);  // NOLINT: a fixed seed, so that a failure repeats
  for (int round = 0; round < 5000; ++round) {
    std::string damaged = body;
    damaged[random() % damaged.size()] = static_cast<char>(random() & 0xFFU);
    const auto parts = read_form(round % 2 == 0 ? kType : "", damaged);
    EXPECT_TRUE(parts || !parts.error().message.empty());
  }
}

// Bodies that are made of what a boundary begins with cost as much as any other.
TEST(Form, TimeIsLinearInTheBody) {
  const std::string dashes = "a" + std::string(std::size_t{16} << 20U, '-');
  const std::string lines(std::size_t{16} << 20U, '\n');
  std::string almost;
  while (almost.size() < std::size_t{16} << 20U) {
    almost += "\n--" + std::string(69, '-') + "x";
  }
  const std::string type = "multipart/form-data; boundary=" + std::string(70, '-');
  const auto began = std::chrono::steady_clock::now();
  const std::string* const bodies[] = {&dashes, &lines, &almost};
  for (const std::string* body : bodies) {
    EXPECT_FALSE(read_form(type, *body));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(10))
      << "48 MiB: a tenth of a second is usual";
}

}  // namespace
}  // namespace facepipe::http
