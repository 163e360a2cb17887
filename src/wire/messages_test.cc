#include "wire/messages.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "base/base64.h"
#include "base/json_writer.h"
#include "queue/message.h"
#include "queue/validation.h"

namespace facepipe::wire {
namespace {

Bytes bytes_of(std::string_view text) {
  return to_bytes(as_bytes(text));
}

template <typename T>
std::string message_of(const Result<T>& result) {
  return result ? "no error" : result.error().message;
}

TEST(Frame, ReadsTheOriginalClientsBody) {
  const auto frame = parse_frame(R"({"request_id": "r1", "filename": "a.jpg", "content": "Zm9vYmFy"})");
  ASSERT_TRUE(frame) << frame.error().message;
  EXPECT_EQ(frame->request_id, "r1");
  EXPECT_EQ(frame->filename, "a.jpg");
  EXPECT_EQ(as_text(frame->image), "foobar");
}

TEST(Frame, TakesDataUrlsLineBreaksUnknownFieldsAndAnEncodedObject) {
  const auto url = parse_frame(R"({"request_id":"r","filename":"f","content":"data:image/png;base64,Zm9v","x":[1]})");
  ASSERT_TRUE(url) << url.error().message;
  EXPECT_EQ(as_text(url->image), "foo");
  const auto twice = parse_frame(json_quote(R"({"request_id":"r","filename":"f","content":"Zm9v\nYmFy"})"));
  ASSERT_TRUE(twice) << twice.error().message;
  EXPECT_EQ(as_text(twice->image), "foobar");
}

TEST(Frame, TakesAByteOrderMarkAndDataUrlsInAnyCase) {
  const auto marked = parse_frame("\xEF\xBB\xBF{\"request_id\":\"r\",\"filename\":\"f\",\"content\":\"Zm9v\"}");
  ASSERT_TRUE(marked) << marked.error().message;
  EXPECT_EQ(marked->request_id, "r");
  EXPECT_EQ(message_of(parse_frame("\xEF\xBB\xBF")), "Request body must be valid JSON");
  for (const char* prefix : {"data:image/jpeg;base64,", "DATA:image/JPEG;Base64,", "Data:;BASE64,",
                             "\r\n data:image/png;base64,", "data:image/png;charset=utf-8;name=\"a b\";base64,"}) {
    const auto picture = decode_picture_text(std::string(prefix) + "Zm9v");
    ASSERT_TRUE(picture) << prefix << ": " << picture.error().message;
    EXPECT_EQ(as_text(*picture), "foo");
    const auto face =
        parse_face_message("{\"request_id\":\"r\",\"face\":" + json_quote(std::string(prefix) + "Zm9v") + "}");
    ASSERT_TRUE(face) << prefix << ": " << face.error().message;
    EXPECT_EQ(as_text(face->face), "foo");
  }
  EXPECT_FALSE(decode_picture_text("data:image/svg+xml,%3Csvg%3E"));
  EXPECT_TRUE(parse_face_message("\xEF\xBB\xBF{\"request_id\":\"r\",\"face\":\"Zm9v\"}"));
}

TEST(Frame, RefusalsHaveTheOriginalsTexts) {
  EXPECT_EQ(message_of(parse_frame("")), "Missing request body");
  for (const char* bad : {"nonsense", "{", "{\"request_id\":\"r\"", "{} {}", "{\"a\":\xFF}", "\"no object\"", " "}) {
    EXPECT_EQ(message_of(parse_frame(bad)), "Request body must be valid JSON") << bad;
  }
  for (const char* bad : {R"({})", R"({"request_id":"r","filename":"f"})", R"({"request_id":"r","content":"Zm9v"})",
                          R"({"filename":"f","content":"Zm9v"})", R"({"request_id":"","filename":"f","content":"x"})",
                          R"({"request_id":"r","filename":null,"content":"Zm9v"})"}) {
    EXPECT_EQ(message_of(parse_frame(bad)), "Missing one or more required fields: request_id, filename, content")
        << bad;
  }
}

TEST(Frame, NamesTheFieldThatIsWrong) {
  EXPECT_EQ(message_of(parse_frame("[1]")), "the request body: expected a JSON object");
  EXPECT_EQ(message_of(parse_frame(R"({"request_id":7,"filename":"f","content":"Zm9v"})")),
            "field \"request_id\": expected a text");
  EXPECT_EQ(message_of(parse_frame(R"({"request_id":"r","filename":"f","content":"Zm9v!"})")),
            "content: expected base64, found a character outside the alphabet at offset 4");
  EXPECT_EQ(message_of(parse_frame(R"({"request_id":"a\u0001b","filename":"f","content":"Zm9v"})")),
            "request_id: expected text without control characters");
  const std::string long_id(kMaxRequestIdBytes + 1, 'a');
  EXPECT_EQ(message_of(parse_frame(R"({"filename":"f","content":"Zm9v","request_id":")" + long_id + "\"}")),
            "request_id has 257 bytes; expected 1 to 256");
}

TEST(Frame, SizeIsCheckedFirst) {
  const auto frame = parse_frame("{\"request_id\":\"r\"}", 10);
  ASSERT_FALSE(frame);
  EXPECT_EQ(frame.error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(frame.error().message, "the request body has 18 bytes; the limit is 10");
}

TEST(Frame, RoundTrips) {
  const Frame frame{"r\"1", "père.jpg", bytes_of(std::string("\0\xFF", 2))};
  const auto read = parse_frame(to_json(frame));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->request_id, frame.request_id);
  EXPECT_EQ(read->filename, frame.filename);
  EXPECT_EQ(read->image, frame.image);
}

TEST(RequestId, Limits) {
  EXPECT_TRUE(check_request_id("a"));
  EXPECT_TRUE(check_request_id(std::string(256, 'a')));
  EXPECT_TRUE(check_request_id("\xC3\xA9"));
  EXPECT_FALSE(check_request_id(""));
  EXPECT_FALSE(check_request_id(std::string(257, 'a')));
  EXPECT_FALSE(check_request_id("a\nb"));
  EXPECT_FALSE(check_request_id("\x7F"));
  EXPECT_FALSE(check_request_id("\xC3"));
}

FaceMessage full_message() {
  FaceMessage message;
  message.request_id = "r1";
  message.face = bytes_of("jpeg");
  message.face_index = 1;
  message.face_count = 3;
  message.box = image::Box{1.5F, -2, 30.25F, 40};
  message.landmarks = {{{1, 2}, {3, 4}, {5, 6}, {7, 8}, {9.5F, 10}}};
  message.confidence = 0.875F;
  message.crop = "source";
  message.crop_box = image::Box{4, 4, 20, 24};
  message.camera = "front \"door\"";
  message.time = Clock::TimePoint(std::chrono::milliseconds(1'700'000'000'123));
  message.frame = PictureSize{1920, 1080};
  return message;
}

TEST(FaceMessage, WritesTheDocumentedFields) {
  EXPECT_EQ(to_json(full_message()),
            R"({"request_id":"r1","face":"anBlZw==","face_index":1,"face_count":3,"box":[1.5,-2,30.25,40],)"
            R"("landmarks":[[1,2],[3,4],[5,6],[7,8],[9.5,10]],"confidence":0.875,)"
            R"("crop":"source","crop_box":[4,4,20,24],)"
            R"("camera":"front \"door\"","time":1700000000123,"frame":[1920,1080]})");
  EXPECT_EQ(to_original_json(full_message()), R"({"request_id":"r1","face":"anBlZw=="})");
}

