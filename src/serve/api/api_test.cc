#include "serve/api/api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "faces/ids.h"
#include "serve/api/test_api.h"

namespace facepipe::serve {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ApiTest : public testing::ApiFixture {
 protected:
  void keep(std::uint64_t id, const std::string& camera = "door") {
    faces::NewFace face;
    face.record.id = faces::FaceId{id};
    face.record.request_id = "request";
    face.record.camera = camera;
    face.record.time = system_clock().now();
    face.record.decision.name = "unknown";
    face.embedding = {1, 0, 0};
    face.crop = faces::Crop{to_bytes(as_bytes("picture")), "image/jpeg", std::nullopt, std::nullopt};
    faces::Batch batch;
    batch.faces.push_back(std::move(face));
    ASSERT_TRUE(store_->write(batch));
  }
  std::string error_of(const http::Response& response) {
    const auto document = JsonDocument::parse_object(response.body, {});
    return document ? std::string((*document)["error"].as_string().value_or("")) : "";
  }
};

class KeepNone : public testing::ApiFixture {
 protected:
  KeepNone() : ApiFixture(false) {}
};

TEST_F(ApiTest, FacesByPageAndFilter) {
  for (std::uint64_t id = 1; id <= 3; ++id) {
    keep(id, id == 3 ? "hall" : "door");
  }
  const http::Response first = ask("GET", "/api/faces?camera=door&limit=1");
  ASSERT_EQ(first.status, 200) << first.body;
  const auto page = JsonDocument::parse_object(first.body, {});
  ASSERT_TRUE(page);
  EXPECT_EQ((*page)["items"].size(), 1U);
  const std::string cursor((*page)["next"].as_string().value_or(""));
  ASSERT_FALSE(cursor.empty());
  const http::Response second = ask("GET", "/api/faces?camera=door&limit=1&cursor=" + cursor);
  EXPECT_EQ(second.status, 200);
  EXPECT_NE(first.body, second.body);
  EXPECT_THAT(second.body, HasSubstr(R"("camera":"door")"));
  EXPECT_EQ(ask("GET", "/api/faces/0000000000000003").status, 200);
  EXPECT_EQ(ask("GET", "/api/faces/0000000000000009").status, 404);
  EXPECT_EQ(ask("GET", "/api/visits?cursor=" + cursor).status, 422) << "a cursor of another list";
}

TEST_F(ApiTest, APictureStaysInTheClientsCache) {
  keep(1);
  const http::Response image = ask("GET", "/api/faces/0000000000000001/image");
  ASSERT_EQ(image.status, 200) << image.body;
  EXPECT_EQ(image.body, "picture");
  EXPECT_EQ(http::header(image.headers, "content-type"), "image/jpeg");
  EXPECT_EQ(http::header(image.headers, "cache-control"), "private, max-age=31536000, immutable");
  const std::string etag(http::header(image.headers, "etag"));
  const http::Response again = ask("GET", "/api/faces/0000000000000001/image", "", {{"if-none-match", etag}});
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
}

TEST_F(ApiTest, WhatIsWrongIsToldByItsStatus) {
  EXPECT_EQ(ask("GET", "/api/faces/x").status, 400);
  EXPECT_EQ(ask("GET", "/api/faces?limit=0").status, 400);
  EXPECT_EQ(ask("PUT", "/api/faces").status, 405);
  EXPECT_EQ(ask("GET", "/api/faces", "", {{"accept", "text/html, image/*"}}).status, 406);
  EXPECT_EQ(ask("GET", "/api/faces", "", {{"accept", "text/html, application/*;q=0.5"}}).status, 200);
  EXPECT_EQ(ask("POST", "/api/undo", "x", {{"content-type", "text/plain"}}).status, 415);
  EXPECT_EQ(ask("POST", "/api/undo", "{").status, 400);
  EXPECT_EQ(ask("POST", "/api/undo", R"({"change":7})").status, 404);
  const http::Response both = ask("POST", "/api/visits/0000000000000001/assign", "{}");
  EXPECT_EQ(both.status, 422);
  EXPECT_EQ(error_of(both), "expected either \"person\", an id, or \"name\"");
  EXPECT_EQ(ask("GET", "/api/events", "", {{"last-event-id", "x"}}).status, 400);
}

TEST_F(ApiTest, AnErasureIsInTheLogAndCannotBeUndone) {
  keep(1);
  EXPECT_THAT(ask("DELETE", "/api/faces/0000000000000001").body, HasSubstr("records"));
  EXPECT_EQ(ask("GET", "/api/faces/0000000000000001").status, 404);
  const http::Response changes = ask("GET", "/api/changes");
  EXPECT_THAT(changes.body, HasSubstr(R"("action":"face.erase")"));
  EXPECT_THAT(changes.body, HasSubstr(R"("who":"anybody")"));
  EXPECT_EQ(ask("POST", "/api/undo", R"({"change":1})").status, 422);
}

TEST_F(ApiTest, AnErasureIsToldToWhoRemembersAndToWhoListens) {
  keep(1);
  faces::Batch batch;
  faces::UnknownRecord unknown;
  unknown.id = faces::UnknownId{5};
  unknown.centroid = {1, 0, 0};
  batch.unknowns.push_back(unknown);
  ASSERT_TRUE(store_->write(batch));
  ASSERT_EQ(ask("DELETE", "/api/faces/0000000000000001").status, 200);
  ASSERT_EQ(ask("DELETE", "/api/unknowns/0000000000000005").status, 200);
  EXPECT_THAT(forgotten_, ElementsAre("0000000000000001", "frames", "0000000000000005", "frames"));
  const auto events = store_->events_after(faces::EventId{0}, 10);
  ASSERT_TRUE(events);
  ASSERT_EQ(events->size(), 2U);
  EXPECT_EQ((*events)[0].what.type, "face.erased");
  EXPECT_EQ((*events)[0].what.json, R"({"face":"0000000000000001","by":"anybody"})");
  EXPECT_EQ((*events)[1].what.type, "unknown.erased");
  EXPECT_EQ((*events)[1].what.json, R"({"unknown":"0000000000000005","by":"anybody"})");
}

TEST_F(ApiTest, WhatIsNotThereIsNotErased) {
  EXPECT_EQ(ask("DELETE", "/api/faces/0000000000000001").status, 404);
  EXPECT_EQ(ask("DELETE", "/api/unknowns/0000000000000001").status, 404);
  EXPECT_THAT(store_->events_after(faces::EventId{0}, 10).value(), IsEmpty());
  keep(1);
  EXPECT_EQ(ask("DELETE", "/api/faces/0000000000000001").status, 200);
  EXPECT_EQ(ask("DELETE", "/api/faces/0000000000000001").status, 404);
  EXPECT_EQ(store_->events_after(faces::EventId{0}, 10)->size(), 1U) << "told once";
}

TEST_F(ApiTest, WhatWasGivenUpIsSentAgainToAnOutputThatThereIs) {
  EXPECT_THAT(ask("POST", "/api/outputs/retry", R"({"output":"bell"})").body, HasSubstr(R"("deliveries":0)"));
  EXPECT_EQ(ask("POST", "/api/outputs/retry", R"({"output":"bel"})").status, 404);
}

// What the filters say of a face and what the face says of itself are one thing.
TEST_F(ApiTest, WhoseAFaceIsIsSaidInOneWay) {
  keep(1);
  keep(2);
  keep(3);
  const auto say = [&](std::uint64_t face, faces::Mark mark, std::optional<faces::PersonId> person) {
    faces::Batch batch;
    faces::NewFace told;
    told.record.id = faces::FaceId{face + 10};
    told.record.request_id = "request";
    told.record.time = system_clock().now();
    told.record.decision.person = faces::PersonId{7};
    told.record.decision.name = "Ann";
    told.record.mark = mark;
    told.record.marked_person = person;
    batch.faces.push_back(told);
    ASSERT_TRUE(store_->write(batch));
  };
  say(1, faces::Mark::kIgnored, std::nullopt);
  say(2, faces::Mark::kRejected, faces::PersonId{8});
  say(3, faces::Mark::kRejected, faces::PersonId{7});
  const auto page = JsonDocument::parse_object(ask("GET", "/api/faces?person=0000000000000007").body, {});
  ASSERT_TRUE(page);
  ASSERT_EQ((*page)["items"].size(), 2U);
  ASSERT_TRUE((*page)["items"].each_item([](const JsonValue& face) -> Status {
    EXPECT_EQ(face["person"].as_string(), "0000000000000007") << face.to_json();
    EXPECT_EQ(face["name"].as_string(), "Ann") << face.to_json();
    return {};
  }));
  const auto nobodys = JsonDocument::parse_object(ask("GET", "/api/faces?known=false").body, {});
  ASSERT_TRUE(nobodys);
  EXPECT_EQ((*nobodys)["items"].size(), 4U);
}

TEST_F(ApiTest, TheServerAsAWhole) {
  const http::Response system = ask("GET", "/api/system");
  ASSERT_EQ(system.status, 200) << system.body;
  EXPECT_THAT(system.body, HasSubstr(R"("dead_letters":0)"));
  EXPECT_THAT(ask("POST", "/api/system/redrive").body, HasSubstr(R"("messages":0)"));
  EXPECT_THAT(ask("GET", "/api/session").body, HasSubstr(R"("sign_in_needed":false,"role":"manage")"));
  EXPECT_THAT(ask("GET", "/api/settings").body, HasSubstr(R"("keep":"faces")"));
}

TEST_F(KeepNone, WhatIsKeptIsNotThereAndTheReasonIsSaid) {
  for (const char* path : {"/api/faces", "/api/visits", "/api/unknowns", "/api/cameras", "/api/events", "/api/outputs",
                           "/api/faces/0000000000000001", "/api/visits/0000000000000001"}) {
    const http::Response answer = ask("GET", path);
    EXPECT_EQ(answer.status, 404) << path;
    EXPECT_THAT(answer.body, HasSubstr("nothing is kept: --keep none")) << path;
  }
  EXPECT_EQ(ask("GET", "/api/people").status, 200);
  EXPECT_EQ(ask("GET", "/api/system").status, 200);
}

}  // namespace
}  // namespace facepipe::serve
