// The embedded queue service: any number of named queues in one SQLite file, with the semantics of Amazon SQS.
// docs/formats/queue-store.md
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "queue/message_queue.h"

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

// Errors that Amazon SQS gives a name of its own; server/sqs maps them to wire codes in one table.
enum class QueueErrorKind {
  kNone,
  kQueueDoesNotExist,
  kQueueNameExists,
  kReceiptHandleIsInvalid,
  kMessageNotInflight,
  kInvalidParameter,
  kMissingParameter,
  kMessageTooLong,
  kInvalidAttributeValue,
  kPurgeInProgress,
};

// One file, one process (a second opener gets kUnavailable). All writes pass through one committer thread that groups
// the operations waiting at that moment into one durable transaction (WAL, synchronous=FULL): a call returns after its
// commit.
class QueueStore {
 public:
  struct Options {
    const Clock* clock = &system_clock();  // outlives the store
  };
  // Creates the file if absent, migrates an older format. kInvalidData for a file that is no store or is corrupt,
  // kUnsupported for a newer format, kUnavailable when another process has it.
  [[nodiscard]] static Result<std::unique_ptr<QueueStore>> open(const std::filesystem::path& file,
                                                                const Options& options);
  virtual ~QueueStore() = default;  // waits for the operations under way

  // Idempotent for equal attributes; kAlreadyExists otherwise.
  [[nodiscard]] virtual Status create_queue(const std::string& name, const QueueAttributes& attributes) = 0;
  [[nodiscard]] virtual Status delete_queue(const std::string& name) = 0;
  [[nodiscard]] virtual Result<QueueAttributes> attributes(const std::string& name) = 0;
  [[nodiscard]] virtual Status set_attributes(const std::string& name, const QueueAttributes& attributes) = 0;
  [[nodiscard]] virtual Result<QueueStatistics> statistics(const std::string& name) = 0;
  [[nodiscard]] virtual Result<std::vector<std::string>> list_queues(const std::string& prefix) = 0;  // sorted
  [[nodiscard]] virtual Status purge(const std::string& name) = 0;

  // As MessageQueue, on the named queue; never blocks to wait for messages (options.wait is ignored).
  [[nodiscard]] virtual Result<std::vector<Result<SentMessage>>> send_batch(
      const std::string& name, std::span<const OutgoingMessage> messages) = 0;
  [[nodiscard]] virtual Result<std::vector<ReceivedMessage>> receive_now(const std::string& name,
                                                                         const ReceiveOptions& options) = 0;
  [[nodiscard]] virtual Result<std::vector<Status>> remove_batch(const std::string& name,
                                                                 std::span<const std::string> receipt_handles) = 0;
  struct VisibilityChange {
    std::string receipt_handle;
    std::chrono::seconds timeout;
  };
  [[nodiscard]] virtual Result<std::vector<Status>> change_visibility_batch(
      const std::string& name, std::span<const VisibilityChange> changes) = 0;
  // Settles a receipt and sends its answers in one transaction: either both happen or neither. What makes one box
  // answer exactly once.
  [[nodiscard]] virtual Status complete(const std::string& name, const std::string& receipt_handle,
                                        const std::string& answer_queue, std::span<const OutgoingMessage> answers) = 0;

  // Calls `listener` (from the committer thread; it must not block) when messages may have become receivable on any
  // queue.
  virtual void set_listener(std::function<void()> listener) = 0;
  // When the next hidden or delayed message of the queue becomes receivable; nullopt if none.
  [[nodiscard]] virtual Result<std::optional<Clock::TimePoint>> next_visible_at(const std::string& name) = 0;

  // The named queue as a port; the queue must exist. Blocking receive with long poll. Outlived by the store.
  [[nodiscard]] virtual std::unique_ptr<MessageQueue> queue(const std::string& name) = 0;
};

}  // namespace facepipe::queue
