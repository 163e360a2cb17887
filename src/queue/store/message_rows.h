// The tables of messages. Functions run on the committer's thread, inside a transaction.
//
// How the next message is found without looking at those that cannot be served: `ready` is 1 for messages that are
// neither delayed nor in flight (or whose time has come: promote() is called first), and partial indexes hold the ready
// and the hidden ones apart. Among the ready ones the order is `turn`:
// - FIFO queue: the sequence number. Only the head of a group counts; table fifo_group has, per group, the head's turn,
//   or NULL while the group is locked (a message of it is in flight) or its head is delayed. O(log n) a receive
//   whatever the locked groups hold.
// - standard queue: start-time fair queueing over the message groups (P. Goyal, H. Vin, H. Cheng: "Start-time Fair
//   Queuing", SIGCOMM 1996), each message of weight 1: turn = max(turn served last, largest turn of its group + 1). So
//   groups with a backlog are served in rotation, whatever the length of each backlog, and a group that was silent does
//   not catch up. Messages without a group form one group; a queue with one group is served in the order of sending.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "queue/message.h"
#include "queue/store/queue_rows.h"
#include "queue/store/queue_store.h"
#include "sqlite/sqlite.h"

namespace facepipe::queue {

inline constexpr std::int64_t kDeduplicationMs = 300'000;  // SQS: 5 minutes

// "10000000000000000001": 20 digits, increasing with the sequence.
[[nodiscard]] std::string sequence_number(std::int64_t sequence);

// --- send.cc
// Stores one message that validate_message accepts. An error with a kind leaves the store as it was.
[[nodiscard]] Result<SentMessage> send_message(const Transaction& transaction, const QueueRow& queue,
                                               const OutgoingMessage& message);
// The turn of a message that joins the queue now.
[[nodiscard]] Result<std::int64_t> next_turn(const Transaction& transaction, const QueueRow& queue,
                                             const std::string& group_id);

// --- receive.cc
// What can be received now, at most options.max_messages; each becomes hidden for the visibility timeout. Messages past
// the retention are deleted, messages received max_receive_count times move to the dead-letter queue.
[[nodiscard]] Result<std::vector<ReceivedMessage>> receive_messages(const Transaction& transaction,
                                                                    const QueueRow& queue,
                                                                    const ReceiveOptions& options);
// At the opening of the store: what the last process held when it died is ready again, and counts as interrupted.
[[nodiscard]] Status release_held(sqlite::Database& database, std::int64_t now_ms);
// Makes hidden messages whose time has come ready; at most 1,000 a call.
[[nodiscard]] Status promote(const Transaction& transaction, const QueueRow& queue);

// --- settle.cc
enum class RemovalRule {
  kIdempotent,  // a message that is gone already is removed
  kMustExist,   // a message that is gone already is kMessageNotInflight
};
[[nodiscard]] Status remove_message(const Transaction& transaction, const QueueRow& queue, const std::string& handle,
                                    RemovalRule rule);
// Removes the message (RemovalRule::kMustExist) and sends its answer to the named queue. An error with a kind leaves
// the store as it was; after another the transaction must be given up.
[[nodiscard]] Status complete_message(const Transaction& transaction, const QueueRow& queue,
                                      const Completion& completion, const std::string& answer_queue);
[[nodiscard]] Status change_visibility(const Transaction& transaction, const QueueRow& queue,
                                       const VisibilityChange& change);

// --- message_rows.cc
[[nodiscard]] Status delete_message(const Transaction& transaction, const QueueRow& queue, std::int64_t id,
                                    const std::string& group_id);
// And all keys of what was stored once.
[[nodiscard]] Status delete_all_messages(sqlite::Database& database, std::int64_t queue_id);
// Deletes messages past the queue's retention, at most `limit`, oldest first.
[[nodiscard]] Status expire_messages(const Transaction& transaction, const QueueRow& queue, int limit);
// Forgets deduplication ids older than 5 minutes, at most `limit`.
[[nodiscard]] Status expire_deduplication(const Transaction& transaction, int limit);
// Brings the fifo_group row of a group up to date. Nothing on a standard queue.
[[nodiscard]] Status refresh_group(const Transaction& transaction, const QueueRow& queue, const std::string& group_id);
[[nodiscard]] Result<QueueStatistics> statistics(const Transaction& transaction, const QueueRow& queue);
[[nodiscard]] Result<std::optional<std::int64_t>> next_visible_ms(sqlite::Database& database, std::int64_t queue_id);

// --- the keys of what was stored lately, in the table `frame`
// As QueueStore's functions of these names. After an error of send_once its changes must be undone.
[[nodiscard]] Result<std::optional<int>> find_once(const Transaction& transaction, const std::string& key);
[[nodiscard]] Result<StoredOnce> send_once(const Transaction& transaction, const std::string& name, const Once& once,
                                           std::span<const OutgoingMessage> messages);
// Forgets keys whose window has passed, at most `limit`.
[[nodiscard]] Status expire_once(const Transaction& transaction, int limit);

// --- the times in the file as a whole, for when the clock jumps
// Adds `ms` to every time that something still depends on: ages, timeouts, windows.
[[nodiscard]] Status shift_times(sqlite::Database& database, std::int64_t ms);
// The latest time that the store is known to have seen; 0: none.
[[nodiscard]] Result<std::int64_t> last_time_ms(sqlite::Database& database);
// Notes that it has seen this one.
[[nodiscard]] Status note_time(sqlite::Database& database, std::int64_t now_ms);

// --- dead_letters.cc: why a message failed, and the ways to a dead-letter queue and back
// As QueueStore's functions of these names.
[[nodiscard]] Result<std::int64_t> redrive(const Transaction& transaction, const QueueRow& queue,
                                           const std::string& target, std::int64_t limit);
[[nodiscard]] Result<std::vector<StoredMessage>> peek(const Transaction& transaction, const QueueRow& queue,
                                                      std::int64_t skip, std::int64_t limit);
// Moves the message `id`, received `receive_count` times in all, from `source` to its dead-letter queue `target`.
[[nodiscard]] Status move_to_dead_letters(const Transaction& transaction, const QueueRow& source,
                                          const QueueRow& target, std::int64_t id, std::int64_t receive_count,
                                          const std::string& group_id);

}  // namespace facepipe::queue
