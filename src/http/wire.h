// The text of HTTP/1.1 heads that we send: internal to the module.
#pragma once

#include "base/result.h"
#include "http/message.h"

namespace facepipe::http {

// "Bad Gateway" of 502; "Status" of a status that we never send.
[[nodiscard]] std::string_view reason_phrase(int status);
// RFC 9110's token: what a method or a header name may be.
[[nodiscard]] bool is_token(std::string_view text);
// No line break, NUL or other control character but the tab.
[[nodiscard]] bool is_field_value(std::string_view text);
// Whether a comma-separated header value names `token` (lower-case), in any case.
[[nodiscard]] bool has_token(std::string_view value, std::string_view token);

struct ResponseFraming {
  bool keep_alive = true;
  bool http_1_0 = false;
  bool stream = false;  // of no length that is known: in chunks, or until the connection closes
};
// Whether a response of that status has a body at all (RFC 9110: not 1xx, 204, 304).
[[nodiscard]] bool status_has_body(int status);
// Status line and headers up to and with the blank line; content-length or transfer-encoding, date and connection are
// added, and those of `defaults` that the response has not.
[[nodiscard]] std::string response_head(const Response& response, ResponseFraming framing,
                                        const Headers& defaults = {});

// Request line and headers up to and with the blank line. kInvalidArgument naming the part that HTTP does not allow.
[[nodiscard]] Result<std::string> request_head(const Request& request, std::string_view authority);

}  // namespace facepipe::http
