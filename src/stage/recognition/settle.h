// The policy of settling a batch, the same for every queue and for a function's event: which messages are done and
// which have to come again, and when.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "queue/message.h"
#include "stage/recognition/face_handler.h"
#include "stage/recognition/face_work.h"

namespace facepipe::stage {

// "invalid-data: no request id": an error as the reason that a message failed.
[[nodiscard]] std::string reason_of(const Error& error);

// How long a message that failed stays hidden: 2 s, doubled with every receipt, at most 60 s. A passing trouble has
// time to pass before the queue's redrive takes the message. receive_count >= 1; less counts as 1.
[[nodiscard]] std::chrono::seconds retry_delay(int receive_count);

struct Plan {
  struct Again {
    std::size_t message;  // its index in the batch
    std::string reason;
    bool blocked;      // nothing of its own failed: it only waits behind one that did
    bool unavailable;  // what its work needs is away, or a stop ended the wait for it
  };
  std::vector<Completion> completions;  // of the messages that have an answer, in order
  std::vector<Again> again;             // the messages that come again
};
// One outcome a message, in order; a missing one counts as without an answer. In a FIFO queue (messages with a sequence
// number) what follows a failed message of its group comes again too, so that no answer overtakes another of its group.
[[nodiscard]] Plan plan_batch(std::span<const queue::ReceivedMessage> messages, std::span<const FaceOutcome> outcomes,
                              bool fifo_answers);

// Has `stage` recognise the messages' faces and plans what becomes of them. A stage that throws is logged,
// "batch_failed": all of them come again. Without messages nothing is called.
[[nodiscard]] Plan recognize_batch(std::span<const queue::ReceivedMessage> messages, const FaceStage& stage,
                                   const std::stop_token& stop, bool fifo_answers, Logger& logger);

}  // namespace facepipe::stage
