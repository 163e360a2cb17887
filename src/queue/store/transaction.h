// What an operation works with, on the committer's thread.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "base/seal.h"
#include "queue/store/queue_store.h"
#include "queue/store/receipt.h"
#include "queue/store/sqlite.h"

namespace facepipe::queue {

// Per standard queue, the turn of the message that was served last (messages.h). Memory only: after a restart it begins
// at the smallest turn stored, which changes nobody's order.
using ServedTurns = std::map<std::int64_t, std::int64_t>;

struct Transaction {
  Database& database;
  const ReceiptSigner& receipts;
  ServedTurns& served;
  const SealingKey* key;         // null: messages are stored as they are
  std::set<std::string>& woken;  // queues whose messages may have become receivable; told to listeners after the commit
  std::int64_t now_ms;
  const QueueStore::PutAside& on_put_aside;  // may be empty
};

}  // namespace facepipe::queue
