#include "serve/page/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace facepipe::serve {
namespace {

constexpr std::array kAssets{PageAsset{"index.html", "<html>", "GH", "BH"}, PageAsset{"app-1.js", "js", "GJ", "BJ"},
                             PageAsset{"app-2.css", "css", "GC", "BC"}, PageAsset{"icon-3.svg", "<svg>", "GS", "BS"}};

http::Response get(std::string_view target, http::Headers headers = {}) {
  static const Page kPage(kAssets);
  http::Request request;
  request.target = target;
  request.headers = std::move(headers);
  return kPage.answer(request);
}

std::string_view header(const http::Response& response, std::string_view name) {
  return http::header(response.headers, name);
}

TEST(Page, TakesTheSmallestCodingThatTheClientTakes) {
  EXPECT_EQ(best_coding(""), Coding::kIdentity);
  EXPECT_EQ(best_coding("gzip, deflate, br, zstd"), Coding::kBrotli);
  EXPECT_EQ(best_coding("GZIP"), Coding::kGzip);
  EXPECT_EQ(best_coding("gzip;q=0.5 , br;q=0"), Coding::kGzip);
  EXPECT_EQ(best_coding("br;q=0.000,gzip ; q=0"), Coding::kIdentity);
  EXPECT_EQ(best_coding("brotli, gzipped, ;;,,"), Coding::kIdentity);
  EXPECT_EQ(best_coding("br;q=0.1"), Coding::kBrotli);
}

TEST(Page, SendsTheHtmlWithAPolicyAndATag) {
  const http::Response response = get("/?x=1");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "<html>");
  EXPECT_EQ(header(response, "content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(header(response, "cache-control"), "no-cache");
  EXPECT_EQ(header(response, "content-encoding"), "");
  const std::string_view policy = header(response, "content-security-policy");
  EXPECT_THAT(std::string(policy), testing::StartsWith("default-src 'none'; script-src 'self'; style-src 'self';"));
  EXPECT_THAT(std::string(policy), testing::Not(testing::HasSubstr("unsafe")));

  const http::Response again = get("/", {{"if-none-match", std::string(header(response, "etag"))}});
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
  EXPECT_EQ(get("/", {{"if-none-match", "\"other\""}}).status, 200);
}

TEST(Page, SendsFilesCompressedAndForever) {
  const http::Response brotli = get("/assets/app-1.js", {{"accept-encoding", "gzip, br"}});
  EXPECT_EQ(brotli.body, "BJ");
  EXPECT_EQ(header(brotli, "content-encoding"), "br");
  EXPECT_EQ(header(brotli, "vary"), "accept-encoding");
  EXPECT_EQ(header(brotli, "content-type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(header(brotli, "cache-control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(get("/assets/app-2.css", {{"accept-encoding", "gzip"}}).body, "GC");
  EXPECT_EQ(get("/assets/app-2.css").body, "css");
  EXPECT_EQ(header(get("/assets/icon-3.svg"), "content-type"), "image/svg+xml");
}

TEST(Page, KnowsNoOtherFile) {
  for (const char* target : {"/assets/", "/assets/app-1", "/assets/../index.html", "/assets/index.html", "/index.html",
                             "/assets/app-1.js/", "/assets/app-1.js%00", "/x"}) {
    EXPECT_EQ(get(target).status, 404) << target;
  }
}

TEST(Page, HasNoRoutesWithoutFiles) {
  http::Router routes({}, "nothing");
  const Page page({});
  page.add_routes(routes, {});
  EXPECT_EQ(routes.find({}), nullptr);
}

TEST(Page, TheBuiltAssetsAreWhole) {
  for (const PageAsset& asset : page_assets()) {
    EXPECT_FALSE(asset.identity.empty()) << asset.name;
    EXPECT_FALSE(asset.gzip.empty()) << asset.name;
    EXPECT_FALSE(asset.brotli.empty()) << asset.name;
  }
}

}  // namespace
}  // namespace facepipe::serve
