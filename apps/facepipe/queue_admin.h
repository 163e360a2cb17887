// Queues as their operator sees them: those of a stopped server's store, or of a server of the SQS API.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "aws_access.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/seal.h"
#include "queue/message.h"

namespace facepipe::app {

struct QueueCounts {
  std::int64_t visible = 0;
  std::int64_t in_flight = 0;
  std::int64_t delayed = 0;
  std::optional<Clock::TimePoint> oldest_sent_at;  // absent: none, or the server does not tell
  std::string dead_letter_queue;                   // absent: empty
  [[nodiscard]] std::int64_t total() const { return visible + in_flight + delayed; }
};

class QueueAdmin {
 public:
  virtual ~QueueAdmin() = default;
  [[nodiscard]] virtual Result<std::vector<std::string>> names() = 0;  // sorted
  [[nodiscard]] virtual Result<QueueCounts> counts(const std::string& name) = 0;
  // The first messages, at most `limit`. A remote queue shows messages only to who receives them: they are received,
  // and put back at once, which counts as a receipt.
  [[nodiscard]] virtual Result<std::vector<queue::StoredMessage>> peek(const std::string& name, std::int64_t limit) = 0;
  // Moves up to `limit` messages; `target` empty: each to the queue that it came from. Returns how many.
  [[nodiscard]] virtual Result<std::int64_t> redrive(const std::string& name, const std::string& target,
                                                     std::int64_t limit) = 0;
  [[nodiscard]] virtual Status purge(const std::string& name) = 0;
};

// The store in a data folder. kUnavailable, with what to do, while a server has it; kNotFound where there is none.
[[nodiscard]] Result<std::unique_ptr<QueueAdmin>> open_local_queues(const std::filesystem::path& data,
                                                                    const std::optional<SealingKey>& key);
// Every queue that the account of an endpoint shows. Nothing is asked yet.
[[nodiscard]] Result<std::unique_ptr<QueueAdmin>> open_remote_queues(const AwsOption& option);

}  // namespace facepipe::app
