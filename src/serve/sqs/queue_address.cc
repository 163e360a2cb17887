// Tested by queue_address_test.cc
#include "serve/sqs/queue_address.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "queue/queue_error.h"

namespace facepipe::serve::sqs {
namespace {

using queue::queue_error;
using queue::QueueErrorKind;

constexpr std::size_t kMaxHostLength = 261;  // a DNS name of 255, a colon, a port

}  // namespace

std::string QueueAddresses::url(std::string_view queue) const {
  return base_url + "/" + account_id + "/" + std::string(queue);
}

std::string QueueAddresses::arn(std::string_view queue) const {
  return "arn:aws:sqs:" + region + ":" + account_id + ":" + std::string(queue);
}

Result<std::string> QueueAddresses::queue_of_url(std::string_view url) const {
  const std::size_t scheme = url.find("://");
  const std::string_view rest = scheme == std::string_view::npos ? url : url.substr(scheme + 3);
  const std::vector<std::string_view> parts = split(rest, '/');
  if (parts.size() < 3 || parts.back().empty()) {
    return queue_error(
        QueueErrorKind::kInvalidAddress,
        "The address is not valid for this endpoint: expected a queue URL ending in /" + account_id + "/NAME.");
  }
  if (parts[parts.size() - 2] != account_id) {
    return queue_error(QueueErrorKind::kQueueDoesNotExist,
                       "The specified queue does not exist: this server's account "
                       "is " +
                           account_id + ".");
  }
  return std::string(parts.back());
}

Result<std::string> QueueAddresses::queue_of_arn(std::string_view arn) const {
  const std::vector<std::string_view> parts = split(arn, ':');
  if (parts.size() != 6 || parts[0] != "arn" || parts[2] != "sqs" || parts[4] != account_id || parts[5].empty()) {
    return queue_error(QueueErrorKind::kInvalidAttributeValue,
                       "Value for parameter RedrivePolicy is invalid. Reason: deadLetterTargetArn must be like " +
                           this->arn("NAME") + ".");
  }
  return std::string(parts[5]);
}

std::string base_url_of_host(std::string_view host, bool tls) {
  const bool plain =
      !host.empty() && host.size() <= kMaxHostLength && std::all_of(host.begin(), host.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' ||
               c == '_' || c == ':' || c == '[' || c == ']';
      });
  return (tls ? "https://" : "http://") + (plain ? std::string(host) : std::string("localhost"));
}

}  // namespace facepipe::serve::sqs
