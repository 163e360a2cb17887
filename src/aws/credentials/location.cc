// Tested by location_test.cc.
#include "aws/credentials/location.h"

#include <algorithm>
#include <array>
#include <vector>

#include "aws/signing/text.h"
#include "base/text.h"

namespace facepipe::aws {
namespace {

bool looks_like_region(std::string_view label) {
  return label.find('-') != std::string_view::npos && label.find_first_of("0123456789") != std::string_view::npos;
}

std::vector<std::string_view> split_host(std::string_view host) {
  std::vector<std::string_view> labels;
  while (true) {
    const std::size_t dot = host.find('.');
    labels.push_back(host.substr(0, dot));
    if (dot == std::string_view::npos) {
      return labels;
    }
    host.remove_prefix(dot + 1);
  }
}

std::string upper(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return out;
}

}  // namespace

std::string region_of_queue_url(std::string_view queue_url) {
  const auto url = http::parse_url(queue_url);
  if (!url) {
    return {};
  }
  const std::string_view host = url->host;
  constexpr std::array<std::string_view, 4> kDomains = {".amazonaws.com", ".amazonaws.com.cn", ".api.aws",
                                                        ".api.amazonwebservices.com.cn"};
  if (std::none_of(kDomains.begin(), kDomains.end(), [&](std::string_view domain) { return host.ends_with(domain); })) {
    return {};
  }
  if (host == "queue.amazonaws.com") {
    return "us-east-1";
  }
  const std::vector<std::string_view> labels = split_host(host);
  for (std::size_t i = 0; i + 1 < labels.size(); ++i) {
    if ((labels[i] == "sqs" || labels[i] == "sqs-fips") && looks_like_region(labels[i + 1])) {
      return std::string(labels[i + 1]);
    }
    if (labels[i + 1] == "queue" && looks_like_region(labels[i])) {
      return std::string(labels[i]);
    }
  }
  return {};
}

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
