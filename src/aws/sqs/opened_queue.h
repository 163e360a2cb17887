// A queue together with what signs for it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "aws/signing/credentials_provider.h"
#include "aws/signing/signer.h"
#include "aws/sqs/sqs_queue.h"

namespace facepipe::aws {

// A queue with what it looks at, destroyed in the order queue, signer, credentials. Keep the whole as long as the queue
// is used.
struct OpenedQueue {
  std::unique_ptr<CredentialsProvider> credentials;  // null: unsigned, or somebody else owns them
  std::unique_ptr<Signer> signer;                    // null: requests go unsigned
  std::unique_ptr<SqsQueue> queue;                   // thread-safe
};

// The region in a queue URL of Amazon's (https://sqs.REGION.amazonaws.com/..., also sqs-fips, VPC endpoints, api.aws,
// and the old queue.amazonaws.com), empty for any other. A URL that is none: empty.
[[nodiscard]] std::string region_of_queue_url(std::string_view queue_url);

}  // namespace facepipe::aws
