// Authorization headers of Signature Version 4, and the dates and queries beside them: the first line is the header,
// the second x-amz-date, the third the target, the rest the body.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "aws/signing/verify.h"

namespace facepipe {
namespace {

std::string take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string line(text.substr(0, end));
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

void verify(std::string_view input) {
  constexpr Clock::TimePoint kTime{std::chrono::milliseconds{1'440'938'160'000}};  // 2015-08-30T12:36:00Z
  http::Request request;
  request.headers = {{"host", "localhost"}, {"authorization", take_line(input)}, {"x-amz-date", take_line(input)}};
  request.target = take_line(input);
  request.body = input;
  static_cast<void>(aws::parse_authorization(request.headers[1].second));
  const auto secret_of = [](std::string_view) { return std::optional<std::string>("a secret nobody can guess"); };
  static_cast<void>(aws::verify_v4_head(request, "sqs", secret_of, kTime));
  const auto problem = aws::verify_v4(request, "sqs", secret_of, kTime);
  if (!problem) {
    std::abort();  // nobody has signed it
  }
}

}  // namespace
}  // namespace facepipe

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  facepipe::verify({reinterpret_cast<const char*>(data), size});
  return 0;
}
