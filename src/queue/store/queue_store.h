// The embedded queue service: any number of named queues in one SQLite file, with the semantics of Amazon SQS.
// docs/formats/queue-store.md
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/seal.h"
#include "queue/message_queue.h"
#include "queue/queue_attributes.h"
#include "queue/queue_error.h"

namespace facepipe::queue {

// Time: while the store is open its clock does not jump. Where the system's clock does, all times in the file are moved
// along (at a reopening: if the clock went back), so that no message expires, hides or reappears by it.
//
// One file, one process (a second opener gets kUnavailable). All writes pass through one committer thread that groups
// the operations waiting at that moment into one durable transaction (WAL, synchronous=FULL): a call returns after its
// commit. Thread-safe. Errors have an SQS kind (queue_error.h) where the caller is at fault; otherwise kExhausted (disk
// full: nothing of the call is stored), kInvalidData (the file is damaged) or kUnavailable.
class QueueStore {
 public:
  // `reason` begins with kUnreadableReason; no payload is in it.
  using PutAside =
      std::function<void(const std::string& queue, const std::string& message_id, const std::string& reason)>;
  struct Options {
    const Clock* clock = &system_clock();  // outlives the store
    std::int64_t max_file_bytes = 0;       // the database file grows no further: kExhausted. 0: until the disk is full
    // A time that never jumps, to tell a jump of the clock from its passing. Null: the steady clock beside the system's
    // clock; another clock is taken to never jump.
    std::function<std::chrono::milliseconds()> monotonic = {};
    // Encrypts the messages' bodies and attributes. Once a store had a key it opens with that key only; what lay in it
    // before stays as it was.
    std::optional<SealingKey> key = {};
    // Told of every message that cannot be read and was put aside, on the committer's thread, once more if that commit
    // fails: it must not block, nor call the store. May be empty.
    PutAside on_put_aside = {};
  };
  // Creates the file if absent, migrates an older format. kInvalidData for a file that is no store or is corrupt, or
  // that is missing beside what a repair left (one that can be finished is: interrupted_repair.h),
  // kUnsupported for a newer format, kUnavailable when another process has it, kPermission without the key of an
  // encrypted one, kMismatch with another.
  [[nodiscard]] static Result<std::unique_ptr<QueueStore>> open(const std::filesystem::path& file,
                                                                const Options& options);
  virtual ~QueueStore() = default;  // waits for the operations under way

  // Idempotent for equal attributes; kQueueNameExists otherwise. kInvalidParameter for a bad name,
  // kInvalidAttributeValue for a value out of range or a dead-letter queue that is absent or of the other type.
  [[nodiscard]] virtual Status create_queue(const std::string& name, const QueueAttributes& attributes) = 0;
  // With its messages. Queues that name it as their dead-letter queue keep their messages from then on.
  [[nodiscard]] virtual Status delete_queue(const std::string& name) = 0;
  [[nodiscard]] virtual Result<QueueAttributes> attributes(const std::string& name) = 0;
  // `fifo` cannot change. New delays and retentions: the delay holds for messages sent from now on, the retention for
  // all.
  [[nodiscard]] virtual Status set_attributes(const std::string& name, const QueueAttributes& attributes) = 0;
  [[nodiscard]] virtual Result<QueueStatistics> statistics(const std::string& name) = 0;
  [[nodiscard]] virtual Result<std::vector<std::string>> list_queues(const std::string& prefix) = 0;  // sorted
  // Names of the queues whose dead-letter queue is `name`, sorted.
  [[nodiscard]] virtual Result<std::vector<std::string>> dead_letter_sources(const std::string& name) = 0;
  // Every message is gone afterwards, those in flight too. kPurgeInProgress within 60 s of the last purge.
  [[nodiscard]] virtual Status purge(const std::string& name) = 0;
  [[nodiscard]] virtual Result<QueueTags> tags(const std::string& name) = 0;
  // Adds or replaces `set`, then removes `removed`; at most 50 tags a queue afterwards, else kInvalidParameter.
  [[nodiscard]] virtual Status change_tags(const std::string& name, const QueueTags& set,
                                           std::span<const std::string> removed) = 0;

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
  // answer exactly once: of several workers that hold receipts of one message, the first to complete it wins, and the
  // others get kMessageNotInflight (the message is gone) and nothing of theirs is sent. `answers` may be empty.
  [[nodiscard]] virtual Status complete(const std::string& name, const std::string& receipt_handle,
                                        const std::string& answer_queue, std::span<const OutgoingMessage> answers) = 0;
  struct Completion {
    std::string receipt_handle;
    std::vector<OutgoingMessage> answers;
  };
  // As `complete` for 1..10 receipts in one transaction, so with one flush: each is settled with its answers or not at
  // all, whatever becomes of its neighbours. One result each, in order; after the outer error none of them is settled.
  [[nodiscard]] virtual Result<std::vector<Status>> complete_batch(const std::string& name,
                                                                   const std::string& answer_queue,
                                                                   std::span<const Completion> completions) = 0;

