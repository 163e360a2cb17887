#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "serve/api/test_api.h"

namespace facepipe::serve {
namespace {

using ::testing::HasSubstr;

class SettingsApi : public testing::ApiFixture {
 protected:
  void keep(std::uint64_t id, std::chrono::hours age) {
    faces::NewFace face;
    face.record.id = faces::FaceId{id};
    face.record.time = system_clock().now() - age;
    face.record.decision.name = "unknown";
    face.embedding = {1, 0, 0};
    face.crop = faces::Crop{Bytes(100), "image/jpeg", std::nullopt, std::nullopt};
    faces::Batch batch;
    batch.faces.push_back(std::move(face));
    ASSERT_TRUE(store_->write(batch));
  }
};

class SettingsOfNothing : public testing::ApiFixture {
 protected:
  SettingsOfNothing() : ApiFixture(false) {}
};

TEST_F(SettingsApi, RetentionIsShownChangedLoggedAndUndone) {
  const http::Response before = ask("GET", "/api/settings");
  EXPECT_THAT(before.body, HasSubstr(R"("known":604800)"));
  EXPECT_THAT(before.body, HasSubstr(R"("changeable":["bytes","known","unknown"])"));
  const http::Response changed = ask("PUT", "/api/settings", R"({"retention":{"known":null,"unknown":3600}})");
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_THAT(changed.body, HasSubstr(R"("known":null)"));
  EXPECT_THAT(changed.body, HasSubstr(R"("unknown":3600)"));
  EXPECT_THAT(changed.body, HasSubstr(R"("visits":2592000)"));
  const http::Response changes = ask("GET", "/api/changes");
  EXPECT_THAT(changes.body, HasSubstr(R"("action":"settings.change")"));
  EXPECT_THAT(changes.body, HasSubstr(R"("undoable":true)"));
  EXPECT_EQ(ask("POST", "/api/undo", R"({"change":1})").status, 200);
  EXPECT_THAT(ask("GET", "/api/settings").body, HasSubstr(R"("known":604800)"));
}

TEST_F(SettingsApi, WhatCannotBeChangedIsToldByItsStatus) {
  const http::Response fixed = ask("PUT", "/api/settings", R"({"retention":{"visits":60}})");
  EXPECT_EQ(fixed.status, 409);
  EXPECT_THAT(fixed.body, HasSubstr("--keep-visits"));
  for (const char* body : {R"({"retention":{"known":-1}})", R"({"retention":{"known":"7d"}})", R"({"retention":7})",
                           R"({"retention":{"pictures":7}})", R"({"retention":{"bytes":null}})",
                           R"({"retention":{"known":1},"retention":{"known":2}})", R"({"min_quality":1})",
                           R"({"strangers":0})", R"({"threshold":1})"}) {
    EXPECT_EQ(ask("PUT", "/api/settings", body).status, 400) << body;
    EXPECT_EQ(ask("POST", "/api/settings/preview", body).status, 400) << body;
  }
  EXPECT_EQ(ask("PUT", "/api/settings", R"({"retention":{}})").status, 200) << "nothing to change";
  EXPECT_EQ(ask("PUT", "/api/settings", R"({"strangers":0.01})").status, 422) << "there is no pack here";
  system_.fixed["strangers"] = "0.5";
  EXPECT_EQ(ask("PUT", "/api/settings", R"({"strangers":0.01})").status, 409);
}

TEST_F(SettingsApi, PreviewTellsWhatWouldGoAndTakesNothing) {
  keep(1, std::chrono::hours(5));
  keep(2, std::chrono::hours(1));
  const http::Response preview = ask("POST", "/api/settings/preview", R"({"retention":{"unknown":7200}})");
  ASSERT_EQ(preview.status, 200) << preview.body;
  EXPECT_THAT(preview.body, HasSubstr(R"("naming":null)"));
  EXPECT_THAT(preview.body, HasSubstr(R"("faces":1)"));
  EXPECT_THAT(preview.body, HasSubstr(R"("bytes":100)"));
  EXPECT_EQ(ask("GET", "/api/faces/0000000000000001/image").status, 200);
  EXPECT_THAT(ask("GET", "/api/settings").body, HasSubstr(R"("unknown":172800)"));
  EXPECT_EQ(ask("POST", "/api/settings/preview", R"({"strangers":0.01})").status, 422) << "no recognition here";
  EXPECT_EQ(ask("POST", "/api/settings/preview", "{}").status, 200);
}

TEST_F(SettingsOfNothing, HasNoRetention) {
  EXPECT_THAT(ask("GET", "/api/settings").body, HasSubstr(R"("retention":null,"changeable":[])"));
  for (const char* path : {"/api/settings", "/api/settings/preview"}) {
    const bool preview = std::string_view(path).ends_with("preview");
    EXPECT_EQ(ask(preview ? "POST" : "PUT", path, R"({"retention":{"known":60}})").status, 404) << path;
  }
}

}  // namespace
}  // namespace facepipe::serve
