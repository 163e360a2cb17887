// Message groups on standard queues: one group's backlog must not hold up the others.
#include <gmock/gmock.h>

#include "queue/store/test_store.h"

namespace facepipe::queue {
namespace {

using ::testing::ElementsAre;

class QueueStoreFairness : public StoreFixture {
 protected:
  QueueStoreFairness() { create("q"); }
  void send_many(const std::string& group, int count) {
    for (int i = 0; i < count; ++i) {
      send_ok("q", message(group + std::to_string(i), group));
    }
  }
};

TEST_F(QueueStoreFairness, OneGroupIsServedInTheOrderOfSending) {
  send_many("a", 4);
  EXPECT_THAT(bodies(receive("q")), ElementsAre("a0", "a1", "a2", "a3"));
  send_many("", 3);
  EXPECT_THAT(bodies(receive("q")), ElementsAre("0", "1", "2"));
}

TEST_F(QueueStoreFairness, GroupsAreServedInRotation) {
  send_many("a", 3);
  send_many("b", 3);
  send_many("c", 2);
  EXPECT_THAT(bodies(receive("q")), ElementsAre("a0", "b0", "c0", "a1", "b1", "c1", "a2", "b2"));
}

TEST_F(QueueStoreFairness, LateComerDoesNotWaitForABacklog) {
  send_many("noisy", 100);
  EXPECT_THAT(bodies(receive("q", 3)), ElementsAre("noisy0", "noisy1", "noisy2"));
  send_many("quiet", 2);
  EXPECT_THAT(bodies(receive("q", 4)), ElementsAre("quiet0", "noisy3", "quiet1", "noisy4"));
}

TEST_F(QueueStoreFairness, HoldsAfterReopening) {
  send_many("noisy", 50);
  receive("q", 10);
  reopen();
  send_many("quiet", 1);
  const auto served = bodies(receive("q", 2));
  EXPECT_THAT(served, ::testing::Contains("quiet0"));
}

TEST_F(QueueStoreFairness, GroupThatWasSilentDoesNotCatchUp) {
  send_many("a", 1);
  receive("q");
  send_many("b", 20);
  receive("q", 10);
  send_many("a", 20);
  std::vector<std::string> served = bodies(receive("q", 10));
  const auto of_b = std::count_if(served.begin(), served.end(), [](const std::string& body) { return body[0] == 'b'; });
  EXPECT_GE(of_b, 4);
  EXPECT_LE(of_b, 6);
}

}  // namespace
}  // namespace facepipe::queue
