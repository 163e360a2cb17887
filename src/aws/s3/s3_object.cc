// Tested by s3_object_test.cc, and against moto by tests/lambda/test_gallery_source.py.
#include "aws/s3/s3_object.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/hex.h"
#include "base/json_writer.h"

namespace facepipe::aws {
namespace {

constexpr std::size_t kMaxKeyBytes = 1'024;

bool is_bucket_name(std::string_view name) {
  constexpr std::size_t kShortest = 3;
  constexpr std::size_t kLongest = 63;
  return name.size() >= kShortest && name.size() <= kLongest && std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
         });
}

// Slashes of a key stay as they are: they are the path's own.
std::string encode_key(std::string_view key) {
  return percent_encode(key, [](char c) { return c == '/' || is_unreserved(c); });
}

// What stands in <Code> of S3's XML: a word of letters. Nothing else of the answer is kept.
std::string code_of(std::string_view xml) {
  constexpr std::string_view kOpen = "<Code>";
  constexpr std::size_t kLongest = 64;
  const std::size_t begin = xml.find(kOpen);
  std::string code;
  if (begin == std::string_view::npos) {
    return code;
  }
  for (const char c : xml.substr(begin + kOpen.size(), kLongest)) {
    if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z')) {
      break;
    }
    code.push_back(c);
  }
  return code;
}

Error error_of(const http::Response& response) {
  const std::string code = code_of(response.body);
  const std::string message =
      "S3 answered " + std::to_string(response.status) + (code.empty() ? std::string() : " (" + code + ")");
  switch (response.status) {
    case 301:
    case 307: {
      const std::string_view region = http::header(response.headers, "x-amz-bucket-region");
      return {ErrorCode::kInvalidArgument,
              message + ": the bucket is in another region" + (region.empty() ? "" : ", " + json_quote(region))};
    }
    case 401:
    case 403:
      return {ErrorCode::kPermission, message};
    case 404:
      return {ErrorCode::kNotFound, message};
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
      return {ErrorCode::kUnavailable, message};
    default:
      return {ErrorCode::kInvalidArgument, message};
  }
}

}  // namespace

Result<S3Uri> parse_s3_uri(std::string_view uri) {
  const std::string_view rest = uri.starts_with(kS3Scheme) ? uri.substr(kS3Scheme.size()) : std::string_view{};
  const std::size_t slash = rest.find('/');
  if (slash == std::string_view::npos || !is_bucket_name(rest.substr(0, slash)) || slash + 1 == rest.size() ||
      rest.size() - slash - 1 > kMaxKeyBytes) {
    return Error{ErrorCode::kInvalidArgument, "expected s3://BUCKET/KEY, got " + json_quote(uri.substr(0, 200))};
  }
  return S3Uri{std::string(rest.substr(0, slash)), std::string(rest.substr(slash + 1))};
}

S3Reader::S3Reader(const S3Uri& object, S3Options options, const http::Url& origin, std::string target)
    : name_(std::string(kS3Scheme) + object.bucket + "/" + object.key),
      options_(std::move(options)),
      origin_(origin),
      target_(std::move(target)),
      client_(origin, options_.client) {}

Result<S3Reader> S3Reader::create(const S3Uri& object, S3Options options) {
  // A bucket whose name has a dot is no single label of a host, which is what S3's certificate is for.
  const bool bucket_in_path = !options.endpoint.empty() || object.bucket.find('.') != std::string::npos;
  std::string endpoint = options.endpoint;
  if (endpoint.empty()) {
    if (options.region.empty()) {
      return Error{ErrorCode::kInvalidArgument, "S3: expected the bucket's region, got nothing"};
    }
    const std::string_view domain = options.region.starts_with("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
    endpoint = "https://" + (bucket_in_path ? std::string() : object.bucket + ".") + "s3." + options.region + "." +
               std::string(domain);
  }
  FACEPIPE_ASSIGN(const http::Url origin, http::parse_url(endpoint));
  std::string target = bucket_in_path ? "/" + object.bucket + "/" : "/";
  target.append(encode_key(object.key));
  return S3Reader(object, std::move(options), origin, std::move(target));
}

Result<http::Response> S3Reader::send_once(std::string_view unless_etag) {
  http::Request request;
  request.method = "GET";
  request.target = target_;
  request.headers = {{"x-amz-content-sha256", sha256_hex({})}};
  if (!unless_etag.empty()) {
    request.headers.emplace_back("if-none-match", unless_etag);
  }
  if (options_.signer != nullptr) {
    FACEPIPE_TRY(options_.signer->sign(request, origin_));
  }
  return options_.transport ? options_.transport(request) : client_.send(request);
}

Result<std::optional<S3Object>> S3Reader::get(std::string_view unless_etag) {
  auto object = retry(options_.retry, options_.environment, [&]() -> Result<std::optional<S3Object>> {
    FACEPIPE_ASSIGN(http::Response response, send_once(unless_etag));
    if (response.status == 304 && !unless_etag.empty()) {
      return std::optional<S3Object>();
    }
    if (response.status != 200) {
      return error_of(response);
    }
    const std::string_view etag = http::header(response.headers, "etag");
    if (etag.empty()) {
      return Error{ErrorCode::kInvalidData, "S3 answered without an entity tag"};
    }
    const std::string_view version = http::header(response.headers, "x-amz-version-id");
    S3Object read{{}, std::string(etag), std::string(version)};
    read.bytes = std::move(response.body);
    return std::optional(std::move(read));
  });
  return std::move(object).with_context(name_);
}

}  // namespace facepipe::aws