TEST(FaceMessage, ItsSizeIsToldWithoutThePicture) {
  for (const char* picture : {"", "j", "jp", "jpe", "jpeg", "jpeg2000"}) {
    FaceMessage message = full_message();
    message.face = bytes_of(picture);
    EXPECT_EQ(json_size(message), to_json(message).size());
    message.landmarks.reset();
    message.camera.clear();
    EXPECT_EQ(json_size(message), to_json(message).size());
  }
}

TEST(FaceMessage, RoundTrips) {
  const FaceMessage message = full_message();
  const auto read = parse_face_message(to_json(message));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->request_id, "r1");
  EXPECT_EQ(read->face, message.face);
  EXPECT_EQ(read->face_index, 1);
  EXPECT_EQ(read->face_count, 3);
  EXPECT_EQ(read->box, message.box);
  EXPECT_EQ(read->landmarks, message.landmarks);
  EXPECT_EQ(read->confidence, message.confidence);
  EXPECT_EQ(read->crop, "source");
  EXPECT_EQ(read->crop_box, message.crop_box);
  EXPECT_EQ(read->camera, message.camera);
  EXPECT_EQ(read->time, message.time);
  EXPECT_EQ(read->frame, message.frame);
}

TEST(FaceMessage, WhatIsSaidOfItsFrameHasBounds) {
  const auto read = [](const std::string& fields) {
    return parse_face_message(R"({"request_id":"r1","face":"Zm9v",)" + fields + "}");
  };
  EXPECT_TRUE(read(R"("camera":")" + std::string(256, 'c') + R"(","time":0,"frame":[1,1000000])"));
  EXPECT_TRUE(read(R"("camera":null,"time":253402300799999,"frame":null)"));
  for (const std::string& fields : std::initializer_list<std::string>{
           R"("camera":")" + std::string(257, 'c') + "\"", R"("camera":"a\nb")", R"("camera":3)", R"("time":-1)",
           R"("time":253402300800000)", R"("time":1.5)", R"("time":"2026-01-01T00:00:00Z")", R"("frame":[0,1])",
           R"("frame":[1,1000001])", R"("frame":[1])", R"("frame":[1.5,2])", R"("frame":{"width":1})"}) {
    EXPECT_EQ(read(fields).error().code, ErrorCode::kInvalidData) << fields;
  }
}

