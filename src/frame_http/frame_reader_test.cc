#include "frame_http/frame_reader.h"

#include <gtest/gtest.h>

#include <string>

#include "base/base64.h"
#include "image/encode.h"
#include "wire/messages.h"

namespace facepipe::frame_http {
namespace {

constexpr std::string_view kMissing =
    "Missing one or more required fields: request_id, filename, content: "
    "beside a picture, request_id and filename come in the query string or as fields of the form";

std::string picture() {
  const image::RgbImage black(8, 8);
  return std::string(as_text(image::encode_png(black.view()).value()));
}

FrameRequest request(std::string body, std::string type, std::string id = "r1", std::string filename = "a.png") {
  FrameRequest frame;
  frame.body = std::move(body);
  frame.content_type = std::move(type);
  frame.request_id = std::move(id);
  frame.filename = std::move(filename);
  return frame;
}

// "OK", or the error's code and message.
std::string outcome(const FrameRequest& frame) {
  const auto head = read_frame(frame, {});
  return head ? "OK" : std::string(to_string(head.error().code)) + ": " + head.error().message;
}

std::string part(std::string_view disposition, std::string_view content, std::string_view more = "") {
  return "--X\r\nContent-Disposition: form-data; " + std::string(disposition) + "\r\n" + std::string(more) + "\r\n" +
         std::string(content) + "\r\n";
}

std::string form(const std::string& parts) {
  return parts + "--X--\r\n";
}

constexpr const char* kForm = "multipart/form-data; boundary=X";

TEST(ReadFrame, APictureIsOneWhateverItsType) {
  const std::string webp = std::string("RIFF\x10\0\0\0WEBPVP8 ", 16) + "rest";
  for (const std::string& body : {picture(), std::string("\xFF\xD8\xFF\xE0 not whole"), webp}) {
    for (const char* type :
         {"", "image/png", "Image/JPEG", "application/octet-stream", "application/x-www-form-urlencoded",
          "multipart/form-data", "application/json", "text/plain", "nonsense"}) {
      const FrameRequest frame = request(body, type);
      const auto head = read_frame(frame, {});
      ASSERT_TRUE(head) << type << ": " << head.error().message;
      EXPECT_EQ(as_text(head->picture), body);
      EXPECT_EQ(head->info.request_id, "r1");
    }
    EXPECT_EQ(outcome(request(body, "", "")), "invalid-data: " + std::string(kMissing));
    EXPECT_EQ(outcome(request(body, "image/png", "r1", "")), "invalid-data: " + std::string(kMissing));
  }
}

TEST(ReadFrame, JsonIsReadWhateverItsType) {
  const std::string json = wire::to_json(wire::Frame{"j1", "f", to_bytes(as_bytes(picture()))});
  for (const std::string& body : {json, "\xEF\xBB\xBF" + json, " \r\n" + json}) {
    for (const char* type :
         {"", "application/json", "application/json; charset=utf-8", "text/plain", "application/ld+json",
          "application/octet-stream", "application/x-www-form-urlencoded", "multipart/form-data"}) {
      const FrameRequest frame = request(body, type, "", "");
      const auto head = read_frame(frame, {});
      ASSERT_TRUE(head) << type << ": " << head.error().message;
      EXPECT_EQ(head->info.request_id, "j1");
      EXPECT_EQ(as_text(head->picture), picture());
    }
  }
}

// What an unchanged client of the original sees.
TEST(ReadFrame, RefusalsOfJsonAreTheOriginals) {
  for (const char* type : {"application/json", "Application/JSON;charset=utf-8", ""}) {
    EXPECT_EQ(outcome(request("", type)), "invalid-data: Missing request body") << type;
    EXPECT_EQ(outcome(request("not json", type)), "invalid-data: Request body must be valid JSON") << type;
    EXPECT_EQ(outcome(request("{\"request_id\"", type)), "invalid-data: Request body must be valid JSON") << type;
    EXPECT_EQ(outcome(request("{}", type)),
              "invalid-data: Missing one or more required fields: request_id, filename, content")
        << type;
    EXPECT_EQ(outcome(request("7", type)), "invalid-data: the request body: expected a JSON object") << type;
  }
  EXPECT_EQ(outcome(request("GIF89a\x01\0", "application/json")), "invalid-data: Request body must be valid JSON");
}

TEST(ReadFrame, TheRestIsNamedWithWhatIsTaken) {
  constexpr std::string_view kTaken =
      "unsupported: expected a JPEG, PNG or WebP picture, a form (multipart/form-data) that holds one, or JSON "
      "(application/json), got ";
  const std::pair<std::string, std::string> bodies[] = {
      {std::string("GIF89a\x01\x00\xFF", 9), "a GIF"},
      {std::string("PK\x03\x04", 4), "a ZIP archive"},
      {std::string("\x1F\x8B\x08", 3), "gzip data"},
      {std::string("\x01\x02\x03", 3), "3 bytes of an unknown format"},
  };
  for (const auto& [body, name] : bodies) {
    for (const char* type : {"", "application/octet-stream", "application/x-www-form-urlencoded", "video/mp4"}) {
      EXPECT_EQ(outcome(request(body, type)), std::string(kTaken) + name) << type;
    }
  }
  EXPECT_EQ(outcome(request("\x1F\x8B\x08", "application/json")), std::string(kTaken) + "gzip data");
  EXPECT_EQ(outcome(request("a=b", "application/x-www-form-urlencoded")),
            std::string(kTaken) + "3 bytes of an unknown format");
  EXPECT_EQ(outcome(request("hello", "text/plain")), std::string(kTaken) + "5 bytes of an unknown format");
}

TEST(ReadFrame, FormsInTheirSpellings) {
  const std::string id = part("name=\"request_id\"", "f1");
  const std::string with_filename = part("name=\"filename\"", "x");
  const std::string base64 = base64_encode(as_bytes(picture()));
  const std::string forms[] = {
      form(id + part("name=\"file\"; filename=\"a.png\"", picture())),
      form(part("name=\"file\"; filename=\"a.png\"", picture(), "Content-Type: application/octet-stream\r\n") + id),
      form(id + part("name=\"anything\"; filename=\"a.png\"", picture())),
      form(id + with_filename + part("name=\"IMAGE[]\"", picture())),
      form(id + with_filename + part("name=\"content\"", base64)),
      form(id + with_filename + part("name=\"content\"", "DATA:image/PNG;Base64," + base64)),
      form(id + part("name=\"content\"; filename=\"a\"", base64, "Content-Transfer-Encoding: base64\r\n")),
      form(id + part("name=\"content\"", "a caption") + part("name=\"file\"; filename=\"a.png\"", picture())),
      form(id + part("name=\"mask\"; filename=\"m\"", picture()) + part("name=\"frame\"; filename=\"a\"", picture())),
  };
  for (const std::string& body : forms) {
    for (const char* type :
         {kForm, "multipart/form-data", "multipart/mixed; boundary=X", "", "application/octet-stream"}) {
      const FrameRequest frame = request(body, type, "", "");
      const auto head = read_frame(frame, {});
      ASSERT_TRUE(head) << body.substr(0, 200) << ": " << head.error().message;
      EXPECT_EQ(head->info.request_id, "f1");
      EXPECT_EQ(as_text(head->picture), picture());
    }
  }
}

TEST(ReadFrame, FieldsOfAFormGoBeforeTheQuerys) {
  const std::string file = part("name=\"file\"; filename=\"a.png\"", picture());
  FrameRequest frame = request(form(file), kForm, "query-id", "");
  frame.camera = "query camera";
  auto head = read_frame(frame, {});
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(head->info.request_id, "query-id");
  EXPECT_EQ(head->info.camera, "query%20camera");
  frame.body = form(file + part("name=\"request_id\"", "own") + part("name=\"camera\"", "T\xC3\xBCr"));
  head = read_frame(frame, {});
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(head->info.request_id, "own");
  EXPECT_EQ(head->info.camera, "T%C3%BCr");
}

TEST(ReadFrame, FormsThatAreNoFrame) {
  const std::string id = part("name=\"request_id\"", "f1");
  const std::string file = part("name=\"file\"; filename=\"a.png\"", picture());
  const std::pair<std::string, std::string> forms[] = {
      {form(file), std::string(kMissing)},
      {form(id), std::string(kMissing)},
      {form(id + part("name=\"file\"; filename=\"a.png\"", "")), std::string(kMissing)},
      {form(id + part("name=\"file\"", picture())), std::string(kMissing)},
      {form(""), std::string(kMissing)},
      {form(id + file + file), "form: expected one picture, found 2: a frame is one request"},
      {form(id + part("name=\"a\"; filename=\"a\"", picture()) + part("name=\"b\"; filename=\"b\"", picture())),
       "form: expected one picture, found 2: a frame is one request"},
      {form(part("name=\"request_id\"", "a\nb") + file), "request_id: expected text without control characters"},
      {form(part("name=\"request_id\"", std::string(257, 'a')) + file), "request_id has 257 bytes; expected 1 to 256"},
      {form(id + file + part("name=\"camera\"", std::string(257, 'a'))), "camera has 257 bytes; expected at most 256"},
      {form(id + part("name=\"filename\"", "x") + part("name=\"content\"", "Zm9v!")),
       "form: the picture: expected base64, found a character outside the alphabet at offset 4"},
      {id + file, "form: the last part has no boundary behind it (a body cut short?)"},
  };
  for (const auto& [body, message] : forms) {
    EXPECT_EQ(outcome(request(body, kForm, "", "")), "invalid-data: " + message) << body.substr(0, 200);
  }
  // An upload that is no picture is handed on, for the decoder to name.
  EXPECT_EQ(outcome(request(form(id + part("name=\"file\"; filename=\"a.gif\"", "GIF89a")), kForm, "", "")), "OK");
}

TEST(ReadFrame, BeforeAnyWorkAQueueWouldRefuse) {
  FrameRequest frame = request(picture(), "image/png");
  frame.camera = "front door";
  frame.trace_header = "Root=1-2-3";
  auto head = read_frame(frame, {});
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(head->info.camera, "front%20door");
  EXPECT_EQ(head->info.camera_name, "front door");
  EXPECT_EQ(head->info.trace_header, "Root=1-2-3");
  frame.trace_header = std::string(300, 'a');
  head = read_frame(frame, {});
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(head->info.trace_header, "");
  frame.camera = std::string(257, 'a');
  EXPECT_EQ(outcome(frame), "invalid-data: camera has 257 bytes; expected at most 256");
  frame.body = wire::to_json(wire::Frame{"r", "f", to_bytes(as_bytes(picture()))});
  frame.content_type = "application/json";
  EXPECT_EQ(outcome(frame), "invalid-data: camera has 257 bytes; expected at most 256");
}

TEST(ReadFrame, ItsTimeIsAsItIsToldElseOfItsArrival) {
  const auto ms = [](std::int64_t count) { return Clock::TimePoint(std::chrono::milliseconds(count)); };
  FrameRequest frame = request(picture(), "image/png");
  frame.arrived = ms(1'800'000'000'000);
  EXPECT_EQ(read_frame(frame, {})->info.time, frame.arrived);
  frame.time = "1700000000123";
  EXPECT_EQ(read_frame(frame, {})->info.time, ms(1'700'000'000'123));
  frame.time = "2023-11-14T22:13:20.123Z";
  EXPECT_EQ(read_frame(frame, {})->info.time, ms(1'700'000'000'123));
  frame.time = "1800000060000";
  EXPECT_EQ(outcome(frame), "OK");
  for (const char* bad :
       {"1800000060001", "-1", "1.5", "now", "1700000000123x", "99999999999999999999", "9223372036854775807"}) {
    frame.time = bad;
    EXPECT_EQ(outcome(frame).rfind("invalid-data: time: expected", 0), 0U) << bad << ": " << outcome(frame);
  }
  frame.time.clear();
  frame.content_type = kForm;
  frame.body = form(part("name=\"file\"; filename=\"a.png\"", picture()) + part("name=\"time\"", "5"));
  EXPECT_EQ(read_frame(frame, {})->info.time, ms(5));
}

}  // namespace
}  // namespace facepipe::frame_http
