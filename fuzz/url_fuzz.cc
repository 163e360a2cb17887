// URLs that a client is configured with, and S3 objects.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>

#include "aws/s3/s3_object.h"
#include "base/bytes.h"
#include "http/client.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = facepipe::as_text(std::as_bytes(std::span(data, size)));
  if (const auto url = facepipe::http::parse_url(text)) {
    if (url->host.empty() || url->target.empty() || url->port == 0) {
      std::abort();
    }
    static_cast<void>(url->authority());
  }
  static_cast<void>(facepipe::aws::parse_s3_uri(text));
  return 0;
}
