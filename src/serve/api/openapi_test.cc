// The description and the routes are one.
#include "serve/api/openapi.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "serve/api/schemas.h"
#include "serve/api/test_api.h"

namespace facepipe::serve {
namespace {

using Named = std::set<std::pair<std::string, std::string>>;  // method in lower case, path

class OpenApi : public testing::ApiFixture {
 protected:
  OpenApi() : text_(openapi(api_->operations(), "1")) {
    auto parsed = JsonDocument::parse_object(text_, {.context = "the description"});
    EXPECT_TRUE(parsed) << parsed.error().message;
    document_.emplace(*std::move(parsed));
  }
  Named described() {
    Named found;
    EXPECT_TRUE((*document_)["paths"].each_field([&](std::string_view path, const JsonValue& operations) {
      return operations.each_field([&](std::string_view method, const JsonValue&) -> Status {
        found.emplace(method, path);
        return {};
      });
    }));
    return found;
  }
  // Every "$ref" in the text.
  std::set<std::string> references() const {
    constexpr std::string_view kReference = R"("$ref":")";
    std::set<std::string> found;
    for (std::size_t at = text_.find(kReference); at != std::string::npos; at = text_.find(kReference, at + 1)) {
      const std::size_t begin = at + kReference.size();
      found.insert(text_.substr(begin, text_.find('"', begin) - begin));
    }
    return found;
  }
  std::string text_;
  std::optional<JsonDocument> document_;
};

TEST_F(OpenApi, DescribesEveryRouteAndNoOther) {
  Named routed;
  for (const http::Route& route : router_.routes()) {
    routed.emplace(lower(route.method), route.path);
  }
  EXPECT_EQ(described(), routed);
  EXPECT_GT(routed.size(), 40U);
}

TEST_F(OpenApi, EveryDescribedOperationIsRoutedToItself) {
  for (const Operation& operation : api_->operations()) {
    http::Request request;
    request.method = operation.method;
    request.target = operation.path;  // braces are a segment like any other
    const http::Route* const route = router_.find(request);
    ASSERT_NE(route, nullptr) << operation.id;
    EXPECT_EQ(route->path, operation.path) << operation.id << " is taken by a route before it";
  }
}

TEST_F(OpenApi, IdsAreUniqueAndEveryOperationSaysWhatItDoes) {
  std::set<std::string> ids;
  for (const Operation& operation : api_->operations()) {
    EXPECT_TRUE(ids.insert(operation.id).second) << operation.id;
    EXPECT_FALSE(operation.summary.empty()) << operation.id;
    EXPECT_FALSE(operation.tag.empty()) << operation.id;
    EXPECT_EQ(std::count(operation.path.begin(), operation.path.end(), '{'),
              static_cast<std::ptrdiff_t>(operation.path_fields.size()))
        << operation.id;
    for (const Field& field : operation.path_fields) {
      EXPECT_NE(operation.path.find("{" + field.name + "}"), std::string::npos) << operation.id;
    }
    EXPECT_TRUE(operation.answer.empty() || schemas().contains(operation.answer)) << operation.answer;
  }
}

TEST_F(OpenApi, WhatItRefersToIsThere) {
  for (const std::string& reference : references()) {
    constexpr std::string_view kSchemas = "#/components/schemas/";
    if (reference.starts_with(kSchemas)) {
      EXPECT_TRUE(schemas().contains(reference.substr(kSchemas.size()))) << reference;
    } else {
      EXPECT_EQ(reference, "#/components/responses/Error");
    }
  }
  for (const auto& [name, schema] : schemas()) {
    EXPECT_TRUE(JsonDocument::parse_object(schema, {})) << name;
  }
}

TEST_F(OpenApi, ChangesAreForWhoMayManage) {
  const std::set<std::string> others{"signIn", "signOut", "postFrame", "search", "compare", "previewSettings"};
  for (const Operation& operation : api_->operations()) {
    if (operation.method != "GET" && !others.contains(operation.id)) {
      EXPECT_EQ(operation.whom, FrontDoor::For::kManage) << operation.id;
    }
  }
}

}  // namespace
}  // namespace facepipe::serve
