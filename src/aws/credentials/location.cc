// Tested by location_test.cc.
#include "aws/credentials/location.h"

#include <algorithm>

#include "aws/sqs/sqs_queue.h"
#include "base/text.h"

namespace facepipe::aws {
namespace {

std::string upper(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return out;
}

}  // namespace

Result<std::string> configured_region(const Environment& environment, const Profiles& profiles) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789-";
  const auto checked = [&](std::string_view region, std::string_view where) -> Result<std::string> {
    if (region.find_first_not_of(kAllowed) != std::string_view::npos || region.size() > 63) {
      return Error{ErrorCode::kInvalidArgument,
                   std::string(where) + ": expected a region such as eu-west-1, got '" + first_line(region) + "'"};
    }
    return std::string(region);
  };
  for (const std::string_view name : {"AWS_REGION", "REGION", "AWS_DEFAULT_REGION"}) {
    if (const std::string_view region = value_of(environment, name); !region.empty()) {
      return checked(region, name);
    }
  }
  return checked(profiles.setting("region"), "region of the profile " + profiles.selected);
}

Result<std::string> find_region(const Environment& environment, const Profiles& profiles, std::string_view queue_url) {
  FACEPIPE_ASSIGN(std::string region, configured_region(environment, profiles));
  if (region.empty()) {
    region = region_of_queue_url(queue_url);
  }
  if (region.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 "expected a region in AWS_REGION, REGION, AWS_DEFAULT_REGION, the profile '" + profiles.selected +
                     "' or the queue URL (https://sqs.REGION.amazonaws.com/...), got none"};
  }
  return region;
}

std::string find_endpoint(const Environment& environment, const Profiles& profiles, std::string_view service) {
  if (is_true(environment, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") ||
      lower(profiles.setting("ignore_configured_endpoint_urls")) == "true") {
    return {};
  }
  for (const std::string& name : {"AWS_ENDPOINT_URL_" + upper(service), std::string("AWS_ENDPOINT_URL")}) {
    if (const std::string_view endpoint = value_of(environment, name); !endpoint.empty()) {
      return std::string(endpoint);
    }
  }
  const auto section = profiles.services.find(profiles.setting("services"));
  if (section != profiles.services.end()) {
    if (const std::string_view endpoint = value_of(section->second, std::string(service) + ".endpoint_url");
        !endpoint.empty()) {
      return std::string(endpoint);
    }
  }
  return std::string(profiles.setting("endpoint_url"));
}

}  // namespace facepipe::aws
