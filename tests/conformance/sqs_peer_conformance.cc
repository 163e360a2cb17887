// The conformance suite over the wire, against a server that the environment names: AWS_ENDPOINT_URL_SQS (or the one
// for all services), with credentials by the chain, and FACEPIPE_TEST_PEER, which says what is known of the server. Run
// by peers_conformance.py, which starts the servers.
#include <unistd.h>

#include <cstdlib>
#include <map>

#include "aws/credentials/location.h"
#include "wire_backend.h"

namespace facepipe::conformance {
namespace {

// How each server differs from Amazon's.
const std::map<std::string, std::set<Difference>>& peers() {
  static const std::map<std::string, std::set<Difference>> known = {
      {"elasticmq",
       {Difference::kMessageFaultsAreInvalidAttributeValue, Difference::kRemovesOnce,
        Difference::kShortSequenceNumbers}},
      {"moto",
       {Difference::kTakesAnyBody, Difference::kNoSequenceNumbers, Difference::kDuplicateHasItsOwnId,
        Difference::kMayDeliverTwice}},
  };
  return known;
}

std::unique_ptr<QueueBackend> make_peer() {
  const Environment environment = read_environment(environ);
  const std::string peer(value_of(environment, "FACEPIPE_TEST_PEER"));
  const std::string endpoint = aws::find_endpoint(environment, {}, "sqs");
  const auto found = peers().find(peer);
  if (found == peers().end() || endpoint.empty()) {
    ADD_FAILURE() << "expected a known server's name in FACEPIPE_TEST_PEER and its address in AWS_ENDPOINT_URL_SQS";
    std::abort();
  }
  return std::make_unique<WireBackend>(endpoint, environment, found->second);
}

INSTANTIATE_TEST_SUITE_P(Peer, MessageQueueSuite, ::testing::Values(BackendMaker(make_peer)));

}  // namespace
}  // namespace facepipe::conformance