  // Puts a received message back for `timeout`, as change_visibility does, and keeps why its work failed (cut to
  // kMaxReasonBytes, characters that no message may have replaced). The last reason goes with the message to the
  // dead-letter queue, as the attribute kReasonAttribute.
  [[nodiscard]] virtual Status put_back(const std::string& name, const std::string& receipt_handle,
                                        std::chrono::seconds timeout, const std::string& reason) = 0;

  // Frames, each stored once. `key` names a frame and its content; it is known for `window` after it was stored, also
  // after a restart. How many faces a known frame has; nullopt: not known.
  [[nodiscard]] virtual Result<std::optional<int>> find_frame(const std::string& key) = 0;
  struct FrameMessages {
    std::string key;
    std::chrono::seconds window{0};         // 0: nothing is remembered
    std::string queue;                      // of all its messages
    std::vector<OutgoingMessage> messages;  // any number; each within the limits of one message
    int faces = 0;
  };
  // Stores all messages of a frame and its key in one transaction, or, after an error, none. A known frame is not
  // stored again. Returns the number of faces: of the one that was stored first.
  [[nodiscard]] virtual Result<int> send_frame(const FrameMessages& frame) = 0;

  // At most `limit` messages after the first `skip`, in the order of sending; nothing changes by it.
  [[nodiscard]] virtual Result<std::vector<StoredMessage>> peek(const std::string& name, std::int64_t skip,
                                                                std::int64_t limit) = 0;
  // Moves up to `limit` of the oldest messages of a dead-letter queue, in order and in one transaction, to `target`, or
  // each back to the queue that it came from if that is empty. There they count as not received yet, and the two
  // attributes above are taken off. Messages in flight stay; so do those whose source is not known or exists no more,
  // and those whose content cannot be read. Returns how many were moved.
  [[nodiscard]] virtual Result<std::int64_t> redrive(const std::string& name, const std::string& target,
                                                     std::int64_t limit) = 0;

  // Whether it takes messages: the error of the last operation that the disk or the file refused, until a trial write
  // succeeds again (tried every second meanwhile). Never blocks.
  [[nodiscard]] virtual Status health() = 0;

  // `listener` is called with a queue's name whenever messages of it may have become receivable by a commit (not by the
  // passing of time: next_visible_in). From the committer thread: it must not block, nor call the store.
  using Listener = std::function<void(const std::string& queue)>;
  [[nodiscard]] virtual int add_listener(Listener listener) = 0;  // an id for remove_listener
  // After it returns the listener is not running and is never called again. Not from within a listener.
  virtual void remove_listener(int id) = 0;
  // How long until the next hidden or delayed message of the queue becomes receivable, 0 if its time has come; nullopt
  // if there is none.
  [[nodiscard]] virtual Result<std::optional<std::chrono::milliseconds>> next_visible_in(const std::string& name) = 0;

  // The named queue as a port; the queue must exist. Blocking receive with long poll. The store outlives it.
  [[nodiscard]] virtual std::unique_ptr<MessageQueue> queue(const std::string& name) = 0;
};

}  // namespace facepipe::queue