TEST(FaceMessage, ReadsThePythonDetectorsDialects) {
  for (const char* json : {R"({"request_id": "r1", "face": "Zm9v"})", R"({"request_id": "r1", "face_image": "Zm9v"})",
                           R"({"request_id": "r1", "face": null, "face_image": "Zm9v"})",
                           R"("{\"request_id\": \"r1\", \"face\": \"Zm9v\"}")"}) {
    const auto message = parse_face_message(json);
    ASSERT_TRUE(message) << json << ": " << message.error().message;
    EXPECT_EQ(message->request_id, "r1");
    EXPECT_EQ(as_text(message->face), "foo");
    EXPECT_EQ(message->face_index, 0);
    EXPECT_EQ(message->face_count, 1);
    EXPECT_EQ(message->crop, "");
    EXPECT_FALSE(message->box || message->crop_box || message->confidence || message->landmarks);
  }
}

TEST(FaceMessage, TheLastOfARepeatedFieldCounts) {
  const auto message = parse_face_message(R"({"request_id":"a","face":"Zm9v","request_id":"b"})");
  ASSERT_TRUE(message) << message.error().message;
  EXPECT_EQ(message->request_id, "b");
}

TEST(FaceMessage, NamesTheFieldThatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {R"("face":7)", "field \"face\": expected a text"},
      {R"("face":"")", "field \"face\" is missing or empty"},
      {R"("face":" ")", "field \"face\" holds no bytes"},
      {R"("face":"Z")", "field \"face\": expected base64"},
      {R"("face":"Zm9v","face_index":-1)", "field \"face_index\": expected a whole number from 0 to 1000000"},
      {R"("face":"Zm9v","face_index":1e400)", "expected JSON"},
      {R"("face":"Zm9v","face_index":99999999999999999999)", "expected JSON"},
      {R"("face":"Zm9v","face_index":1.5)", "field \"face_index\": expected a whole number"},
      {R"("face":"Zm9v","face_count":0)", "field \"face_count\": expected a whole number from 1 to 1000000"},
      {R"("face":"Zm9v","face_index":2,"face_count":2)", "field \"face_index\": expected less than face_count (2)"},
      {R"("face":"Zm9v","box":[1,2,3])", "field \"box\": expected [x1, y1, x2, y2] in pixels"},
      {R"("face":"Zm9v","box":[1,2,3,1e300])", "field \"box\": expected [x1, y1, x2, y2] in pixels"},
      {R"("face":"Zm9v","box":{"x1":1})", "field \"box\": expected [x1, y1, x2, y2] in pixels"},
      {R"("face":"Zm9v","landmarks":[[1,2]])", "field \"landmarks\": expected 5 points [x, y] in pixels"},
      {R"("face":"Zm9v","landmarks":[[1,2],[1,2],[1,2],[1,2],[1]])", "field \"landmarks\": expected 5 points"},
      {R"("face":"Zm9v","confidence":"high")", "field \"confidence\": expected a number"},
      {R"("face":"Zm9v","confidence":1e39)", "field \"confidence\": expected a number"},
      {R"("face":"Zm9v","crop":"round")", "field \"crop\": expected \"source\" or \"classic\""},
      {R"("face":"Zm9v","crop":"source")", "field \"crop_box\" is missing"},
  };
  for (const auto& [fields, expected] : cases) {
    const auto message = parse_face_message(std::string(R"({"request_id":"r1",)") + fields + "}");
    ASSERT_FALSE(message) << fields;
    EXPECT_NE(message.error().message.find(expected), std::string::npos) << fields << ": " << message.error().message;
    EXPECT_EQ(message.error().message.rfind("face message: ", 0), 0U);
  }
}

