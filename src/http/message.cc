// Tested by message_test.cc.
#include "http/message.h"

#include <algorithm>

#include "base/hex.h"
#include "base/text.h"

namespace facepipe::http {

std::string_view header(const Headers& headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (key == name) {
      return value;
    }
  }
  return {};
}

std::optional<std::chrono::seconds> retry_after(const Response& response, std::chrono::seconds longest) {
  const auto seconds = parse_number<std::int64_t>(trimmed(header(response.headers, "retry-after")));
  return seconds && *seconds >= 0 ? std::optional(std::min(std::chrono::seconds(*seconds), longest)) : std::nullopt;
}

Response make_response(int status, std::string_view content_type, std::string body) {
  return {status, {{"content-type", std::string(content_type)}}, std::move(body)};
}

std::string_view target_path(std::string_view target) {
  return target.substr(0, target.find_first_of("?#"));
}

std::string_view target_query(std::string_view target) {
  const std::size_t mark = target.find('?');
  if (mark == std::string_view::npos) {
    return {};
  }
  const std::string_view query = target.substr(mark + 1);
  return query.substr(0, query.find('#'));
}

bool has_too_many_pairs(std::string_view form) {
  std::size_t pairs = 0;
  bool between = true;
  for (const char c : form) {
    if (c != '&' && between && ++pairs > kMaxPairs) {
      return true;
    }
    between = c == '&';
  }
  return false;
}

std::vector<std::pair<std::string, std::string>> query_pairs(std::string_view target) {
  return form_pairs(target_query(target));
}

std::vector<std::pair<std::string, std::string>> form_pairs(std::string_view form) {
  std::vector<std::pair<std::string, std::string>> pairs;
  while (!form.empty() && pairs.size() < kMaxPairs) {
    const std::string_view pair = form.substr(0, form.find('&'));
    form.remove_prefix(pair.size() < form.size() ? pair.size() + 1 : pair.size());
    if (pair.empty()) {
      continue;
    }
    const std::size_t equals = pair.find('=');
    const std::string_view value = equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    pairs.emplace_back(percent_decode(pair.substr(0, equals), true), percent_decode(value, true));
  }
  return pairs;
}

}  // namespace facepipe::http
