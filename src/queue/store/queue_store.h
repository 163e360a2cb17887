// The embedded queue service: any number of named queues in one SQLite file, with the semantics of Amazon SQS.
// docs/formats/queue-store.md
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

#include "base/clock.h"
#include "base/result.h"
#include "base/seal.h"
#include "queue/message_queue.h"
#include "queue/queue_attributes.h"
#include "queue/queue_error.h"

namespace facepipe::queue {

class StoreEngine;

// What is stored once, under a key: `value` is what a later sender of the same key is told.
struct Once {
  std::string key;
  std::chrono::seconds window{0};  // for so long the key is known after it was stored, also after a restart. 0: never
  int value = 0;
};

struct StoredOnce {
  int value = 0;
  bool earlier = false;  // the key was known: nothing was stored now
};

struct VisibilityChange {
  std::string receipt_handle;
  std::chrono::seconds timeout{0};
  // Why its work failed: kept as reason_text makes it. The last one goes with the message to the dead-letter queue, as
  // the attribute kReasonAttribute.
  std::optional<std::string> failure = {};
};

inline constexpr std::string_view kQueueFile = "queues.db";  // of a data folder

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
  ~QueueStore();  // waits for the operations under way
  QueueStore(const QueueStore&) = delete;
  QueueStore& operator=(const QueueStore&) = delete;

  // --- queues
  // Idempotent for equal attributes; kQueueNameExists otherwise. kInvalidParameter for a bad name,
  // kInvalidAttributeValue for a value out of range or a dead-letter queue that is absent or of the other type. `tags`:
  // of a queue that is made now, as change_tags.
  [[nodiscard]] Status create_queue(const std::string& name, const QueueAttributes& attributes,
                                    const QueueTags& tags = {});
  // With its messages, and the keys as purge. Queues that name it as their dead-letter queue keep their messages from
  // then on.
  [[nodiscard]] Status delete_queue(const std::string& name);
  [[nodiscard]] Result<QueueAttributes> attributes(const std::string& name);
  // `fifo` cannot change. New delays and retentions: the delay holds for messages sent from now on, the retention for
  // all. A dead-letter queue that is deleted may stay where it is named.
  [[nodiscard]] Status set_attributes(const std::string& name, const QueueAttributes& attributes);
  // The same to what `change` makes of the present ones, or its error; nobody else's change comes between. On the
  // committer's thread, perhaps twice: it must not block, nor call the store.
  using AttributeChange = std::function<Result<QueueAttributes>(const QueueAttributes& present)>;
  [[nodiscard]] Status change_attributes(const std::string& name, const AttributeChange& change);
  [[nodiscard]] Result<QueueStatistics> statistics(const std::string& name);
  [[nodiscard]] Result<std::vector<std::string>> list_queues(const std::string& prefix);  // sorted
  // Names of the queues whose dead-letter queue is `name`, sorted.
  [[nodiscard]] Result<std::vector<std::string>> dead_letter_sources(const std::string& name);
  // Every message is gone afterwards, those in flight too, and no key of what was stored once is known.
  // kPurgeInProgress within 60 s of the last purge.
  [[nodiscard]] Status purge(const std::string& name);
  [[nodiscard]] Result<QueueTags> tags(const std::string& name);
  // Adds or replaces `set`, then removes `removed`; at most 50 tags a queue afterwards, else kInvalidParameter.
  [[nodiscard]] Status change_tags(const std::string& name, const QueueTags& set, std::span<const std::string> removed);

  // --- messages: 1..10 a batch, one result each, in order, in one transaction and so with one flush. After the outer
  // error nothing of the batch is done.
  // As MessageQueue, on the named queue; never blocks to wait for messages (options.wait is ignored).
  [[nodiscard]] Result<std::vector<Result<SentMessage>>> send_batch(const std::string& name,
                                                                    std::span<const OutgoingMessage> messages);
  [[nodiscard]] Result<std::vector<ReceivedMessage>> receive_now(const std::string& name,
                                                                 const ReceiveOptions& options);
  [[nodiscard]] Result<std::vector<Status>> remove_batch(const std::string& name,
                                                         std::span<const std::string> receipt_handles);
  [[nodiscard]] Result<std::vector<Status>> change_visibility_batch(const std::string& name,
                                                                    std::span<const VisibilityChange> changes);
  // Each message is settled with its answer or not at all, whatever becomes of its neighbours. What makes one box
  // answer exactly once: of several workers that hold receipts of one message, the first to complete it wins, and the
  // others get kMessageNotInflight (the message is gone) and nothing of theirs is sent. Without answers no answer queue
  // is needed.
  [[nodiscard]] Result<std::vector<Status>> complete_batch(const std::string& name, const std::string& answer_queue,
                                                           std::span<const Completion> completions);
  // The value under which a key is known; nullopt: it is not.
  [[nodiscard]] Result<std::optional<int>> find_once(const std::string& key);
  // Stores any number of messages, each within the limits of one, and the key in one transaction; after an error none.
  // Where the key is known already nothing is stored. Returns the value of the one that was stored first.
  [[nodiscard]] Result<StoredOnce> send_once(const std::string& name, const Once& once,
                                             std::span<const OutgoingMessage> messages);
  // At most `limit` messages after the first `skip`, in the order of sending; nothing changes by it.
  [[nodiscard]] Result<std::vector<StoredMessage>> peek(const std::string& name, std::int64_t skip, std::int64_t limit);
  // Moves up to `limit` messages of a dead-letter queue, the oldest that can be moved, in order and in one transaction,
  // to `target`, or each back to the queue that it came from if that is empty. There they count as not received yet,
  // and the two attributes above are taken off. Messages in flight stay; so do those whose source is not known or
  // exists no more, and those whose content cannot be read. Returns how many were moved.
  [[nodiscard]] Result<std::int64_t> redrive(const std::string& name, const std::string& target, std::int64_t limit);

  // Whether it takes messages: the error of the last operation that the disk or the file refused, until a trial write
  // succeeds again (tried every second meanwhile). Never blocks.
  [[nodiscard]] Status health();

  // `listener` is called with a queue's name whenever messages of it may have become receivable by a commit (not by the
  // passing of time: next_visible_in). From the committer thread: it must not block, nor call the store.
  using Listener = std::function<void(const std::string& queue)>;
  [[nodiscard]] int add_listener(Listener listener);  // an id for remove_listener
  // After it returns the listener is not running and is never called again. Not from within a listener.
  void remove_listener(int id);
  // How long until the next hidden or delayed message of the queue becomes receivable, 0 if its time has come; nullopt
  // if there is none.
  [[nodiscard]] Result<std::optional<std::chrono::milliseconds>> next_visible_in(const std::string& name);

  // The named queue as a port; the queue must exist. Blocking receive with long poll. The store outlives it.
  [[nodiscard]] std::unique_ptr<MessageQueue> queue(const std::string& name);

 private:
  explicit QueueStore(std::unique_ptr<StoreEngine> engine);

  std::unique_ptr<StoreEngine> engine_;
};

}  // namespace facepipe::queue
