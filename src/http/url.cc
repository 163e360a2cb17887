// Parses the http and https URLs of RFC 3986 that a client is configured with. Tested by url_test.cc.
#include <algorithm>

#include "base/text.h"
#include "http/client.h"
#include "http/wire.h"

namespace facepipe::http {
namespace {

constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}
bool is_ipv6_character(char c) {
  return (c >= 'a' && c <= 'f') || (c >= '0' && c <= '9') || c == ':' || c == '.';
}

// The URL as it may stand in a message: secrets tend to lie in the user information and the query.
Error bad_url(std::string_view text, std::string_view why) {
  std::string shown(text.substr(0, std::min<std::size_t>(text.find('?'), 200)));
  if (const std::size_t at = shown.rfind('@'); at != std::string::npos) {
    shown.erase(0, at);
  }
  return Error{ErrorCode::kInvalidArgument,
               "expected a URL such as http://HOST[:PORT]/..., got '" + shown + "': " + std::string(why)};
}

// Takes the scheme off `rest`.
bool take_scheme(std::string_view& rest, Url& url) {
  const std::string scheme = lower(rest.substr(0, rest.find("://")));
  if (scheme != "http" && scheme != "https") {
    return false;
  }
  url.tls = scheme == "https";
  url.port = url.tls ? kHttpsPort : kHttpPort;
  rest.remove_prefix(std::min(rest.size(), scheme.size() + 3));
  return true;
}

}  // namespace

std::string Url::authority() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == (tls ? kHttpsPort : kHttpPort) ? name : name + ":" + std::to_string(port);
}

Result<Url> parse_url(std::string_view text) {
  Url url;
  std::string_view rest = text;
  if (!take_scheme(rest, url)) {
    return bad_url(text, "the scheme is neither http nor https");
  }
  const std::size_t authority_end = std::min(rest.find_first_of("/?#"), rest.size());
  std::string_view authority = rest.substr(0, authority_end);
  std::string_view target = rest.substr(authority_end);
  target = target.substr(0, target.find('#'));
  if (authority.find('@') != std::string_view::npos) {
    return bad_url(text, "user information is not taken");
  }
  const bool ipv6 = authority.starts_with('[');
  const std::size_t host_end = ipv6 ? authority.find(']') : std::min(authority.find(':'), authority.size());
  if (host_end == std::string_view::npos) {
    return bad_url(text, "'[' without ']'");
  }
  url.host = lower(ipv6 ? authority.substr(1, host_end - 1) : authority.substr(0, host_end));
  if (url.host.empty() ||
      !std::all_of(url.host.begin(), url.host.end(), ipv6 ? is_ipv6_character : is_host_character)) {
    return bad_url(text, "no valid host name");
  }
  authority.remove_prefix(ipv6 ? host_end + 1 : host_end);
  if (!authority.empty()) {
    url.port = parse_number<std::uint16_t>(authority.substr(1)).value_or(0);
    if (authority.front() != ':' || url.port == 0) {
      return bad_url(text, "the port is no number from 1 to 65535");
    }
  }
  if (std::any_of(target.begin(), target.end(), [](unsigned char c) { return c <= 0x20 || c >= 0x7F; })) {
    return bad_url(text, "a blank, a control character or one that is not ASCII");
  }
  url.target = target.starts_with('/') ? std::string(target) : "/" + std::string(target);
  return url;
}

}  // namespace facepipe::http