TEST(FaceMessage, RequestIdIsKnownEvenOnError) {
  std::string request_id;
  EXPECT_FALSE(parse_face_message(R"({"face":7,"request_id":"r9"})", &request_id));
  EXPECT_EQ(request_id, "r9");
  request_id.clear();
  for (const char* json : {"", "nonsense", "[]", "null", R"({"request_id":7})", R"({"request_id":"","face":"Zm9v"})",
                           R"({"face":"Zm9v"})"}) {
    const auto message = parse_face_message(json, &request_id);
    ASSERT_FALSE(message) << json;
    EXPECT_EQ(message.error().code, ErrorCode::kInvalidData) << json;
    EXPECT_EQ(request_id, "") << json;
  }
}

// Whatever another detector's client called its frame, the answer is one that a queue takes.
TEST(FaceMessage, AnIdIsAnsweredOrNotReadAtAll) {
  const auto face_of = [](const std::string& id) { return R"({"face":"Zm9v","request_id":)" + json_quote(id) + "}"; };
  for (const std::string& id : {std::string("a\xEF\xBF\xBE\xEF\xBF\xBF"), std::string("a\0\n\x7F", 4),
                                std::string(kMaxAnsweredIdBytes, '\1')}) {
    std::string request_id;
    const auto message = parse_face_message(face_of(id), &request_id);
    ASSERT_TRUE(message) << message.error().message;
    Answer answer;
    answer.request_id = request_id;
    answer.result = "a\xEF\xBF\xBE";
    queue::OutgoingMessage outgoing;
    outgoing.body = to_json(answer);
    EXPECT_TRUE(queue::validate_message(outgoing));
    EXPECT_LT(outgoing.body.size(), 256U * 1024U);
    EXPECT_EQ(parse_answer(outgoing.body)->request_id, id);
  }
  std::string request_id;
  EXPECT_EQ(message_of(parse_face_message(face_of(std::string(kMaxAnsweredIdBytes + 1, 'a')), &request_id)),
            "face message: request_id has 32769 bytes; an answer carries at most 32768");
  EXPECT_EQ(request_id, "");
}

TEST(FaceMessage, EveryTruncationAndDamagedByteIsSurvived) {
  const std::string json = to_json(full_message());
  for (std::size_t length = 0; length < json.size(); ++length) {
    EXPECT_FALSE(parse_face_message(json.substr(0, length))) << length;
  }
  std::mt19937 random(11);  // NOLINT: a fixed seed, so that a failure repeats
  for (int round = 0; round < 2000; ++round) {
    std::string damaged = json;
    damaged[random() % damaged.size()] = static_cast<char>(random() & 0xFFU);
    const auto message = parse_face_message(damaged);
    EXPECT_TRUE(message || !message.error().message.empty());
  }
}

