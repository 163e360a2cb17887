// Tested by opened_queue_test.cc.
#include "aws/sqs/opened_queue.h"

#include <algorithm>
#include <array>
#include <vector>

#include "http/client.h"

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

}  // namespace facepipe::aws
