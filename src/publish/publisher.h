// The port to an output of events: webhooks, and what comes later (MQTT, an event bus).
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "faces/records.h"

namespace facepipe::publish {

// What became of one sending.
struct Outcome {
  enum class Kind {
    kDelivered,
    kAgain,    // later, as often as the sender likes
    kRefused,  // the receiver does not want this one: a few times more, for it may be the receiver's mistake
    kNever,    // the receiver wants no more of this one
  };
  Kind kind = Kind::kDelivered;
  std::string error = {};                          // of all but kDelivered; no payload, no secret
  std::optional<std::chrono::seconds> after = {};  // the receiver's own wish
  std::optional<int> status = {};                  // of its answer, where it is HTTP's and one came
};

class Publisher {
 public:
  virtual ~Publisher() = default;
  // The output's in the outbox: the same at every start, and without secrets.
  [[nodiscard]] virtual const std::string& name() const = 0;
  // Sends one event, at most once, within seconds. The receiver tells events that come twice apart by NewEvent::key.
  // One thread at a time.
  [[nodiscard]] virtual Outcome send(const faces::Event& event) = 0;
};

}  // namespace facepipe::publish