TEST(FaceMessage, DeepNestingIsRefused) {
  const std::string deep = R"({"request_id":"r","x":)" + std::string(100'000, '[');
  EXPECT_FALSE(parse_face_message(deep));
}

TEST(Answer, PlainAnswerReadsLikeTheOriginals) {
  const auto answer = parse_answer(R"({"request_id": "r1", "result": "ada"})");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->request_id, "r1");
  EXPECT_EQ(answer->result, "ada");
  EXPECT_EQ(answer->face_index, 0);
  EXPECT_EQ(answer->face_count, 1);
  EXPECT_FALSE(answer->distance || answer->confidence || answer->box || answer->second_distance);
}

TEST(Answer, WritesTheDocumentedFields) {
  Answer answer;
  answer.request_id = "r1";
  answer.result = "ada";
  answer.distance = 0.5F;
  answer.confidence = 0.75F;
  answer.face_count = 2;
  answer.box = image::Box{1, 2, 3, 4};
  answer.aligned = std::string(kAlignedByBox);
  answer.second = "bob";
  answer.second_distance = 1.25F;
  EXPECT_EQ(to_json(answer),
            R"({"request_id":"r1","result":"ada","distance":0.5,"confidence":0.75,"face_index":0,"face_count":2,)"
            R"("box":[1,2,3,4],"aligned":"box","second":"bob","second_distance":1.25})");
  answer.face_id = "0123456789abcdef";
  answer.visit = "fedcba9876543210";
  EXPECT_TRUE(to_json(answer).ends_with(R"(,"face_id":"0123456789abcdef","visit":"fedcba9876543210"})"));
  const auto read = parse_answer(to_json(answer));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(to_json(*read), to_json(answer));
}

Answer decided_answer() {
  Answer answer;
  answer.request_id = "r1";
  answer.result = "ada";
  answer.distance = 0.5F;
  answer.face_index = 1;
  answer.face_count = 2;
  answer.aligned = std::string(kAlignedByBox);
  answer.second = "bob";
  answer.second_distance = 1.25F;
  answer.threshold = 0.875F;
  answer.probability = 0.75F;
  answer.second_probability = 0.125F;
  answer.quality = 0.5F;
  answer.reasons = {"blurred", "cut by the edge"};
  return answer;
}

TEST(Answer, WritesHowItWasDecided) {
  const std::string json = to_json(decided_answer());
  EXPECT_EQ(json,
            R"({"request_id":"r1","result":"ada","distance":0.5,"face_index":1,"face_count":2,"aligned":"box",)"
            R"("second":"bob","second_distance":1.25,"threshold":0.875,"probability":0.75,"second_probability":0.125,)"
            R"("quality":0.5,"reasons":["blurred","cut by the edge"]})");
  const auto read = parse_answer(json);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->aligned, "box");
  EXPECT_EQ(read->threshold, 0.875F);
  EXPECT_EQ(read->probability, 0.75F);
  EXPECT_EQ(read->second_probability, 0.125F);
  EXPECT_EQ(read->quality, 0.5F);
  EXPECT_EQ(read->reasons, (std::vector<std::string>{"blurred", "cut by the edge"}));
  EXPECT_EQ(to_json(*read), json);
}

TEST(Answer, WithoutADecisionHasNothingOfIt) {
  const auto read = parse_answer(R"({"request_id":"r","result":"ada","threshold":null,"quality":null,"reasons":null})");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_FALSE(read->threshold || read->probability || read->second_probability || read->quality);
  EXPECT_TRUE(read->reasons.empty());
  EXPECT_EQ(read->aligned, "");
  EXPECT_EQ(to_json(*read), R"({"request_id":"r","result":"ada","face_index":0,"face_count":1})");
}

TEST(Answer, KeepsWordsOfLaterVersions) {
  const auto read = parse_answer(
      R"({"request_id":"r","result":"ada","aligned":"ears","reasons":["wears a hat"],"second_quality":0.5})");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->aligned, "ears");
  EXPECT_EQ(read->reasons, std::vector<std::string>{"wears a hat"});
}

