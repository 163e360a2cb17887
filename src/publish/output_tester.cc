// Tested by output_tester_test.cc, tests/e2e/test_webhooks.py
#include "publish/output_tester.h"

#include "base/json_writer.h"
#include "faces/ids.h"

namespace facepipe::publish {

std::optional<Tested> OutputTester::test(std::string_view who) {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  const auto begin = std::chrono::steady_clock::now();
  if (!lock || (last_ && begin - *last_ < kPause)) {
    return std::nullopt;
  }
  JsonWriter json;
  json.begin_object().key("output").string(output()).key("by").string(who).end_object();
  const faces::Event event{faces::EventId{0},
                           {faces::random_event_key(), std::string(kTestEvent), clock_.now(), std::move(json).text()}};
  Tested tested;
  tested.key = event.what.key;
  tested.outcome = publisher_->send(event);
  last_ = std::chrono::steady_clock::now();
  tested.took = std::chrono::duration_cast<std::chrono::milliseconds>(*last_ - begin);
  return tested;
}

}  // namespace facepipe::publish
