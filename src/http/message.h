// HTTP/1.1 requests and responses as plain data.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace facepipe::http {

using Headers = std::vector<std::pair<std::string, std::string>>;  // names lower-case

// Value of the first header of that (lower-case) name, empty if absent.
[[nodiscard]] std::string_view header(const Headers& headers, std::string_view name);

struct Request {
  std::string method = "GET";
  std::string target = "/";  // path and query, percent-encoded as it came
  Headers headers;
  std::string body;
  std::string peer;  // the client's IP address, set by the server; not sent by the client
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;
};

// What the response asks to wait, `longest` at most: Retry-After in whole seconds. Absent for a date, and anything
// else.
[[nodiscard]] std::optional<std::chrono::seconds> retry_after(const Response& response, std::chrono::seconds longest);

// {"content-type": type} and the body.
[[nodiscard]] Response make_response(int status, std::string_view content_type, std::string body);

// How many pairs a query or a form may hold: an SQS batch of ten messages with ten attributes each has under 500.
inline constexpr std::size_t kMaxPairs = 1'000;
// Whether a form, or a target's query, holds more than that. Linear, nothing is allocated. http::Server answers 400 to
// a target that does; a form is for its reader to refuse.
[[nodiscard]] bool has_too_many_pairs(std::string_view form);
[[nodiscard]] std::string_view target_query(std::string_view target);
// The path of a target, still encoded; and its query's pairs, decoded, in order: the first kMaxPairs.
[[nodiscard]] std::string_view target_path(std::string_view target);
[[nodiscard]] std::vector<std::pair<std::string, std::string>> query_pairs(std::string_view target);
[[nodiscard]] std::vector<std::pair<std::string, std::string>> form_pairs(std::string_view form);

}  // namespace facepipe::http