TEST(Answer, BoundsOfADecision) {
  const auto answer = [](const std::string& field, const std::string& value) {
    return parse_answer(R"({"request_id":"r","result":"ada",")" + field + "\":" + value + "}");
  };
  for (const char* share : {"probability", "second_probability", "quality"}) {
    EXPECT_TRUE(answer(share, "0"));
    EXPECT_TRUE(answer(share, "1"));
    for (const char* bad : {"-0.001", "1.001", "1e30"}) {
      EXPECT_EQ(message_of(answer(share, bad)),
                "answer: field \"" + std::string(share) + "\": expected a number from 0 to 1")
          << bad;
    }
  }
  for (const char* number : {"threshold", "probability", "second_probability", "quality"}) {
    for (const char* bad : {"\"1\"", "[1]", "true", "1e39"}) {
      EXPECT_EQ(message_of(answer(number, bad)),
                "answer: field \"" + std::string(number) + "\": expected a number within the range of a 32-bit float")
          << bad;
    }
  }
  std::string many = "\"a\"";
  for (std::size_t i = 1; i < kMaxReasons; ++i) {
    many += ",\"a\"";
  }
  ASSERT_TRUE(answer("reasons", "[" + many + "]"));
  EXPECT_EQ(answer("reasons", "[" + many + "]")->reasons.size(), kMaxReasons);
  for (const std::string& bad : {"[" + many + ",\"a\"]", std::string("\"blurred\""), std::string("{}")}) {
    EXPECT_EQ(message_of(answer("reasons", bad)), "answer: field \"reasons\": expected at most 32 texts") << bad;
  }
  EXPECT_FALSE(answer("reasons", "[1]"));
  EXPECT_FALSE(answer("reasons", "[\"\"]"));
  EXPECT_FALSE(answer("aligned", "1"));
}

TEST(Answer, NoFaceAndError) {
  Answer none;
  none.request_id = "r1";
  none.result = std::string(kNoFace);
  none.face_count = 0;
  EXPECT_EQ(to_json(none), R"({"request_id":"r1","result":"No-Face","face_index":0,"face_count":0})");
  const auto read = parse_answer(to_json(none));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->face_count, 0);
  const auto error = parse_answer(R"({"request_id":"r1","result":"error","error":"why"})");
  ASSERT_TRUE(error) << error.error().message;
  EXPECT_EQ(error->error, "why");
}

TEST(Answer, NamesTheFieldThatIsWrong) {
  EXPECT_EQ(message_of(parse_answer(R"({"result":"ada"})")), "answer: field \"request_id\" is missing or empty");
  EXPECT_EQ(message_of(parse_answer(R"({"request_id":"r"})")), "answer: field \"result\" is missing or empty");
  EXPECT_EQ(message_of(parse_answer(R"({"request_id":"r","result":"x","second":1})")),
            "answer: field \"second\": expected a text");
  EXPECT_EQ(message_of(parse_answer(R"({"request_id":"r","result":"x","visit":")" + std::string(65, '0') + "\"}")),
            "answer: field \"visit\": expected an id of at most 64 bytes");
  EXPECT_EQ(message_of(parse_answer("[]")), "answer: expected a JSON object");
}

// Each value outside a text costs the reader twelve bytes and more, so there are not many; texts may be as long as the
// body.
TEST(ParseFrame, ABodyOfValuesIsRefusedBeforeItIsRead) {
  for (const std::string& value :
       {std::string("1,"), std::string("[],"), std::string("\"a\\\"\","), std::string("1 ")}) {
    std::string body = R"({"request_id":"r","filename":"f","content":"Zm9v","x":[)";
    while (body.size() < 2'000'000) {
      body += value;
    }
    const auto frame = parse_frame(body + "1]}");
    ASSERT_FALSE(frame) << value;
    EXPECT_EQ(frame.error().code, ErrorCode::kTooLarge) << value;
    EXPECT_EQ(frame.error().message, "the request body: expected JSON with at most 262144 bytes outside its texts");
    std::string twice = "\"";  // the object in a text
    for (const char c : body) {
      twice += c == '"' || c == '\\' ? "\\" : "";
      twice += c;
    }
    EXPECT_EQ(parse_frame(twice + "1]}\"").error().code, ErrorCode::kTooLarge) << value;
  }
  EXPECT_EQ(message_of(parse_frame(std::string(1'000'000, ','))), kNotJson);
  const std::string quotes(1'000'000, 'A');
  EXPECT_TRUE(parse_frame(R"({"request_id":"r","filename":"f","x":"\\\"\\","content":")" + quotes + "\"}"));
}

}  // namespace
}  // namespace facepipe::wire
