// Queue URLs and ARNs.
#pragma once

#include "base/result.h"

namespace facepipe::serve::sqs {

// The account is part of both: BASE_URL/ACCOUNT/NAME and arn:aws:sqs:REGION:ACCOUNT:NAME.
struct QueueAddresses {
  std::string base_url;  // without a slash at the end
  std::string account_id;
  std::string region;

  [[nodiscard]] std::string url(std::string_view queue) const;
  [[nodiscard]] std::string arn(std::string_view queue) const;
  // The queue's name. Only the path counts: a client may know the server by another name than base_url. kInvalidAddress
  // if it is not .../ACCOUNT/NAME, kQueueDoesNotExist for another account.
  [[nodiscard]] Result<std::string> queue_of_url(std::string_view url) const;
  // kInvalidAttributeValue for what is no ARN of a queue of this account. Any partition and region.
  [[nodiscard]] Result<std::string> queue_of_arn(std::string_view arn) const;
};

// The base URL for a request without a configured one: http:// (or https://) and its Host header, which is checked to
// be a plain host and port ("localhost" otherwise).
[[nodiscard]] std::string base_url_of_host(std::string_view host, bool tls = false);

}  // namespace facepipe::serve::sqs
