// Credentials in JSON: of a metadata or container endpoint, and of a process.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "aws/credentials/source.h"
#include "base/bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = facepipe::as_text(std::as_bytes(std::span(data, size)));
  for (const auto format : {facepipe::aws::CredentialsFormat::kEndpoint, facepipe::aws::CredentialsFormat::kProcess}) {
    static_cast<void>(facepipe::aws::parse_credentials(text, format));
  }
  return 0;
}
