// What a queue is set to and what lies on it, in Amazon SQS's terms: pure data.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/clock.h"

namespace facepipe::queue {

// Amazon SQS's attributes with its defaults and limits.
struct QueueAttributes {
  std::chrono::seconds visibility_timeout{30};     // 0..43200
  std::chrono::seconds delay{0};                   // 0..900
  std::chrono::seconds receive_wait{0};            // 0..20
  std::chrono::seconds retention{345'600};         // 60..1209600
  std::int64_t maximum_message_bytes = 1'048'576;  // 1024..1048576, body and attributes together
  std::string dead_letter_queue;                   // name of the redrive target; empty: none
  int max_receive_count = 0;                       // 1..1000 with a dead-letter queue
  bool fifo = false;                               // name ends in ".fifo"; fixed at creation
  bool content_based_deduplication = false;        // FIFO
  friend bool operator==(const QueueAttributes&, const QueueAttributes&) = default;
};

struct QueueStatistics {
  std::int64_t visible = 0;    // ApproximateNumberOfMessages
  std::int64_t in_flight = 0;  // ...NotVisible
  std::int64_t delayed = 0;    // ...Delayed
  Clock::TimePoint created_at;
  Clock::TimePoint modified_at;
  std::optional<Clock::TimePoint> oldest_sent_at;
};

using QueueTags = std::map<std::string, std::string>;

}  // namespace facepipe::queue
